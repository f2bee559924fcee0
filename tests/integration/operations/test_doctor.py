"""`ontime doctor` finds what is broken, says what to do about it, and changes nothing."""

import json
import os
import shutil
from functools import partial

import duckdb
import pytest
from broken_files import of_a_newer_duckdb, open_for_writing
from dbt_project import ROOT
from examined import examined
from sample_files import run_ingest, run_ontime

from engines import versions
from engines.folders import disk_findings
from ontime.locks import exclusive_lock


@pytest.fixture
def look(settings):
    """What the doctor finds of the data folder, beside what is well."""
    return partial(examined, ONTIME_DATA_DIR=str(settings.data_dir))


def state(folder):
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}


def pretend(folder, name, version):
    """A package of another version before all others on the path."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def test_where_all_is_well_it_says_so_and_changes_nothing(loaded):
    duckdb.connect(str(loaded.warehouse_database)).close()
    before = state(loaded.data_dir)
    done = run_ontime(loaded.data_dir, "doctor")
    assert done.returncode == 0, done.stdout
    for check in ("Python", "dbt-core", "dlt", "duckdb", "extension ducklake", "raw", "locks", "disk", "dbt profile"):
        assert f"│ {check} " in done.stdout
    assert "0 problems" in done.stdout
    assert state(loaded.data_dir) == before


def test_an_empty_data_folder_is_no_problem_and_stays_empty(tmp_path):
    done = run_ontime(tmp_path / "data", "doctor", "--json")
    todo = {finding["check"]: finding["todo"] for finding in json.loads(done.stdout) if finding["level"] != "ok"}
    assert done.returncode == 0
    assert todo["raw"] == "nothing is loaded yet, run ontime ingest"
    assert todo["warehouse"] == "build it first with dbt build"
    assert not (tmp_path / "data").exists()


def test_a_problem_ends_with_status_1_and_shows_no_secret(tmp_path):
    variables = {
        "ONTIME_TARGET": "postgres",
        "ONTIME_POSTGRES_PORT": "1",
        "ONTIME_POSTGRES_PASSWORD": "hunter2-hunter2",
    }
    done = run_ontime(tmp_path, "doctor", env=variables | {"COLUMNS": "250"})
    assert done.returncode == 1
    assert "PostgreSQL at 127.0.0.1:1 cannot be reached (Connection refused)" in done.stdout
    assert "start it with ontime server start" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_a_module_that_is_missing_is_a_finding(loaded, tmp_path):
    for name in ("duckdb", "dbt"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise ImportError('no {name} here')")
    done = run_ontime(loaded.data_dir, "doctor", "--json", env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"})
    found = {finding["check"]: finding["found"] for finding in json.loads(done.stdout) if finding["level"] == "problem"}
    assert done.returncode == 1
    assert found["target"] == "ImportError: no duckdb here"
    assert found["dbt profile"] == "ImportError: no dbt here"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "check", "found", "todo"),
    [
        ("ONTIME_DATADIR", "x", "settings", "ONTIME_DATADIR is no setting", "unset it, or call it ONTIME_DATA_DIR"),
        ("ONTIME_THREADS", "many", "settings", "setting ONTIME_THREADS: Input should be a valid integer", "correct it"),
        ("ONTIME_TARGET", "moon", "settings", "setting ONTIME_TARGET: 'moon' is not one of dev", "correct it"),
        ("ONTIME_STORAGE_OPTIONS", "[", "settings", "setting ONTIME_STORAGE_OPTIONS: expected a JSON", "correct it"),
        (
            "ONTIME_MEMORY_LIMIT",
            "lots",
            "settings",
            "setting ONTIME_MEMORY_LIMIT: expected a size as 512MB",
            "correct it",
        ),
        (
            "ONTIME_LANDING_URL",
            "nosuch://b",
            "folder of ONTIME_LANDING_URL",
            "nosuch://b cannot be written",
            "set ONTIME",
        ),
        (
            "ONTIME_DATA_DIR",
            "/proc/here",
            "folder of ONTIME_DATA_DIR",
            "/proc/here cannot be written",
            "set ONTIME_DATA",
        ),
        ("DBT_TARGET", "lake", "dbt profile", "dbt builds on lake by DBT_TARGET, ontime loads into dev", "unset DBT_T"),
    ],
)
def test_a_wrong_variable_is_named(look, loaded, variable, value, check, found, todo):
    problems = look(**{variable: value})
    level, said, advice = problems[check]
    assert level == "problem"
    assert found in said
    assert todo in advice


def test_a_damaged_file_is_told_and_the_rest_is_looked_at(look, loaded):
    loaded.raw_database.write_bytes(b"scratched" * 1000)
    of_a_newer_duckdb(loaded.warehouse_database)
    loaded.published_database.parent.mkdir()
    loaded.published_database.write_bytes(b"")
    problems = look()
    assert problems["raw"][1].startswith(f"{loaded.raw_database} is damaged")
    assert "A database is lost" in problems["raw"][2]
    assert problems["warehouse"][1].startswith(f"{loaded.warehouse_database} is of storage version 99")
    assert problems["published copy"][1].startswith(f"{loaded.published_database} is damaged")
    assert {problems[check][0] for check in ("raw", "warehouse", "published copy")} == {"problem"}


def test_who_is_at_work_is_named(look, loaded):
    duckdb.connect(str(loaded.warehouse_database)).close()
    with (
        exclusive_lock(loaded.data_dir / "ingest.lock", 1, print, "ingest"),
        open_for_writing(loaded.warehouse_database) as process,
    ):
        warnings = look()
    assert warnings["locks"][:2] == ("warning", f"{loaded.data_dir}/ingest.lock: process {os.getpid()} is at work")
    assert warnings["warehouse"] == (
        "warning",
        f"{loaded.warehouse_database} is in use by process {process}",
        "wait for it to end and try again",
    )


def test_what_a_load_that_was_cut_off_left_is_gone_after_the_next(look, loaded, sample):
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute(
            "insert into raw_nycflights13.flights by name"
            " select * replace ('1700000000.5' as _dlt_load_id) from raw_nycflights13.flights limit 7"
        )
    pipelines = loaded.data_dir / "dlt"
    (pipelines / "ontime_nycflights13.running").write_text("")
    (pipelines / "ontime_bts" / "state" / "ontime_bts" / "load" / "normalized" / "1700000000.5").mkdir(parents=True)
    warnings = look()
    assert warnings["dlt packages"][1] == f"pending in {pipelines}: ontime_bts, ontime_nycflights13"
    assert warnings["raw nycflights13"][1] == "7 rows of a load that was cut off"
    assert "run ontime ingest" in warnings["dlt packages"][2]
    assert "run ontime ingest" in warnings["raw nycflights13"][2]
    run_ingest(loaded, origin=str(sample))
    assert not look().keys() & {"dlt packages", "raw nycflights13"}


def test_a_run_that_failed_is_told_until_one_succeeds(look, loaded, sample):
    flights = (sample / "flights.csv").read_text()
    (sample / "flights.csv").write_text("")
    run_ingest(loaded, origin=str(sample))
    assert look()["raw nycflights13"][1] == "its last run failed: flights.csv: the file is empty"
    (sample / "flights.csv").write_text(flights)
    run_ingest(loaded, origin=str(sample))
    assert "raw nycflights13" not in look()


def test_versions_are_compared_with_what_the_project_asks_for(look, tmp_path, monkeypatch):
    pretend(tmp_path, "duckdb", "2.0.0")
    pretend(tmp_path, "dbt-core", "1.11.99")
    pretend(tmp_path, "zipp", "0.1")
    monkeypatch.syspath_prepend(tmp_path)
    found = look()
    assert found["duckdb"][:2] == ("problem", "2.0.0, not ==1.5.5")
    assert found["dbt-core"][0] == "warning"
    assert found["dbt-core"][1].startswith("1.11.99, but ")
    assert found["packages"][:2] == ("warning", "not as requirements/runtime.txt has them: zipp 0.1")
    assert found["packages"][2] == "uv pip install --require-hashes -r requirements/runtime.txt"


def test_a_package_that_is_not_installed_is_a_problem(look, tmp_path, monkeypatch):
    requirements = shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    for name in ("runtime.in", "runtime.txt"):
        path = requirements / name
        path.write_text(f"{path.read_text()}\nno-such-package==1.0\n")
    monkeypatch.setattr(versions, "FOLDER", requirements)
    assert look()["no-such-package"][:2] == ("problem", "not installed")


def test_an_extension_for_another_duckdb_is_told(look, tmp_path, monkeypatch):
    (tmp_path / "duckdb_extension_ducklake").mkdir()
    (tmp_path / "duckdb_extension_ducklake" / "__init__.py").touch()
    broken = tmp_path / "duckdb_extension_httpfs" / "extensions" / f"v{duckdb.__version__}"
    broken.mkdir(parents=True)
    (broken / "httpfs.duckdb_extension").write_bytes(b"scratched" * 1000)
    (tmp_path / "duckdb_extension_httpfs" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    found = look()
    assert found["extension ducklake"] == (
        "warning",
        f"DuckDB's extension ducklake is not one for DuckDB {duckdb.__version__}",
        "run make run",
    )
    assert found["extension httpfs"][1].startswith("DuckDB's extension httpfs does not load (")


def test_a_profile_that_dbt_cannot_read_is_told(look, tmp_path):
    assert look(DBT_PROFILES_DIR=str(tmp_path))["dbt profile"][1] == f"no profiles.yml in {tmp_path}"
    (tmp_path / "profiles.yml").write_text("ontime: [")
    level, found, todo = look(DBT_PROFILES_DIR=str(tmp_path))["dbt profile"]
    assert (level, todo) == ("problem", f"mend {tmp_path}/profiles.yml, or the variable it reads")
    assert "Syntax error near line" in found
    assert "no dbt_project.yml" in look(DBT_PROJECT_DIR=str(tmp_path))["dbt profile"][1]


def test_a_relative_data_folder_outside_the_project_is_warned_of(look, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    level, found, _ = look(ONTIME_DATA_DIR="data")["dbt profile"]
    assert (level, found) == ("warning", f"dbt takes data to be in {ROOT}, ontime in {tmp_path}")


def test_folders_on_other_file_systems_are_tried(look):
    assert not look(ONTIME_LANDING_URL="memory://landing", ONTIME_WORKING_URL="memory://working").keys() & {
        "folder of ONTIME_LANDING_URL",
        "folder of ONTIME_WORKING_URL",
        "dlt packages",
    }


def test_a_disk_with_no_room_is_a_problem(tmp_path):
    (full,) = disk_findings("/proc/somewhere")
    assert (full.level, full.found) == ("problem", "0.0 GB free for /proc/somewhere")
    assert "free space there" in full.todo


def test_java_and_the_cluster_are_looked_at_for_spark(look, tmp_path):
    found = look(ONTIME_TARGET="spark", JAVA_HOME=str(tmp_path))
    assert found["target"][:2] == ("problem", f"there is no Java in JAVA_HOME ({tmp_path})")
    assert "make spark" in found["target"][2]
    found = look(ONTIME_TARGET="spark", ONTIME_SPARK_MASTER="spark://127.0.0.1:1")
    assert found["target"][:2] == ("problem", "spark://127.0.0.1:1 does not answer (Connection refused)")
    assert "target" not in look(ONTIME_TARGET="spark")
