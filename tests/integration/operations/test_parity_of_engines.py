"""The first quarter, loaded and built on each engine by itself, is the same on all. Spark has tests of its own."""

import json
import math
import os
import subprocess
from pathlib import Path

import pytest
from sample_files import ONTIME, ROOT

from engines.postgres.connection import TRANSFORMER

pytestmark = pytest.mark.slow
REPORT = "rpt_carrier_on_time_monthly"
ROW = f"reports.{REPORT} where carrier_code = 'B6' and flight_month = '2013-02-01'"


@pytest.fixture(scope="module")
def environment(dev_warehouse, postgres_warehouse, lake_warehouse, tmp_path_factory):
    """In which `ontime` finds each engine's quarter."""
    target_path = tmp_path_factory.mktemp("target")
    dev_warehouse.project.manifest().writable_manifest().write(str(target_path / "manifest.json"))
    return (
        os.environ
        | dict(lake_warehouse.project.variables)
        | dict(postgres_warehouse.project.variables)
        | {
            "ONTIME_TARGET": "dev",
            "ONTIME_DATA_DIR": str(dev_warehouse.settings.data_dir),
            "ONTIME_LAKE_DATA_URL": str(lake_warehouse.settings.data_dir / "lake"),
            "DBT_TARGET_PATH": str(target_path),
            "COLUMNS": "160",
        }
    )


def parity(environment, targets):
    command = [ONTIME, "parity", "--targets", targets]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_every_table_is_equal_on_every_engine(environment):
    done = parity(environment, "dev,postgres,lake")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "All 29 tables are equal on dev, postgres, lake."
    assert ["marts.fct_flights", "23,816", "23,816", "23,816", "0"] in [
        [cell.strip() for cell in line.strip("│").split("│")] for line in done.stdout.splitlines()
    ]


def test_what_was_compared_holds_instants_of_loads(dev_warehouse):
    corrected = (
        "select count(*), count(distinct superseded_at) from marts.fct_flight_events where superseded_at is not null"
    )
    assert dev_warehouse.project.query(corrected) == [(5, 2)]
    changed = "select count(*) from snapshots.snap_aircraft where dbt_valid_to is not null"
    assert dev_warehouse.project.query(changed) == [(1,)]
    loads = "select count(distinct loaded_at) from marts.fct_flights"
    assert dev_warehouse.project.query(loads) == [(3,)]


def test_the_last_bit_of_one_value_on_a_server_is_found(environment, postgres_warehouse, tmp_path):
    model = f"model.ontime.{REPORT}"
    nodes = json.loads((Path(environment["DBT_TARGET_PATH"]) / "manifest.json").read_text())["nodes"]
    kept = {name: node for name, node in nodes.items() if model in (name, node.get("attached_node"))}
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": kept}))
    ((share,),) = postgres_warehouse.query(f"select on_time_share from {ROW}")
    changed = math.nextafter(share, 1)
    set_share(postgres_warehouse, changed)
    try:
        done = parity(environment | {"DBT_TARGET_PATH": str(tmp_path)}, "dev,postgres")
    finally:
        set_share(postgres_warehouse, share)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("1 of 1 tables differ.")
    assert f"on_time_share │ {share!r} │ postgres │ {changed!r}" in " ".join(done.stdout.split())


def set_share(warehouse, share):
    table, _, where = ROW.partition(" ")
    database = warehouse.settings.postgres_database
    warehouse.postgres.execute(database, f"update {table} set on_time_share = {share!r} {where}", role=TRANSFORMER)
