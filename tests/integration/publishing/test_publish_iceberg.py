"""Iceberg tables hold what the warehouse holds, for two readers, in this publication and in earlier ones."""

import json
import os
import re
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from dbt_project import ROOT, DbtProject
from iceberg_fixture import Publisher
from raw_rows import RawData, bts_flight
from s3_fixture import running_s3
from sample_files import run_ontime

from feature_store import retrieve
from feature_store.questions import load_question
from feature_store.registry.catalogue import load_catalogue
from feature_store.registry.stored import read_catalogue
from feature_store.training_sets.export import export
from feature_store.training_sets.receipt import Choices, Receipt, sets_folder
from ingestion.provenance import git_commit
from ontime.errors import OntimeError
from ontime.schemas import READ_SCHEMAS as SCHEMAS

EVERY_TYPE = """
create table marts.fct_flights as
select
    n::integer as whole_number,
    9223372036854775807 - n as great_number,
    n::smallint as small_number,
    case n when 1 then 'nan'::double when 2 then '-infinity'::double else n / 7 end as ratio,
    (n / 3)::decimal(9, 6) as latitude,
    case n when 0 then '' when 1 then 'O''Hare, Ōsaka ✈' || chr(10) else 'x' || n end as name,
    n % 2 = 0 as is_even,
    date '1987-10-01' + n::integer as flight_date,
    timestamp '2013-03-10 02:30:00.123456' + to_hours(n) as departed_at,
    timestamptz '2013-03-10 02:30:00.5-05:00' + to_hours(n) as noticed_at,
    time '23:59:59.999999' as clock
from range(50) as numbers(n)
union all
select null, null, null, null, null, null, null, null, null, null, null
"""
# what Iceberg has no narrower type for
WIDENED = {"small_number": "INTEGER"}
# the rows of one that are not among the rows of the other, as often as they are there
DIFFERENCE = "select count(*) from (({0} except all {1}) union all ({1} except all {0}))"
# tells by how many MB the process grew while it wrote
MEASURED = """
import re
from pathlib import Path
from publishing.iceberg.publish import publish
from ontime.settings import Settings

def peak(_line):
    peaks.append(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]))

peaks = []
publish(Settings.load(), peak)
print((peaks[-1] - peaks[0]) // 1024)
"""


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    with running_s3(tmp_path_factory.mktemp("iceberg") / "s3", iceberg=True) as server:
        yield server


@pytest.fixture
def publisher(s3, tmp_path):
    publisher = Publisher(tmp_path / "data", s3)
    yield publisher
    publisher.drop_tables()


def test_each_type_reads_back_value_for_value(publisher):
    publisher.build(EVERY_TYPE, "create view reports.rpt_names as select name from marts.fct_flights")
    published = publisher.publish().tables
    assert {name: table.rows for name, table in published.items()} == {"marts.fct_flights": 51, "reports.rpt_names": 51}
    with publisher.readers() as connection:
        arrow = publisher.s3.catalog().load_table("marts.fct_flights").scan().to_arrow()
        connection.register("arrow", arrow)
        for source in ("ice.marts.fct_flights", "arrow"):
            assert connection.execute(
                DIFFERENCE.format(f"from {source}", "from built.marts.fct_flights")
            ).fetchall() == [(0,)]
            types = dict(connection.execute(f"select column_name, column_type from (describe {source})").fetchall())
            described = connection.execute("select column_name, column_type from (describe built.marts.fct_flights)")
            assert types == dict(described.fetchall()) | WIDENED


def test_an_empty_table_is_published(publisher):
    publisher.build("create table marts.dim_dates (calendar_date date)")
    assert publisher.publish().tables["marts.dim_dates"].rows == 0
    assert publisher.rows("marts.dim_dates") == []
    publisher.build("insert into marts.dim_dates values ('2013-01-01')")
    publisher.publish()
    publisher.build("delete from marts.dim_dates")
    publisher.publish(allow_empty=True)
    assert publisher.rows("marts.dim_dates") == []
    assert len(publisher.snapshots("marts.dim_dates")) == 3


def test_comments_are_the_docs_of_the_tables(publisher):
    publisher.build(
        "create table marts.dim_dates as select date '2013-01-01' as calendar_date",
        "comment on table marts.dim_dates is 'One row per date'",
        "comment on column marts.dim_dates.calendar_date is 'The date'",
    )
    publisher.publish()
    publisher.build("comment on column marts.dim_dates.calendar_date is 'The local date'")
    publisher.publish()
    table = publisher.s3.catalog().load_table("marts.dim_dates")
    assert table.properties["comment"] == "One row per date"
    assert table.schema().find_field("calendar_date").doc == "The local date"


