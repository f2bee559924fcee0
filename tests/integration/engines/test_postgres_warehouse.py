"""The project built on PostgreSQL, and what each role may do there."""

import pytest

from engines.postgres.connection import LOADER, OWNER, READER, TRANSFORMER
from engines.targets import open_warehouse
from ontime.schemas import BUILT_SCHEMAS, RAW_SCHEMAS, READ_SCHEMAS
from publishing.published_file import publish

UNREAD_SCHEMAS = [schema for schema in BUILT_SCHEMAS if schema not in READ_SCHEMAS]


def tables_in(warehouse, *schemas):
    names = ", ".join(f"'{schema}'" for schema in schemas)
    found = warehouse.query(
        "select table_schema || '.' || table_name from information_schema.tables"
        f" where table_schema in ({names}) and table_name not like 'pg_%'"
    )
    return sorted(name for (name,) in found)


def test_models_seeds_snapshots_and_their_tests_pass(postgres_warehouse):
    statuses = postgres_warehouse.results
    assert len(statuses) > 210
    assert set(statuses.values()) <= {"success", "pass", "no-op"}


def test_a_second_build_without_new_loads_writes_no_row(postgres_warehouse):
    tables = tables_in(postgres_warehouse, "marts", "features", "training", "snapshots")
    written = " union all ".join(
        f"select '{table}', count(*), max(cast(xmin as text)) from {table}" for table in tables
    )
    before = {name: values for name, *values in postgres_warehouse.query(written)}
    postgres_warehouse.dbt("run", "--select", "config.materialized:incremental")
    postgres_warehouse.dbt("snapshot")
    assert {name: values for name, *values in postgres_warehouse.query(written)} == before


def test_no_view_takes_much_memory_to_plan(postgres_warehouse):
    views = postgres_warehouse.query(
        "select table_schema || '.' || table_name from information_schema.views"
        " where table_schema in ('staging', 'intermediate', 'reports')"
    )
    megabytes = {}
    for (view,) in views:
        (((plan,),),) = postgres_warehouse.query(f"explain (memory, format json) select * from {view}")
        megabytes[view] = plan["Planning"]["Memory Allocated"] / 1024
    assert len(megabytes) > 20
    assert {view: used for view, used in megabytes.items() if used > 300} == {}


def test_a_full_refresh_gives_the_same_rows_and_rights(postgres_warehouse):
    content = "select md5(string_agg(found::text, '' order by flight_key)) from marts.fct_flights as found"
    before = postgres_warehouse.query(content)
    postgres_warehouse.dbt("run", "--select", "fct_flights", "--full-refresh")
    assert postgres_warehouse.query(content, READER) == before


def test_the_warehouse_opens_for_programs_with_the_types_of_dev(postgres_warehouse):
    with open_warehouse(postgres_warehouse.settings, print) as connection:
        found = dict(
            connection.execute(
                "select column_name, data_type from duckdb_columns() where schema_name = 'features'"
                " and table_name = 'feat_origin_departures'"
            ).fetchall()
        )
        (rows,) = connection.execute("select count(*) from training.trn_departure_delay").fetchall()[0]
    assert rows > 60_000
    assert found["known_at"] == "TIMESTAMP"
    assert found["departures_1h"] == "INTEGER"
    assert found["delayed_15_share_24h"] == "DOUBLE"


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("marts.fct_flights", "(flight_key)"),
        ("marts.fct_flights", "(flight_date)"),
        ("features.feat_carrier_origin_departures", "(carrier_code, origin_airport_code, known_at)"),
        ("features.feat_aircraft_rotation", "(tail_number, known_at)"),
        ("training.trn_departure_delay", "(flight_key, horizon_minutes)"),
    ],
)
def test_keys_and_instants_that_are_looked_up_have_an_index(postgres_warehouse, table, columns):
    schema, name = table.split(".")
    found = postgres_warehouse.query(
        f"select indexdef from pg_indexes where schemaname = '{schema}' and tablename = '{name}'"
    )
    assert any(definition.endswith(f"USING btree {columns}") for (definition,) in found)


def test_the_published_copy_holds_what_readers_may_read(postgres_warehouse):
    done = publish(postgres_warehouse.settings, lambda _line: None, force=True)
    assert sorted(done.tables) == tables_in(postgres_warehouse, *READ_SCHEMAS)
    assert done.tables["marts.fct_flights"] == postgres_warehouse.query("select count(*) from marts.fct_flights")[0][0]


def test_source_freshness_is_told(postgres_warehouse):
    statuses = postgres_warehouse.dbt("source", "freshness")
    assert set(statuses.values()) == {"pass", "success"}  # the hooks succeed


def test_readers_read_marts_reports_and_features_and_nothing_else(postgres_warehouse):
    readable = tables_in(postgres_warehouse, *READ_SCHEMAS)
    assert len(readable) == 21
    for table in readable:
        postgres_warehouse.query(f"select * from {table} limit 1", READER)
    for table in tables_in(postgres_warehouse, *RAW_SCHEMAS, *UNREAD_SCHEMAS):
        assert postgres_warehouse.refuses(f"select * from {table} limit 1", READER), table


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (READER, "delete from marts.fct_flights"),
        (READER, "insert into reports.rpt_carrier_on_time_monthly select * from reports.rpt_carrier_on_time_monthly"),
        (READER, "drop table features.feat_origin_weather"),
        (READER, "create table marts.own (number integer)"),
        (READER, "create table public.own (number integer)"),
        (READER, "create temporary table own (number integer)"),
        (READER, "create schema own"),
        (READER, "create role own"),
        (LOADER, "select * from marts.fct_flights"),
        (LOADER, "select * from training.trn_departure_delay"),
        (LOADER, "select * from seeds.excluded_aircraft"),
        (LOADER, "create table marts.own (number integer)"),
        (LOADER, "create schema own"),
        (LOADER, "create role own"),
        (TRANSFORMER, "insert into raw_ops.ingest_runs select * from raw_ops.ingest_runs"),
        (TRANSFORMER, "delete from raw_nycflights13.flights"),
        (TRANSFORMER, "truncate raw_nycflights13.flights"),
        (TRANSFORMER, "update raw_nycflights13._dlt_loads set status = 1"),
        (TRANSFORMER, "create table raw_bts.own (number integer)"),
        (TRANSFORMER, "create schema own"),
        (TRANSFORMER, "create role own"),
        (OWNER, "create role own"),
        (OWNER, "create database own"),
        (OWNER, "select * from pg_authid"),
        (OWNER, "copy marts.fct_flights to program 'cat'"),
    ],
)
def test_no_role_may_do_more_than_its_work(postgres_warehouse, role, statement):
    assert postgres_warehouse.refuses(statement, role)


def test_the_owner_can_do_what_loader_and_transformer_can(postgres_warehouse):
    for table in ("raw_nycflights13.flights", "marts.fct_flights", "training.trn_departure_delay"):
        assert postgres_warehouse.query(f"select count(*) > 0 from {table}", OWNER) == [(True,)]


def test_a_build_without_the_roles_stops_with_one_line(postgres_warehouse):
    text = postgres_warehouse.without_role(READER, "run", "--select", "dim_dates")
    assert "The server has no role ontime_reader: make the roles with ontime server roles." in text
