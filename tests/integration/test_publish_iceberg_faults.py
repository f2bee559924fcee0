"""Whatever fails while Iceberg tables are published, the manifest names a publication that is whole."""

import json
import os
import signal
import subprocess
import sys

import pyarrow as pa
import pytest
from dbt_project import ROOT
from iceberg_fixture import Publisher
from s3_fixture import running_s3
from sample_files import run_ontime

from ingestion.lock import exclusive_lock
from ingestion.publish import LOCK_FILE
from ingestion.receipts import RECEIPT_FILE
from ingestion.source import IngestError

# a process that is killed when it is about to commit the table named
KILLED = """
import os, signal, sys
from ingestion.iceberg.publish import publish
from ingestion.settings import Settings

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


def state(publisher):
    """The manifest's bytes, and every snapshot of the tables."""
    catalog = publisher.s3.catalog()
    tables = [table for namespace in catalog.list_namespaces() for table in catalog.list_tables(namespace)]
    snapshots = {table: publisher.snapshots(".".join(table)) for table in tables}
    return publisher.settings.published_manifest.read_bytes(), snapshots


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


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"iceberg_uri": None}, "setting ONTIME_ICEBERG_URI: give the address"),
        ({"iceberg_uri": "http://127.0.0.1:1"}, "http://127.0.0.1:1 cannot be reached: .* ONTIME_ICEBERG_URI"),
        ({"iceberg_uri": "http://nowhere.invalid"}, "cannot be reached: .* ONTIME_ICEBERG_URI"),
        ({"iceberg_oauth2_server_uri": "http://127.0.0.1:1/t"}, "see ONTIME_ICEBERG_OAUTH2_SERVER_URI"),
        ({"iceberg_warehouse": "s3://nowhere"}, "nowhere not found.* see ONTIME_ICEBERG_WAREHOUSE"),
        ({"iceberg_credential": None}, "refuses the login .*: see ONTIME_ICEBERG_CREDENTIAL"),
        ({"iceberg_credential": "ontime-key:geheim"}, "refuses the login .*: see ONTIME_ICEBERG_CREDENTIAL"),
        ({"iceberg_credential": "geheim"}, "setting ONTIME_ICEBERG_CREDENTIAL: expected id:secret"),
        ({"iceberg_s3_secret_key": "geheim"}, "files of Iceberg tables cannot be written .*_S3_SECRET_KEY"),
        ({"iceberg_s3_secret_key": None}, "setting ONTIME_ICEBERG_S3_ACCESS_KEY: .* give both"),
        ({"iceberg_s3_endpoint": "http://127.0.0.1:1"}, "files of Iceberg tables .*ONTIME_ICEBERG_S3_ENDPOINT"),
    ],
)
def test_what_is_refused_is_said_in_one_line_and_changes_nothing(publisher, changed, said):
    before = state(publisher)
    publisher.build(FLIGHTS.format(20), "create table marts.dim_dates as select 1 as x")
    with pytest.raises(IngestError, match=said) as caught:
        publisher.publish(settings=publisher.with_others(**changed))
    assert "\n" not in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert state(publisher) == before


@pytest.mark.parametrize("address", ["127.0.0.1:8181", "s3://catalog", "http://me:geheim@127.0.0.1:8181"])
def test_an_address_is_one_without_a_password(publisher, address):
    with pytest.raises(IngestError, match="setting ONTIME_ICEBERG_URI") as caught:
        publisher.with_others(iceberg_uri=address)
    assert "geheim" not in str(caught.value)


def test_the_command_shows_no_secret(publisher):
    wrong = {"ONTIME_ICEBERG_CREDENTIAL": "ontime-key:geheim", "ONTIME_DEBUG": "1"}
    done = run_ontime(publisher.data_dir, "publish", "iceberg", env=publisher.variables | wrong)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: the Iceberg catalog http://127.0.0.1:")
    assert "geheim" not in done.stdout + done.stderr