def test_a_later_publication_leaves_the_earlier_one_readable(publisher):
    publisher.build(
        "create table marts.fct_flights as select range as flight_key, 1.5 as delay from range(1000)",
        "create table reports.rpt_route as select 'JFK' as origin",
    )
    publisher.make_training_set("two-hours", "select '{part}' || range as flight_key from range(3)")
    first = publisher.publish()
    publisher.build(
        "update marts.fct_flights set delay = 2.5 where flight_key < 10",
        "delete from marts.fct_flights where flight_key > 900",
    )
    second = publisher.publish()

    assert publisher.manifest() == second
    kept = sorted((publisher.data_dir / "published" / "iceberg").iterdir())
    assert [json.loads(path.read_text())["publication"] for path in kept] == [first.publication, second.publication]
    assert first.tables.keys() == second.tables.keys()
    assert sorted(first.tables) == ["marts.fct_flights", "reports.rpt_route", "training_sets.two_hours"]
    for name in first.tables:
        assert publisher.snapshots(name) == [first.tables[name].snapshot_id, second.tables[name].snapshot_id]
        snapshot = publisher.s3.catalog().load_table(name).current_snapshot()
        assert snapshot.summary["ontime.publication"] == second.publication
    sums = "count(*), sum(delay)"
    old, new = (published.tables["marts.fct_flights"].snapshot_id for published in (first, second))
    assert publisher.rows("marts.fct_flights", old, sums) == [(1000, 1500)]
    assert (
        publisher.rows("marts.fct_flights", new, sums)
        == publisher.rows("marts.fct_flights", None, sums)
        == [(901, 1361.5)]
    )


def test_features_go_with_the_catalogue_of_their_maximum_ages(publisher, monkeypatch):
    publisher.build("create table features.feat_origin_departures as select 'JFK' as origin_airport_code")
    for _ in range(2):
        publisher.publish()
    monkeypatch.setenv("DBT_TARGET_PATH", publisher.variables["DBT_TARGET_PATH"])
    with publisher.readers() as connection:
        connection.execute("use ice.governance")
        assert read_catalogue(connection, publisher.data_dir) == load_catalogue()
    with pytest.raises(OntimeError, match="features are not retrieved from Iceberg tables"):
        retrieve(pa.table({"origin_airport_code": ["JFK"]}), source="iceberg", settings=publisher.settings)


def test_training_sets_are_tables_with_a_part(publisher):
    publisher.build("create table marts.dim_dates as select 1 as x")
    publisher.make_training_set("Two-hours.v2", "select '{part}' || range as flight_key from range(2)")
    published = publisher.publish().tables["training_sets.two_hours_v2"]
    assert (published.rows, published.training_set) == (6, "Two-hours.v2")
    assert published.content_sha256 == "content of Two-hours.v2"
    assert publisher.rows("training_sets.two_hours_v2", columns="part, flight_key")[:3] == [
        ("test", "test0"),
        ("test", "test1"),
        ("train", "train0"),
    ]


def test_changed_columns_evolve_and_older_snapshots_keep_theirs(publisher):
    before = (
        "create or replace table marts.dim_carriers as select 1 as grows, 2 as becomes_text, 7::bigint as shrinks,"
        " 3.5::decimal(4, 1) as becomes_finer, 'x' as goes"
    )
    after = (
        "create or replace table marts.dim_carriers as select 5000000000 as grows, 'two' as becomes_text,"
        " 7::integer as shrinks, 3.25::decimal(6, 2) as becomes_finer, date '2013-01-01' as comes"
    )
    columns = "grows, becomes_text::text, shrinks, becomes_finer, {}::text"
    lines = []
    snapshots = []
    for definition in (before, after, before):
        publisher.build(definition)
        snapshots.append(publisher.publish(lines.append).tables["marts.dim_carriers"].snapshot_id)
    first, second, third = snapshots
    assert publisher.snapshots("marts.dim_carriers") == snapshots
    assert [line for line in lines if "columns" in line] == [
        "marts.dim_carriers: columns gone: becomes_text, becomes_finer, goes;"
        " new: becomes_text string, becomes_finer decimal(6, 2), comes date; wider: grows long",
        "marts.dim_carriers: columns gone: becomes_text, becomes_finer, comes;"
        " new: becomes_text int, becomes_finer decimal(4, 1), goes string",
    ]
    old, new = [(1, "2", 7, Decimal("3.5"), "x")], [(5_000_000_000, "two", 7, Decimal("3.25"), "2013-01-01")]
    assert publisher.rows("marts.dim_carriers", first, columns.format("goes")) == old
    assert publisher.rows("marts.dim_carriers", second, columns.format("comes")) == new
    assert publisher.rows("marts.dim_carriers", third, columns.format("goes")) == old


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(publisher):
    """A gigabyte of rows, which would be held whole if they were read before they are written."""
    publisher.build("create table marts.fct_flights as select repeat('x', 400) as filler from range(2_500_000)")
    done = subprocess.run(
        [sys.executable, "-c", MEASURED],
        cwd=ROOT,
        env=os.environ | publisher.variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout.split()[-1]) < 500


