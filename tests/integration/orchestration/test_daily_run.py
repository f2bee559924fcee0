"""A day's run: what it says and writes down, and where it goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import duckdb
import pytest
from dbt_project import ROOT, DbtProject
from page_steps import BLOCK
from prezip import NEWER, Prezip, month_csv, serve, zipped
from sample_files import ONTIME, run_ingest, run_ontime, start_ontime

from ingestion.run import LOCK_FILE as INGEST_LOCK
from ontime.locks import exclusive_lock, holder, wait_until
from ontime.months import Month, Period
from ontime.settings import Settings
from operations.status.day import LOCK_FILE, DayState, day_file
from orchestration.daily import STOPPED, run_daily
from orchestration.journal import MOST_BYTES, OLDER_FILES, log_file, open_journal
from orchestration.steps import Step, steps_to_run

HOW_TO = ROOT / "docs" / "how-to-run-every-day.md"
# real commands that take no time; the second fails until something is loaded
STEPS = (
    Step("version", "tells its version", "ontime --version"),
    Step("status", "tells what is loaded", "ontime status"),
    Step("prune", "needs what is loaded", "ontime landing prune", needs=("status",)),
    Step("last", "comes after it", "ontime --version", follows=("status",)),
)


def statuses(done):
    return {run.name: run.status for run in done.steps}


def events(settings):
    return [json.loads(line) for line in log_file(settings).read_text().splitlines()]


def run(settings, steps=STEPS, **options):
    return run_daily(settings, steps, print, **{"restart": False} | options)


@pytest.fixture
def held_up(settings, monkeypatch):
    """A data folder in which a run of a day was held up."""
    monkeypatch.setenv("ONTIME_DATA_DIR", str(settings.data_dir))
    return settings, run(settings)


def test_a_step_that_fails_holds_up_those_that_need_it_and_nobody_else(held_up):
    settings, done = held_up
    assert statuses(done) == {"version": "done", "status": "failed", "prune": "skipped", "last": "done"}
    assert not done.is_well
    told = {event["step"]: event for event in events(settings) if event["event"] == "step ended"}
    assert (
        told["status"]["error"] == f"{settings.raw_database} does not exist: nothing is loaded yet, run ontime ingest"
    )
    assert told["prune"]["error"] == "status did not end well"
    assert [event["status"] for event in events(settings) if event["event"] == "run ended"] == ["failed"]
    assert all(event["at"] and event["run"] == done.run_id for event in events(settings))
    (page,) = [text for language, _, text in BLOCK.findall(HOW_TO.read_text()) if language == "python"]
    asked = subprocess.run(
        [sys.executable, "-c", page], cwd=settings.data_dir.parent, capture_output=True, text=True, check=True
    )
    assert all(f"│ {step.name} " in asked.stdout for step in STEPS)


def test_the_next_run_goes_on_there(held_up, sample):
    settings, done = held_up
    run_ingest(settings, origin=str(sample))
    assert statuses(run(settings)) == {"status": "done", "prune": "done", "last": "done"}
    state = DayState.read(day_file(settings))
    assert {found.status for found in state.steps.values()} == {"done"}
    assert steps_to_run(STEPS, state, done.day) == list(STEPS)
    assert state.succeeded_at


def test_a_second_run_does_not_work_beside_the_first(settings):
    with exclusive_lock(settings.data_dir / LOCK_FILE, 0, print, "daily run"):
        done = run_ontime(settings.data_dir, "run-daily", env={"ONTIME_LOCK_TIMEOUT_SECONDS": "0"})
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: another daily run (process {os.getpid()}) works on {settings.data_dir}")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_what_a_run_started_ends_with_it(settings, sign):
    with exclusive_lock(settings.data_dir / INGEST_LOCK, 0, print, "ingest"):
        process = start_ontime(settings.data_dir, "run-daily", "--sources", "reference")
        for line in process.stderr:
            if "waiting for another ingest" in line:
                break
        process.send_signal(sign)
        process.communicate()
        assert process.returncode == (STOPPED if sign == signal.SIGTERM else -sign)
        assert wait_until(lambda: holder(settings.data_dir / LOCK_FILE) is None, 20, lambda: None)
    assert DayState.read(day_file(settings)).steps["ingest_reference"].status == "running"
    assert events(settings)[-1]["event"] == ("step stopped" if sign == signal.SIGTERM else "step started")


def test_the_log_shows_no_secret_and_its_files_take_turns(settings, monkeypatch):
    monkeypatch.setenv("ONTIME_KAFKA_SASL_PASSWORD", "hunter2-hunter2")
    with open_journal(settings, "1") as journal:
        for number in range(3):
            journal.note("step ended", error=f"{number} hunter2-hunter2 " + "x" * (MOST_BYTES // 2))
    files = sorted(log_file(settings).parent.iterdir())
    assert [file.name for file in files] == ["daily.jsonl", "daily.jsonl.1", "daily.jsonl.2"]
    assert len(files) < OLDER_FILES
    assert not any("hunter2" in file.read_text() for file in files)


def test_steps_are_told_without_running_any(tmp_path):
    listed = json.loads(run_ontime(tmp_path, "run-daily", "--sources", "bts", "--list", "--json").stdout)
    assert [step["name"] for step in listed] == ["ingest_bts", "build", "publish", "materialize", "parity", "docs"]
    assert listed[0]["command"] == "ontime ingest bts --new --json"
    shown = run_ontime(tmp_path, "run-daily", "--step", "build", "--dry-run")
    assert "dbt build --selector" in shown.stdout
    assert "publish" not in shown.stdout
    assert list(tmp_path.iterdir()) == []


def test_one_step_alone_leaves_the_day_as_it_is(tmp_path):
    done = run_ontime(tmp_path, "run-daily", "--step", "publish", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["is_well"], [run["status"] for run in told["steps"]]) == (False, ["failed"])
    assert done.stderr.splitlines()[-1].startswith("error: publish failed: ")
    assert not (tmp_path / "daily.json").exists()


@pytest.mark.slow
def test_an_ordinary_run_after_a_kill_in_the_middle_of_a_build_gives_what_an_undisturbed_one_gives(
    dev_warehouse, tmp_path
):
    data = tmp_path / "data"
    shutil.copytree(dev_warehouse.settings.data_dir, data, ignore=shutil.ignore_patterns("sample", "target", "scratch"))
    settings = Settings(data_dir=data)
    with serve(Prezip()) as prezip:
        prezip.files = {NEWER.format(2013, month): zipped(month_csv(month)) for month in (7, 8)}
        run_ingest(settings, "bts", origin=prezip.url, period=Period(Month(2013, 7), Month(2013, 7)))
        shutil.copytree(data, tmp_path / "undisturbed")
        env = {
            "ONTIME_BTS_BASE_URL": prezip.url,
            "DBT_TARGET_PATH": str(data / "target"),
            "DBT_PROFILES_DIR": str(ROOT),
            # what tests look at is built all the same
            "DBT_EXCLUDE_RESOURCE_TYPES": "test unit_test",
        }
        kill_in_the_build(data, env)
        assert json.loads((data / "daily.json").read_text())["steps"]["build"]["status"] == "running"
        done = run_ontime(data, "run-daily", "--sources", "bts", "--json", env=env)
    assert done.returncode == 0, done.stderr
    assert [step["name"] for step in json.loads(done.stdout)["steps"]] == [
        "build",
        "publish",
        "materialize",
        "parity",
        "docs",
    ]
    undisturbed = DbtProject(tmp_path / "undisturbed")
    shutil.copy(settings.raw_database, undisturbed.data_dir / "raw.duckdb")
    undisturbed.run("build", "--exclude-resource-type", "test", "unit_test")
    assert differing_tables(settings.warehouse_database, undisturbed.database) == []
    ((flights,),) = undisturbed.query("select count(*) from marts.fct_flights where flight_date >= '2013-08-01'")
    assert flights > 0


def kill_in_the_build(data, env):
    """Kill a run, and it alone, once the build has begun with its tables."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONTIME_")}
    process = subprocess.Popen(
        [sys.executable, ONTIME, "run-daily", "--sources", "bts"],
        cwd=ROOT,
        env=inherited | env | {"ONTIME_DATA_DIR": str(data)},
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:
        if " of " in line and line.startswith("  build: "):
            break
    time.sleep(1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()
    assert process.returncode == -signal.SIGKILL


def differing_tables(one, other):
    """The public tables that do not hold the same rows."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        tables = connection.execute(
            "select distinct schema_name || '.' || table_name from duckdb_tables()"
            " where schema_name in ('marts', 'reports', 'features', 'training') order by 1"
        ).fetchall()
        assert len(tables) > 20
        return [
            name
            for (name,) in tables
            if connection.execute(
                f"select count(*) from ((select * from one.{name} except all select * from other.{name})"
                f" union all (select * from other.{name} except all select * from one.{name}))"
            ).fetchone()
            != (0,)
        ]
