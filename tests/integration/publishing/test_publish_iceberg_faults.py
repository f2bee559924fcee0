"""Whatever fails while Iceberg tables are published, the manifest names a publication that is whole."""

import os
import signal
import subprocess
import sys

import ledger_rows
import pyarrow as pa
import pytest
from dbt_project import ROOT
from iceberg_fixture import Publisher
from s3_fixture import running_s3
from sample_files import run_ontime

from ontime.errors import OntimeError
from ontime.locks import exclusive_lock
from publishing.published_file import LOCK_FILE

# a process that is killed when it is about to commit the table named
KILLED = """
import os, signal, sys
from publishing.iceberg.publish import publish
from ontime.settings import Settings

def tell(line):
    if line == f"committing {sys.argv[1]}":
        os.kill(os.getpid(), signal.SIGKILL)

publish(Settings.load(), tell)
"""
FLIGHTS = "create or replace table marts.fct_flights as select range as flight_key from range({})"
CARRIERS = "create or replace table marts.dim_carriers as select '{}' as carrier_code"


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    with running_s3(tmp_path_factory.mktemp("iceberg") / "s3", iceberg=True) as server:
        yield server


@pytest.fixture
def publisher(s3, tmp_path):
    """A warehouse of two tables, published once."""
    publisher = Publisher(tmp_path / "data", s3)
    publisher.build(CARRIERS.format("AA"), FLIGHTS.format(10))
    publisher.publish()
    yield publisher
    publisher.drop_tables()


def test_a_kill_between_two_tables_leaves_the_old_publication_and_the_next_one_mends(publisher):
    before = publisher.manifest()
    old = publisher.contents(before)
    publisher.build(CARRIERS.format("UA"), FLIGHTS.format(20))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "marts.fct_flights"], cwd=ROOT, env=os.environ | publisher.variables, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert [len(publisher.snapshots(table)) for table in ("marts.dim_carriers", "marts.fct_flights")] == [2, 1]
    assert publisher.manifest() == before
    assert publisher.contents(before) == old

    after = publisher.publish()
    assert publisher.manifest() == after
    assert publisher.contents(after) == {
        "marts.dim_carriers": [("UA",)],
        "marts.fct_flights": [(key,) for key in range(20)],
    }
    assert publisher.contents(before) == old


def test_what_was_built_in_part_is_not_published_unless_forced(publisher):
    before = publisher.state()
    models = ("fct_flights", "dim_carriers")
    publisher.build(ledger_rows.SCHEMA, *ledger_rows.TABLES, *ledger_rows.built(1, "build", None, models, 1))
    done = run_ontime(publisher.data_dir, "publish", "iceberg", env=publisher.variables)
    assert done.returncode == 1
    assert "dbt build of 2014-01-01 01:00:00 UTC, did not end: it runs still, or was cut off" in done.stderr
    assert publisher.state() == before
    assert publisher.publish(force=True) == publisher.manifest()
    assert len(publisher.snapshots("marts.fct_flights")) == 2


def test_a_table_that_lost_its_rows_is_not_published_unless_allowed(publisher):
    before = publisher.state()
    publisher.build(FLIGHTS.format(0))
    done = run_ontime(publisher.data_dir, "publish", "iceberg", env=publisher.variables)
    assert done.returncode == 1
    assert "marts.fct_flights has 10 rows in the published copy and none now" in done.stderr
    assert publisher.state() == before
    done = run_ontime(publisher.data_dir, "publish", "iceberg", "--allow-empty", env=publisher.variables)
    assert done.returncode == 0, done.stderr
    assert publisher.manifest().tables["marts.fct_flights"].rows == 0


def test_one_publish_at_a_time_whichever_copy_it_makes(publisher):
    lock = publisher.settings.published_manifest.parent / LOCK_FILE
    at_once = publisher.with_others(lock_timeout_seconds=0)
    with exclusive_lock(lock, 0, print, "publish"), pytest.raises(OntimeError, match="another publish"):
        publisher.publish(settings=at_once)


def test_another_writer_of_a_table_is_not_overwritten(publisher):
    before = publisher.manifest()

    def write_meanwhile(line):
        if line == "committing marts.fct_flights":
            publisher.s3.catalog().load_table("marts.fct_flights").append(pa.table({"flight_key": [99]}))

    with pytest.raises(OntimeError, match=r"another changed a table meanwhile .* run ontime publish iceberg again"):
        publisher.publish(write_meanwhile)
    assert publisher.manifest() == before
    assert publisher.rows("marts.fct_flights", columns="max(flight_key)") == [(99,)]
    after = publisher.publish()
    assert publisher.contents(after) == publisher.contents(before)