@pytest.mark.slow
def test_a_built_warehouse_is_published_with_a_training_set(publisher):
    load_id = build_from_a_month(publisher.data_dir)
    receipt = make_training_set(publisher, "spring")
    done = run_ontime(publisher.data_dir, "publish", "iceberg", env=publisher.variables)
    assert done.returncode == 0, done.stderr
    assert re.search(r"│ marts.fct_flights +│ +84 │ \d+ +│", done.stdout)
    assert "Next: read them at http://127.0.0.1" in done.stdout

    manifest = publisher.manifest()
    assert (manifest.git_commit, manifest.target) == (git_commit(), "dev")
    assert manifest.raw_loads["raw_bts"] == [load_id]
    assert manifest.tables["training_sets.spring"].content_sha256 == receipt.content_sha256
    with publisher.readers() as connection:
        built = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'built'"
            f" and schema_name in {SCHEMAS}"
        ).fetchall()
        sources = {name: f"from built.{name}" for (name,) in built}
        sources["training_sets.spring"] = f"from read_parquet('{sets_folder(publisher.settings)}/spring/*.parquet')"
        assert manifest.tables.keys() == {*sources, "governance.feature_tables", "governance.feature_columns"}
        assert len(sources) > 12
        for name, source in sources.items():
            version = manifest.tables[name].snapshot_id
            columns = ", ".join(name for name, *_ in connection.execute(f"describe {source}").fetchall())
            connection.register("arrow", publisher.s3.catalog().load_table(name).scan(snapshot_id=version).to_arrow())
            for copy in ("from arrow", f"from ice.{name} at (version => {version})"):
                difference = DIFFERENCE.format(f"select {columns} {source}", f"select {columns} {copy}")
                assert connection.execute(difference).fetchall() == [(0,)], (name, copy)


def build_from_a_month(data_dir: Path) -> str:
    """Build what is published, and the training examples, from flights of four weeks; gives their load."""
    data_dir.mkdir()
    flights = [
        bts_flight(f"2013-04-{day:02d}", number, dep_delay=day * number % 40, arr_delay=day * number % 40 - 5)
        for day in range(1, 29)
        for number in (1, 2, 3)
    ]
    load_id = RawData(data_dir).load("bts", "flights", flights)
    models = [f"+path:models/{folder}" for folder in ("marts", "reports", "features")]
    DbtProject(data_dir).run(
        *("build", "--select", *models, "+trn_departure_delay"),
        *("--exclude-resource-type", "test", "unit_test", "snapshot"),
    )
    return load_id


def make_training_set(publisher: Publisher, name: str) -> Receipt:
    """Write a set and its receipt as `ontime training-set create` does, from the examples that stand built."""
    folder = sets_folder(publisher.settings) / name
    folder.mkdir(parents=True)
    choices, as_of = Choices(horizons_minutes=(120, 30)), datetime(2014, 1, 1)
    with duckdb.connect(str(publisher.settings.warehouse_database), read_only=True) as connection:
        exported = export(connection, load_question(choices.question), choices, as_of, folder)
    receipt = Receipt(
        name=name,
        created_at=as_of,
        as_of=as_of,
        git_commit=None,
        versions={},
        choices=choices,
        definitions={},
        raw_loads={},
        embargo_minutes=exported.embargo_minutes,
        parts=exported.parts,
        columns=exported.columns,
        content_sha256=exported.content_sha256,
    )
    receipt.write(folder)
    return receipt