def test_after_a_failed_dbt_command_nothing_is_published_unless_forced(publisher):
    before = state(publisher)
    target = publisher.data_dir / "target"
    target.mkdir()
    failed = [{"unique_id": "test.ontime.unique_flight_key", "status": "fail"}]
    (target / "run_results.json").write_text(json.dumps({"results": failed}))
    done = run_ontime(publisher.data_dir, "publish", "iceberg", env=publisher.variables)
    assert done.returncode == 1
    assert "the last dbt command failed (1 nodes, first test.ontime.unique_flight_key)" in done.stderr
    assert state(publisher) == before
    assert publisher.publish(force=True) == publisher.manifest()
    assert len(publisher.snapshots("marts.fct_flights")) == 2


def test_one_publish_at_a_time_whichever_copy_it_makes(publisher):
    lock = publisher.settings.published_manifest.parent / LOCK_FILE
    at_once = publisher.with_others(lock_timeout_seconds=0)
    with exclusive_lock(lock, 0, print, "publish"), pytest.raises(IngestError, match="another publish"):
        publisher.publish(settings=at_once)


def test_another_writer_of_a_table_is_not_overwritten(publisher):
    before = publisher.manifest()

    def write_meanwhile(line):
        if line == "committing marts.fct_flights":
            publisher.s3.catalog().load_table("marts.fct_flights").append(pa.table({"flight_key": [99]}))

    with pytest.raises(IngestError, match=r"another changed a table meanwhile .* run ontime publish iceberg again"):
        publisher.publish(write_meanwhile)
    assert publisher.manifest() == before
    assert publisher.rows("marts.fct_flights", columns="max(flight_key)") == [(99,)]
    after = publisher.publish()
    assert publisher.contents(after) == publisher.contents(before)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("interval '1 day'", "marts.dim_dates: Iceberg cannot hold a column"),
        ("timestamp_ns '2013-01-01 00:00:00.123456789'", "marts.dim_dates: Iceberg cannot hold a column"),
        ("[1, 2]", "marts.dim_dates.a_column is a list.*: lists and structs are not published"),
        ("4000000000::uinteger", "rows of marts.dim_dates cannot be taken: Integer value 4000000000 not in range"),
        ("error('no such thing')", "nothing was published: marts.dim_dates cannot be read: .*no such thing"),
        ("if(n = 250000, error('no such row'), n)", "rows of marts.dim_dates cannot be taken: .*no such row"),
    ],
)
def test_rows_that_cannot_be_published_are_told(publisher, expression, said):
    before = state(publisher)
    publisher.build(f"create view marts.dim_dates as select {expression} as a_column from range(300_000) as rows(n)")
    with pytest.raises(IngestError, match=said) as caught:
        publisher.publish()
    assert "\n" not in str(caught.value)
    assert state(publisher) == before


def test_a_training_set_that_is_not_what_its_receipt_says_is_not_published(publisher):
    before = state(publisher)
    folder = publisher.make_training_set("spring", "select 1 as x")
    (folder / "test.parquet").write_bytes((folder / "train.parquet").read_bytes() + b"!")
    with pytest.raises(IngestError, match=r"spring/test.parquet is not what its receipt says"):
        publisher.publish()
    (folder / RECEIPT_FILE).write_text("{")
    with pytest.raises(IngestError, match=r"spring/receipt.json is no receipt of a training set"):
        publisher.publish()
    assert state(publisher) == before


def test_two_training_sets_do_not_share_a_table(publisher):
    publisher.make_training_set("two-hours", "select 1 as x")
    publisher.make_training_set("two_hours", "select 2 as x")
    with pytest.raises(IngestError, match=r"two_hours: the table training_sets.two_hours would be another's, too"):
        publisher.publish()


def test_raw_without_a_load_is_told(publisher):
    publisher.settings.raw_database.unlink()
    with pytest.raises(IngestError, match="nothing is loaded yet, run ontime ingest"):
        publisher.publish()
