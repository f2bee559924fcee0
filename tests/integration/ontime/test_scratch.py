"""What a process that is killed leaves is known by who made it, and goes with the next run of the same command."""

import multiprocessing
import os
import re
import signal
import tempfile
import time

import pytest
from sample_files import flight_lines, run_ingest, run_ontime, start_ontime, write_sample

from ontime.scratch import UNFINISHED_SET, at_work, scratch_folder, work_folder
from operations.doctor.leftovers import leftover_findings


def _work(settings, entered, hold):
    with work_folder(settings, "rebuild") as scratch:
        (scratch.path / "big").write_bytes(b"x" * 2_000_000)
        with tempfile.TemporaryDirectory():
            entered.set()
            hold.wait(60)


@pytest.fixture
def worker(settings):
    """A process that works in a folder for rebuilds."""
    context = multiprocessing.get_context("spawn")
    entered, hold = context.Event(), context.Event()
    process = context.Process(target=_work, args=(settings, entered, hold))
    process.start()
    assert entered.wait(60)
    yield process
    process.kill()
    process.join()


def scratch_folders(settings):
    return [path for path in settings.scratch_dir.iterdir() if path.is_dir()]


def found(settings):
    return [(finding.level, finding.found, finding.todo) for finding in leftover_findings(settings)]


def wait_for(happened):
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_folder_of_a_process_at_work_is_told_and_left_alone(settings, worker):
    (folder,) = scratch_folders(settings)
    (told, nothing) = found(settings)
    assert told == (
        "ok",
        f"{folder}, 2.0 MB: process {worker.pid} is at work, or a program that it started",
        "",
    )
    assert nothing[:2] == ("ok", f"none in {settings.scratch_dir} and beside the data")
    with work_folder(settings, "rebuild"):
        assert folder in scratch_folders(settings)
        assert len(scratch_folders(settings)) == 2


def test_what_a_killed_process_left_is_told_and_goes_with_the_next_run_of_that_command(settings, worker):
    (folder,) = scratch_folders(settings)
    assert [path for path in folder.iterdir() if path.is_dir()], "temporary folders stand elsewhere"
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    assert found(settings) == [
        (
            "warning",
            f"{folder}, 2.0 MB: left by process {worker.pid}, which is no more",
            "remove it, or leave it to the next ontime training-set create or verify",
        )
    ]
    with work_folder(settings, "ingest"):
        assert folder.exists()
    with work_folder(settings, "rebuild"):
        assert not folder.exists()
    assert scratch_folders(settings) == []


def test_who_works_is_known_by_the_command(settings, worker):
    assert at_work(settings, "rebuild") == f"process {worker.pid}"
    assert at_work(settings, "dbt") is None


def test_half_of_a_training_set_and_half_files_are_told(settings):
    sets = settings.data_dir / "training_sets"
    published = settings.published_database.parent
    landing = settings.data_dir / "landing" / "bts" / "2013-01"
    for folder in (sets, published, landing):
        folder.mkdir(parents=True)
    with scratch_folder(sets, UNFINISHED_SET) as scratch:
        assert [level for level, *_ in found(settings)] == ["ok", "ok"]
    (scratch.path).mkdir()
    half = [scratch.path, published / "ontime.duckdb.new", landing / "0123456789ab-x.zip.part"]
    for path in half[1:]:
        path.write_bytes(b"half")
    told = found(settings)
    assert [level for level, *_ in told] == ["warning"] * 3
    for path, (_, said, _) in zip(half, told, strict=True):
        assert said.startswith(f"{path}, 0.0 MB: left by ")


@pytest.mark.slow
def test_an_ingest_that_was_killed_leaves_nothing_after_the_next(settings, sample, tmp_path):
    many = write_sample(tmp_path / "many", flight_lines(100_000))
    process = start_ontime(settings.data_dir, "ingest", "nycflights13", "--from", str(many))
    wait_for(lambda: list(settings.scratch_dir.glob("ingest-*/*/*")))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    part = settings.data_dir / "landing" / "nycflights13" / "half.csv.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.touch()
    told = run_ontime(settings.data_dir, "doctor", "--json", env={"COLUMNS": "200"}).stdout
    assert re.search(rf"scratch/ingest-\w+, [0-9.]+ MB: left by process {process.pid}, which is no more", told)
    assert "remove it, or leave it to the next ontime ingest" in told
    run_ingest(settings, origin=str(sample))
    assert scratch_folders(settings) == []
    assert not part.exists()


def test_scratch_is_where_the_setting_says(settings, sample, tmp_path):
    elsewhere = settings.model_copy(update={"scratch_dir": tmp_path / "elsewhere"})
    run_ingest(elsewhere, origin=str(sample))
    assert (tmp_path / "elsewhere" / "ingest-lock").exists()
    assert not settings.scratch_dir.exists()
    assert tempfile.gettempdir() != str(tmp_path / "elsewhere")
