"""The whole project on the lake, with readers and a writer at once."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from dbt_project import ROOT
from sample_files import run_ingest

from engines.targets import open_raw, open_warehouse
from operations.lake import upkeep as lake_upkeep
from operations.status.state import read_status

pytestmark = pytest.mark.slow
NOW = timedelta(0)
TOTALS = "select (select count(*) from marts.fct_flights), (select sum(flight_count) from reports.{report})"
REPORT = "rpt_carrier_on_time_monthly"
# a process that reads the facts thrice in each transaction until it is told to stop
READER = """
import json, select, sys
from engines.targets import open_warehouse
from ontime.settings import Settings

reads, states = 0, set()
print("reading", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    with open_warehouse(Settings.load(), print) as connection:
        for _ in range(5):
            connection.execute("begin")
            states.add(tuple(
                connection.execute(f"select count({what}) from marts.fct_flights").fetchall()[0][0]
                for what in ("*", "distinct flight_key", "loaded_at")
            ))
            connection.execute("commit")
            reads += 1
print(json.dumps([reads, sorted(states)]))
"""


def test_every_model_seed_snapshot_and_test_passes(lake_warehouse):
    assert len(lake_warehouse.results) > 100
    assert set(lake_warehouse.results.values()) == {"success", "pass", "no-op"}
    with open_warehouse(lake_warehouse.settings, print) as connection:
        schemas = connection.sql(
            "select distinct table_schema from information_schema.tables where table_catalog = 'lake'"
        ).fetchall()
        assert {"seeds", "snapshots", "marts", "reports", "features", "training"} <= {schema for (schema,) in schemas}
        ((flights, totalled),) = connection.sql(TOTALS.format(report=REPORT)).fetchall()
        assert flights == totalled > 20_000
        with pytest.raises(Exception, match="read-only"):
            connection.execute("delete from marts.fct_flights")
    status = read_status(lake_warehouse.settings, print)
    assert status.built_at is not None
    assert {source.name: source.unfinished_rows for source in status.sources}["nycflights13"] == 0


def test_readers_beside_a_build_see_whole_states_only(lake_warehouse):
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER],
            cwd=ROOT,
            env=os.environ | dict(lake_warehouse.project.variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for reader in readers:
        assert reader.stdout.readline() == "reading\n"
    select = ("--select", "fct_flights", "rpt_carrier_on_time_monthly", "snap_aircraft")
    lake_warehouse.project.run("build", "--full-refresh", *select, "--exclude-resource-type", "test", "unit_test")
    lake_warehouse.project.run("build", *select, "--exclude-resource-type", "test", "unit_test")
    for reader in readers:
        said, _ = reader.communicate("stop\n")
        assert reader.returncode == 0
        # DuckDB takes `python -c` for a person at work, and draws the progress of a query that takes long
        reads, states = json.loads(said.splitlines()[-1])
        assert reads > 10
        ((count, keys, loaded),) = states
        assert count == keys == loaded > 20_000


def test_an_ingest_and_a_reader_do_not_wait_for_one_another(lake_warehouse):
    with open_raw(lake_warehouse.settings, print, read_only=True) as reader:
        reader.execute("begin")
        before = reader.sql("select count(*) from raw_ops.ingest_runs").fetchall()
        (run,) = run_ingest(lake_warehouse.settings, origin=str(lake_warehouse.settings.data_dir / "sample"))
        assert run.status == "unchanged"
        assert reader.sql("select count(*) from raw_ops.ingest_runs").fetchall() == before
        reader.execute("commit")
        assert reader.sql("select count(*) - 1 from raw_ops.ingest_runs").fetchall() == before


def test_merging_files_and_dropping_old_snapshots_change_no_row(lake_warehouse):
    sums = "select count(*), bit_xor(hash(columns(*))) from marts.{}"
    tables = ("fct_flights", "fct_flight_events", "dim_aircraft")

    def files():
        return len(list((lake_warehouse.settings.data_dir / "lake").rglob("*.parquet")))

    def contents():
        with open_warehouse(lake_warehouse.settings, print) as connection:
            return [connection.sql(sums.format(table)).fetchall() for table in tables]

    before = contents()
    lake_upkeep.merge(lake_warehouse.settings, print)
    there = files()
    done = lake_upkeep.expire(lake_warehouse.settings, print, older_than=NOW, grace=NOW, keep_named=False)
    assert done.snapshots > 50
    assert done.files == there - files() > 0
    assert contents() == before
    assert len(lake_upkeep.snapshots(lake_warehouse.settings)) == 1
