"""The same rows become the same Iceberg tables, whatever target they stand on."""

from datetime import timedelta

import ledger_rows
import pytest
from dbt_project import environment
from iceberg_fixture import Publisher
from lake_fixture import running_lakes
from postgres_fixture import Postgres
from s3_fixture import running_s3

from engines.postgres.connection import LOADER, TRANSFORMER
from engines.targets import open_raw
from ontime.settings import Settings
from publishing.iceberg.publish import publish

FLIGHTS = (
    "create table marts.fct_flights (flight_key integer, flight_date date, name varchar, departed_at timestamp,"
    " share decimal(6, 2), ratio double precision, is_late boolean)",
    "insert into marts.fct_flights values (1, '2013-01-01', 'O''Hare', '2013-03-10 02:30:00.123456', 1.25, 0.1, true)",
    "insert into marts.fct_flights (flight_key) values (2)",
)
TYPES = ["int", "date", "string", "timestamp", "decimal(6, 2)", "double", "boolean"]
LOADS = (
    "create table raw_bts._dlt_loads (load_id varchar, schema_name varchar, status bigint, inserted_at timestamptz)",
    "insert into raw_bts._dlt_loads values ('1.5', 'bts', 0, '2014-01-01 00:00:00+00'),"
    " ('2.5', 'bts', 1, '2014-01-01 00:00:00+00'), ('3.5', 'bts', 0, '2014-01-01 00:00:00+00')",
    "create table raw_bts.loaded_files (_dlt_load_id varchar, load_number bigint)",
    "insert into raw_bts.loaded_files values ('1.5', 1), ('2.5', 2), ('3.5', 3)",
)
# the tables hold the first of these loads
LEDGER = (*ledger_rows.TABLES, *ledger_rows.built(1, "build", 0, ("fct_flights",), 1))


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    with running_s3(tmp_path_factory.mktemp("iceberg") / "s3", iceberg=True) as server:
        yield server


@pytest.fixture(scope="module")
def lakes(tmp_path_factory):
    with running_lakes(tmp_path_factory.mktemp("lakes")) as lakes:
        yield lakes


@pytest.fixture
def publisher(s3, tmp_path):
    publisher = Publisher(tmp_path / "data", s3)
    yield publisher
    publisher.drop_tables()


def check(publisher, settings, monkeypatch):
    """Publish, and look at what came of it."""
    monkeypatch.setenv("DBT_TARGET_PATH", str(settings.data_dir / "target"))
    manifest = publish(settings, print)
    assert manifest.target == settings.target
    assert manifest.built_at == ledger_rows.FIRST + timedelta(hours=1, minutes=2)
    assert manifest.raw_loads == {"raw_bts": ["1.5"]}
    table = publisher.s3.catalog().load_table("marts.fct_flights")
    assert [str(field.field_type) for field in table.schema().fields] == TYPES
    publisher.build(*FLIGHTS)
    with publisher.readers() as connection:
        built = connection.execute("from built.marts.fct_flights order by 1").fetchall()
        assert connection.execute("from ice.marts.fct_flights order by 1").fetchall() == built


def test_from_postgresql(publisher, lakes, monkeypatch):
    postgres = Postgres(lakes.folder, lakes.server)
    postgres.make_database("publishes")
    postgres.execute("publishes", *LOADS, role=LOADER)
    postgres.execute("publishes", *FLIGHTS, *LEDGER, role=TRANSFORMER)
    with environment(**postgres.variables("publishes", lakes.folder / "postgres") | publisher.s3.iceberg_variables):
        check(publisher, Settings.load(), monkeypatch)


def test_from_a_lake(publisher, lakes, monkeypatch):
    lake = lakes.make("publishes_lake", **publisher.s3.iceberg_variables)
    with open_raw(lake.settings, print) as connection:
        for statement in (
            "create schema raw_bts",
            *LOADS,
            "create schema marts",
            *FLIGHTS,
            ledger_rows.SCHEMA,
            *LEDGER,
        ):
            connection.execute(statement)
        connection.execute("comment on column marts.fct_flights.name is 'The airport'")
    check(publisher, lake.settings, monkeypatch)
    field = publisher.s3.catalog().load_table("marts.fct_flights").schema().find_field("name")
    assert field.doc == "The airport"
