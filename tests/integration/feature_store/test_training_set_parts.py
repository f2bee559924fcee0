"""Every part of a training set has rows, and no clock of a loader decides what they are."""

import fcntl
import json
import shutil
import signal
from datetime import datetime, timedelta

import pytest
from raw_rows import FIRST_LOAD, bts_flight
from training_project import NAME, Project, flights

from feature_store.training_sets.receipt import RECEIPT_FILE
from ontime.settings import Settings
from operations.doctor.leftovers import leftover_findings

AHEAD = datetime(2038, 1, 1)
BEHIND = datetime(1999, 1, 1)
FIRST_HALF, SECOND_HALF = flights(range(1, 15)), flights(range(15, 29))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "data")


@pytest.mark.slow
def test_the_clock_of_who_loaded_neither_hides_nor_changes_anything(project, tmp_path):
    contents = set()
    for name, first, second in (
        ("right", FIRST_LOAD, FIRST_LOAD),
        ("ahead", AHEAD, FIRST_LOAD),
        ("both", BEHIND, AHEAD),
    ):
        other = Project(tmp_path / name)
        other.raw.load("bts", "flights", FIRST_HALF, first)
        other.raw.load("bts", "flights", SECOND_HALF, second)
        receipt = other.create()
        assert (receipt["until_load"], receipt["as_of"], len(receipt["raw_loads"]["raw_bts"])) == (4, None, 2)
        contents.add(receipt["content_sha256"])
    assert len(contents) == 1
    # a later load, by a clock that is behind, is of no set that stands
    other.raw.load("bts", "flights", flights(range(29, 31)), BEHIND)
    assert other.run("verify", NAME).returncode == 0


@pytest.mark.slow
def test_as_of_leaves_out_what_was_loaded_or_known_later(project):
    project.raw.load("bts", "flights", FIRST_HALF)
    project.raw.load("bts", "flights", SECOND_HALF, FIRST_LOAD + timedelta(days=30))
    receipt = project.create("--as-of", f"{FIRST_LOAD + timedelta(days=10):%Y-%m-%d}")
    assert receipt["raw_loads"]["raw_bts"] == ["load-000003"]
    assert receipt["as_of"] == "2014-01-11T00:00:00"
    # one that was loaded later, by a clock that is behind
    project.raw.load("bts", "flights", flights(range(29, 31)), FIRST_LOAD)
    verified = project.run("verify", NAME)
    assert verified.returncode == 0, verified.stderr

    # receipts that are older than the numbers of loads name the loads, and older than questions no question
    del receipt["until_load"], receipt["corrected_later"], receipt["question_version"], receipt["choices"]["question"]
    receipt["definitions"]["trn_departure_delay"] = "of a model that was written by hand"
    (project.set / RECEIPT_FILE).write_text(json.dumps(receipt))
    verified = project.run("verify", NAME)
    assert verified.returncode == 0, verified.stderr
    assert "2014-01-11" in project.run("list").stdout


@pytest.mark.slow
def test_a_label_that_was_corrected_later_costs_its_example_not_the_set(project):
    project.raw.load("bts", "flights", flights(range(1, 29)))
    before = project.create()
    project.raw.load("bts", "flights", [bts_flight("2013-04-02", 1, dep_delay=70, arr_delay=70)], AHEAD)
    done = project.run("create", NAME, "--force")
    assert done.returncode == 0, done.stderr
    after = project.receipt
    assert after["embargo_minutes"] == 120 + 70
    assert after["corrected_later"] == 1
    assert "1 examples left out: their label was corrected after the next part began" in done.stdout
    rows = {part: (before["parts"][part]["rows"], after["parts"][part]["rows"]) for part in before["parts"]}
    assert rows["train"][1] == rows["train"][0] - 1
    assert rows["test"][1] == rows["test"][0]


@pytest.mark.slow
def test_a_part_without_rows_is_refused_with_the_reason_and_nothing_is_written(project):
    project.raw.load("bts", "flights", flights(range(1, 4)))
    done = project.run("create", NAME, "--horizon", "24h")
    assert done.returncode == 1
    line = done.stderr.strip().splitlines()[-1]
    assert "would have no rows, nothing was written; the examples are of 2013-03-31 13:00 to 2013-04-02 13:00" in line
    assert "minutes are left out before each later part" in line
    assert line.endswith("choose a longer period (--start, --end, a later --as-of), or load more")
    assert not project.set.exists()
    assert list(project.set.parent.glob(".*")) == [project.set.parent / ".unfinished-lock"]

    # a month that was corrected as a whole, after it
    project.raw.load("bts", "flights", flights(range(4, 29)))
    corrected = [{**flight, "dep_delay": flight["dep_delay"] + 50} for flight in flights(range(1, 29))]
    project.raw.load("bts", "flights", corrected, FIRST_LOAD + timedelta(days=40))
    done = project.run("create", NAME)
    assert done.returncode == 1
    assert "the part train would have no rows" in done.stderr
    assert "choose an --as-of before the correction was loaded" in done.stderr
    assert project.create("--as-of", "2014-01-02")["corrected_later"] == 0


def unwell_leftovers(project):
    found = leftover_findings(Settings.load(data_dir=project.data_dir))
    return [finding for finding in found if finding.level != "ok"]


@pytest.mark.slow
def test_what_a_kill_left_is_told_and_removed_by_the_next(project, monkeypatch):
    project.raw.load("bts", "flights", flights(range(1, 29)))
    process = project.start("create", NAME)
    assert "building" in process.stderr.readline()
    while not list(project.data_dir.glob("scratch/rebuild-*/ontime.duckdb")):
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = [*project.data_dir.glob("scratch/rebuild-*/"), *project.set.parent.glob(".unfinished-*/")]
    assert len(left) == 2
    for folder in left:
        with (folder / "held").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)  # free when dbt, which it had started, has ended, too
    monkeypatch.chdir(project.folder)
    findings = unwell_leftovers(project)
    assert [finding.level for finding in findings] == ["warning", "warning"]
    assert all(any(str(folder) in finding.found for finding in findings) for folder in left)
    assert all("leave it to the next ontime training-set create" in finding.todo for finding in findings)

    project.create()
    assert not [*project.data_dir.glob("scratch/rebuild-*/"), *project.set.parent.glob(".unfinished-*/")]
    assert unwell_leftovers(project) == []

    # killed when the old set had been put aside and the new one was whole
    unfinished = project.set.parent / ".unfinished-x"
    unfinished.mkdir()
    shutil.copytree(project.set, unfinished / NAME)
    project.set.rename(unfinished / "replaced")
    assert project.run("create", "other").returncode == 0
    assert project.run("verify", NAME).returncode == 0
