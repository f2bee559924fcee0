"""What cannot be published is told in one line, and neither the tables nor the manifest change."""

import shutil

import pytest
from iceberg_fixture import Publisher
from s3_fixture import running_s3
from sample_files import run_ontime

from feature_store.training_sets.receipt import RECEIPT_FILE
from ontime.errors import OntimeError


@pytest.fixture(scope="module")
def publisher(tmp_path_factory):
    """A warehouse that was published, and then changed; tests leave both as they are."""
    folder = tmp_path_factory.mktemp("iceberg")
    with running_s3(folder / "s3", iceberg=True) as s3:
        publisher = Publisher(folder / "data", s3)
        publisher.build("create table marts.fct_flights as select 1 as flight_key")
        publisher.publish()
        publisher.build("insert into marts.fct_flights values (2)", "create table reports.rpt_route as select 1 as x")
        yield publisher


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
    before = publisher.state()
    with pytest.raises(OntimeError, match=said) as caught:
        publisher.publish(settings=publisher.with_others(**changed))
    assert "\n" not in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert publisher.state() == before


@pytest.mark.parametrize("address", ["127.0.0.1:8181", "s3://catalog", "http://me:geheim@127.0.0.1:8181"])
def test_an_address_is_one_without_a_password(publisher, address):
    with pytest.raises(OntimeError, match="setting ONTIME_ICEBERG_URI") as caught:
        publisher.with_others(iceberg_uri=address)
    assert "geheim" not in str(caught.value)


def test_the_command_shows_no_secret(publisher):
    wrong = {"ONTIME_ICEBERG_CREDENTIAL": "ontime-key:geheim", "ONTIME_DEBUG": "1"}
    done = run_ontime(publisher.data_dir, "publish", "iceberg", env=publisher.variables | wrong)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: the Iceberg catalog http://127.0.0.1:")
    assert "geheim" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("interval '1 day'", "marts.dim_dates: Iceberg cannot hold a column"),
        ("timestamp_ns '2013-01-01 00:00:00.123456789'", "marts.dim_dates: Iceberg cannot hold a column"),
        ("[1, 2]", "marts.dim_dates.a_column is a list.*: lists and structs are not published"),
        ("4000000000::uinteger", "rows of marts.dim_dates cannot be taken: Integer value 4000000000 not in range"),
        ("error('no such thing')", "nothing was published: marts.dim_dates cannot be read: .*no such thing"),
        # which of its threads DuckDB hears first differs: the one that fails, or one that it stops then
        (
            "if(n = 250000, error('no such row'), n)",
            "rows of marts.dim_dates cannot be taken: .*(no such row|Interrupted)",
        ),
    ],
)
def test_rows_that_cannot_be_published_are_told(publisher, expression, said):
    before = publisher.state()
    view = "marts.dim_dates"
    publisher.build(f"create view {view} as select {expression} as a_column from range(300_000) as rows(n)")
    with pytest.raises(OntimeError, match=said) as caught:
        publisher.publish()
    publisher.build(f"drop view {view}")
    assert "\n" not in str(caught.value)
    assert publisher.state() == before


def test_a_training_set_that_is_not_what_its_receipt_says_is_not_published(publisher):
    before = publisher.state()
    folder = publisher.make_training_set("spring", "select 1 as x")
    (folder / "test.parquet").write_bytes((folder / "train.parquet").read_bytes() + b"!")
    with pytest.raises(OntimeError, match=r"spring/test.parquet is not what its receipt says"):
        publisher.publish()
    (folder / RECEIPT_FILE).write_text("{")
    with pytest.raises(OntimeError, match=r"spring/receipt.json is no receipt of a training set"):
        publisher.publish()
    shutil.rmtree(folder)
    assert publisher.state() == before


def test_two_training_sets_do_not_share_a_table(publisher):
    folders = [publisher.make_training_set(name, "select 1 as x") for name in ("two-hours", "two_hours")]
    with pytest.raises(OntimeError, match=r"two_hours: the table training_sets.two_hours would be another's, too"):
        publisher.publish()
    for folder in folders:
        shutil.rmtree(folder)


def test_raw_that_holds_nothing_is_told(publisher, monkeypatch):
    raw = publisher.settings.raw_database
    raw.rename(raw.with_suffix(".away"))
    with pytest.raises(OntimeError, match="nothing is loaded yet, run ontime ingest"):
        publisher.publish()
    raw.with_suffix(".away").rename(raw)
