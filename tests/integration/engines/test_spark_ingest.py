"""Raw as Parquet files holds what it holds on dev, whatever happens on the way; no Spark is needed for it."""

import shutil
import signal
import time

import duckdb
import pytest
from sample_files import flight_lines, query, run_ingest, run_ontime, start_ontime, write_sample

from engines.spark.destination import raw_folder
from engines.targets import engine, open_raw
from ingestion.raw.lineage import BOOKKEEPING, stored_columns
from ingestion.registry import source
from ontime.errors import OntimeError
from ontime.settings import Settings
from operations.status.state import read_status

TABLES = [table.name for table in (*source("nycflights13").tables, *BOOKKEEPING)]


@pytest.fixture
def on_spark(tmp_path):
    return Settings(target="spark", data_dir=tmp_path / "spark")


def rows(settings, sql):
    with open_raw(settings, print, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def counts(settings):
    return {name: rows(settings, f"select count(*) from raw_nycflights13.{name}")[0][0] for name in TABLES}


def flight_files(settings):
    return sorted((raw_folder(settings) / "raw_nycflights13" / "flights").iterdir())


def test_raw_rows_are_those_of_dev_type_for_type(on_spark, loaded, sample):
    (run,) = run_ingest(on_spark, origin=str(sample))
    assert (run.status, run.files) == ("loaded", 5)
    for table in source("nycflights13").tables:
        columns = [column.name for column in stored_columns(table) if column.name != "_dlt_load_id"]
        select = f"select {', '.join(columns)} from raw_nycflights13.{table.name} order by _source_file, _source_line"
        assert rows(on_spark, select) == query(loaded.raw_database, select)
        types = f"select typeof(columns(*)) from ({select}) limit 1"
        assert rows(on_spark, types) == query(loaded.raw_database, types)


def test_what_is_loaded_is_not_loaded_again_and_status_tells_of_it(on_spark, sample):
    run_ingest(on_spark, origin=str(sample))
    write_sample(sample, flight_lines(401))
    assert [run.rows for run in run_ingest(on_spark, origin=str(sample))] == [401]
    assert [run.status for run in run_ingest(on_spark, origin=str(sample))] == ["unchanged"]
    (status,) = [state for state in read_status(on_spark, print).sources if state.name == "nycflights13"]
    assert (status.loaded.files, status.loaded.rows, status.unfinished_rows) == (6, 805, 0)
    assert status.last_run["status"] == "unchanged"
    assert len(rows(on_spark, "select run_id from raw_ops.ingest_runs")) == 3


def test_files_of_a_load_that_was_cut_off_do_not_count_and_are_removed(on_spark, sample):
    run_ingest(on_spark, origin=str(sample))
    before, files = counts(on_spark), flight_files(on_spark)
    whole = files[-1].with_name("1700000000.5.whole.parquet")
    shutil.copy(files[-1], whole)
    torn = files[-1].with_name("1700000000.5.torn.parquet")
    torn.write_bytes(files[-1].read_bytes()[:1000])
    load = raw_folder(on_spark) / "raw_nycflights13" / "_dlt_loads" / "nycflights13__1700000000.5.jsonl"
    load.write_text('{"load_id":"1700000000.5","schema_na')
    assert counts(on_spark) == before
    run_ingest(on_spark, origin=str(sample))
    assert counts(on_spark) == before
    assert flight_files(on_spark) == files


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_and_doubles_nothing(on_spark, tmp_path):
    sample = write_sample(tmp_path / "many", flight_lines(150_000))
    command = ("ingest", "nycflights13", "--from", str(sample))
    run_ingest(on_spark, "reference")
    killed = 0
    for seconds in (1.2, 1.7, 2.2, 2.7):
        process = start_ontime(on_spark.data_dir, *command, env={"ONTIME_TARGET": "spark"})
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        assert rows(on_spark, "select count(*) from raw_nycflights13.flights") in ([(0,)], [(150_000,)])
    assert killed >= 2
    run_ingest(on_spark, origin=str(sample))
    whole = dict.fromkeys(TABLES, 1) | {"flights": 150_000, "loaded_files": 5, "quarantine": 0, "damaged_values": 0}
    assert counts(on_spark) == whole


def test_a_second_loader_waits_for_the_first(on_spark, tmp_path):
    shared = on_spark.data_dir / "spark"
    elsewhere = Settings(target="spark", data_dir=tmp_path / "elsewhere", spark_dir=shared, lock_timeout_seconds=0.3)
    lines = []
    with (
        open_raw(on_spark, print),
        pytest.raises(OntimeError, match=r"another ingest .* works on .*: wait for it to end and try again"),
        open_raw(elsewhere, lines.append),
    ):
        pass
    assert len(lines) == 1


def test_whatever_is_missing_names_the_command_that_makes_it(on_spark, sample):
    done = run_ontime(on_spark.data_dir, "status", env={"ONTIME_TARGET": "spark"})
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "nothing is loaded yet, run ontime ingest" in done.stderr
    run_ingest(on_spark, origin=str(sample))
    done = run_ontime(on_spark.data_dir, "publish", env={"ONTIME_TARGET": "spark"})
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "holds no marts: build them first with dbt build" in done.stderr


def test_raw_is_given_as_a_database_to_those_who_rebuild_from_it(on_spark, sample, tmp_path):
    run_ingest(on_spark, origin=str(sample))
    given = tmp_path / "raw.duckdb"
    assert engine(on_spark).give_raw(on_spark, given) is None
    with duckdb.connect(str(given), read_only=True) as connection:
        assert connection.sql("select count(*) from raw_nycflights13.flights").fetchall() == [(400,)]
        assert connection.sql("select count(*) from raw_asos.observations").fetchall() == [(0,)]
