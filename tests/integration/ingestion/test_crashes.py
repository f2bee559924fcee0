import signal
import time

import duckdb
import pytest
from sample_files import flight_lines, query, run_ingest, run_ontime, start_ontime, write_sample
from small_disk import assert_told_in_one_line, small_disk

from ingestion.landing import Landing
from ingestion.raw.lineage import BOOKKEEPING
from ingestion.registry import source
from ontime.settings import Settings
from operations.status.state import read_status

TABLES = [table.name for table in (*source("nycflights13").tables, *BOOKKEEPING)]


def raw_counts(settings):
    return {
        name: query(settings.raw_database, f"select count(*) from raw_nycflights13.{name}")[0][0] for name in TABLES
    }


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_and_doubles_nothing(settings, tmp_path):
    sample = write_sample(tmp_path / "sample", flight_lines(150_000))
    whole = {"flights": 150_000, "weather": 1, "planes": 1, "airports": 1, "airlines": 1} | {
        "loaded_files": 5,
        "quarantine": 0,
        "damaged_values": 0,
    }
    command = ("ingest", "nycflights13", "--from", str(sample))
    started = time.monotonic()
    start_ontime(tmp_path / "undisturbed", *command).communicate()
    duration = time.monotonic() - started
    killed = 0
    for eighth in range(8):
        process = start_ontime(settings.data_dir, *command)
        time.sleep(duration * (eighth + 0.5) / 8)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
    assert killed >= 3
    run_ingest(settings, origin=str(sample))
    assert raw_counts(settings) == whole
    (run,) = run_ingest(settings, origin=str(sample))
    assert run.status == "unchanged"
    assert raw_counts(settings) == whole


@pytest.mark.slow
def test_kills_during_a_reload_never_harm_what_was_loaded(loaded, tmp_path):
    sample = write_sample(tmp_path / "more", flight_lines(150_000))
    for seconds in (0.8, 1.2, 1.6, 2.0, 2.4, 3.0):
        process = start_ontime(loaded.data_dir, "ingest", "nycflights13", "--from", str(sample))
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        completed = query(
            loaded.raw_database,
            "select count(*) from raw_nycflights13.flights where _dlt_load_id in"
            " (select load_id from raw_nycflights13._dlt_loads where status = 0)",
        )
        assert completed in ([(400,)], [(150_400,)])
    run_ingest(loaded, origin=str(sample))
    assert raw_counts(loaded)["flights"] == 150_400


def test_rows_of_a_load_that_never_completed_are_removed(loaded, sample):
    before = raw_counts(loaded)
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute(
            "insert into raw_nycflights13.flights by name"
            " select * replace ('1700000000.5' as _dlt_load_id) from raw_nycflights13.flights limit 7"
        )
        connection.execute(
            "insert into raw_nycflights13.loaded_files by name"
            " select * replace ('1700000000.5' as _dlt_load_id, 'other' as sha256) from raw_nycflights13.loaded_files"
        )
        connection.execute(
            "insert into raw_nycflights13.damaged_values by name"
            " select file, 'dep_time' as column_name, 1 as value_count, '1700000000.5' as _dlt_load_id"
            " from raw_nycflights13.loaded_files limit 3"
        )
    (status,) = [state for state in read_status(loaded, print).sources if state.name == "nycflights13"]
    assert (status.unfinished_rows, status.loaded.damaged_values) == (15, 0)
    lines = []
    (run,) = run_ingest(loaded, progress=lines.append, origin=str(sample))
    assert "nycflights13: removed 15 rows of a load that was cut off" in lines
    assert (run.status, raw_counts(loaded)) == ("unchanged", before)


def test_damaged_values_of_whole_loads_are_no_rows_of_a_load_that_was_cut_off(loaded, sample):
    write_sample(sample, [*flight_lines(400), flight_lines(1)[0].replace(",227,", ",long,")])
    run_ingest(loaded, origin=str(sample))
    before = raw_counts(loaded)
    (status,) = [state for state in read_status(loaded, print).sources if state.name == "nycflights13"]
    assert (status.unfinished_rows, status.loaded.damaged_values) == (0, 1)
    lines = []
    run_ingest(loaded, progress=lines.append, origin=str(sample))
    assert not [line for line in lines if "cut off" in line]
    assert raw_counts(loaded) == before


def test_a_load_that_committed_its_rows_but_not_itself_is_loaded_again(loaded, sample):
    before = raw_counts(loaded)
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute(
            "delete from raw_nycflights13._dlt_loads"
            " where load_id in (select _dlt_load_id from raw_nycflights13.loaded_files)"
        )
    (run,) = run_ingest(loaded, origin=str(sample))
    assert (run.status, run.files) == ("loaded", 5)
    assert raw_counts(loaded) == before


def test_packages_that_were_left_behind_are_not_resumed(loaded, sample):
    state = loaded.data_dir / "dlt" / "ontime_nycflights13" / "state"
    pending = state / "ontime_nycflights13" / "normalize" / "extracted" / "1700000000.5"
    pending.mkdir(parents=True)
    (pending / "flights.0123456789.0.parquet").write_bytes(b"cut off")
    (loaded.data_dir / "dlt" / "ontime_nycflights13.running").write_text("")
    write_sample(sample, flight_lines(401))
    (run,) = run_ingest(loaded, origin=str(sample))
    assert (run.status, run.rows) == ("loaded", 401)
    assert not pending.exists()


def test_a_file_that_landed_but_was_not_loaded_is_loaded(settings, sample):
    landing = Landing(settings)
    for path in sample.iterdir():
        landing.keep("nycflights13", None, path.name, path, f"nycflights13/data/{path.name}")
    (run,) = run_ingest(settings, origin=str(sample))
    assert (run.status, run.files) == ("loaded", 5)
    assert {file.status for file in landing.files("nycflights13")} == {"loaded"}


@pytest.mark.slow
def test_a_full_disk_is_told_in_one_line_and_mended_by_the_next(sample, tmp_path):
    many = write_sample(tmp_path / "many", flight_lines(60_000))
    with small_disk(tmp_path / "disk") as disk:
        settings = Settings(data_dir=disk.folder / "data")

        def ingest(folder, **variables):
            return run_ontime(settings.data_dir, "ingest", "nycflights13", "--from", str(folder), env=variables)

        disk.leave(50_000)
        assert_told_in_one_line(ingest(sample), r"\S.*")
        disk.make_room()
        run_ingest(settings, origin=str(sample))
        whole = raw_counts(settings)
        assert whole["flights"] == 400

        disk.leave(100_000)
        assert_told_in_one_line(ingest(many), rf"{settings.data_dir}/landing/\S+")
        elsewhere = {"ONTIME_LANDING_URL": str(tmp_path / "landing"), "ONTIME_WORKING_URL": str(tmp_path / "working")}
        database = rf"{settings.raw_database}(\.wal)?"
        assert_told_in_one_line(ingest(many, **elsewhere), database if disk.is_mounted else r"\S+")
        disk.make_room()
        assert raw_counts(settings) == whole
        run_ingest(settings, origin=str(many))
        assert raw_counts(settings) == whole | {"flights": 60_400, "loaded_files": whole["loaded_files"] + 1}
