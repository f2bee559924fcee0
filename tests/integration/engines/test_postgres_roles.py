"""What a role that went bad may do to the others on PostgreSQL: each tries it."""

import psycopg2
import pytest
from dbt_common.exceptions import DbtBaseException
from dbt_project import DbtProject
from sample_files import run_ingest, run_ontime

from engines.postgres.connection import LOADER, OWNER, READER, TRANSFORMER, connect
from engines.postgres.lock import SCHEMA, TABLE
from engines.postgres.roles import make_roles
from engines.postgres.server import ADMIN
from engines.targets import open_raw
from ontime.errors import OntimeError
from ontime.settings import Settings

DATABASE = "rights"
ROLES = (OWNER, LOADER, TRANSFORMER, READER)
OTHERS_OF_THE_LOCK = (TRANSFORMER, READER)
MODES = ("access share", "row share", "share", "share row exclusive", "exclusive", "access exclusive")


@pytest.fixture(scope="module")
def loaded_database(postgres, tmp_path_factory):
    """A database with the raw tables and the small sample's reference data."""
    postgres.make_database(DATABASE)
    settings = postgres.settings(DATABASE, tmp_path_factory.mktemp("rights"), lock_timeout_seconds=0)
    run_ingest(settings, "reference")
    return settings


@pytest.fixture
def as_role(loaded_database):
    """A connection of a role, in a transaction that stays open until the test ends."""
    opened = []

    def connected(role, database=DATABASE):
        settings = loaded_database.model_copy(update={"postgres_database": database})
        opened.append(connect(settings, role))
        opened[-1].autocommit = False
        return opened[-1].cursor()

    yield connected
    for connection in opened:
        connection.close()


def build(settings, postgres):
    project = DbtProject(settings.data_dir, variables=tuple(postgres.variables(DATABASE, settings.data_dir).items()))
    return project.run("build", "--select", "us_holidays", "dim_dates")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("role", OTHERS_OF_THE_LOCK)
def test_only_the_loader_and_the_owner_can_lock_out_an_ingest(as_role, loaded_database, role, mode):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        as_role(role).execute(f"lock table {SCHEMA}.{TABLE} in {mode} mode")
    with open_raw(loaded_database, print):
        pass


@pytest.mark.parametrize("role", OTHERS_OF_THE_LOCK)
def test_locks_that_anybody_can_take_keep_no_ingest_out(as_role, loaded_database, role):
    cursor = as_role(role)
    cursor.execute("select pg_advisory_lock(key) from unnest(array[0, 1, 7306084418]) as key")
    with open_raw(loaded_database, print):
        pass


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", ["sql", "plpgsql"])
def test_nobody_makes_functions_for_others_to_run(as_role, role, language):
    schema = {LOADER: "raw_bts", READER: "marts"}.get(role, "governance")
    body = "select 1" if language == "sql" else "begin return 1; end"
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match=r"language|schema"):
        as_role(role).execute(
            f"create function {schema}.trap() returns integer language {language} volatile as '{body}'"
        )


@pytest.mark.parametrize("role", ROLES)
def test_no_role_can_put_something_where_others_look_for_names_without_a_schema(as_role, role):
    cursor = as_role(role)
    cursor.execute("select unnest(current_schemas(true))")
    looked_in = [schema for (schema,) in cursor.fetchall() if not schema.startswith("pg_temp")]
    assert looked_in == ["pg_catalog", "public"]
    for other in (LOADER, TRANSFORMER, READER):
        for schema in looked_in:
            cursor.execute("select has_schema_privilege(%s, %s, 'create')", [other, schema])
            assert cursor.fetchall() == [(False,)]


@pytest.mark.parametrize(
    ("made", "dropped", "said"),
    [
        ("create view raw_bts.airports_view as select 1 as number", "drop view raw_bts.airports_view", "a view"),
        (
            "alter table raw_reference.airports enable row level security",
            "alter table raw_reference.airports disable row level security",
            "a table with policies",
        ),
        (
            "create type raw_bts.mood as enum ('on time'); create table raw_bts.moods (mood raw_bts.mood)",
            "drop table raw_bts.moods; drop type raw_bts.mood",
            "column mood has a type of its own",
        ),
    ],
)
def test_a_build_refuses_what_could_run_anothers_code(loaded_database, postgres, made, dropped, said):
    postgres.execute(DATABASE, made, role=LOADER)
    try:
        with pytest.raises(DbtBaseException, match=said):
            build(loaded_database, postgres)
    finally:
        postgres.execute(DATABASE, dropped, role=LOADER)
    assert build(loaded_database, postgres)["dim_dates"] == "success"


def test_a_function_of_before_stops_a_build(loaded_database, postgres):
    made = "create function raw_bts.trap() returns integer language sql as 'select 1'"
    postgres.execute(DATABASE, made, role=ADMIN)
    try:
        with pytest.raises(DbtBaseException, match=r"raw_bts\.trap is no plain table.*a function"):
            build(loaded_database, postgres)
    finally:
        postgres.execute(DATABASE, "drop function raw_bts.trap()", role=ADMIN)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_connects_to_a_database_that_is_not_theirs(as_role, postgres, role):
    catalogue = "rights_lake"
    make_roles(Settings(data_dir=postgres.data_dir, postgres_port=postgres.server.port), (catalogue,))
    as_role(role, catalogue if role == OWNER else DATABASE)
    for database in ("postgres", "template1", *(() if role == OWNER else (catalogue,))):
        with pytest.raises(OntimeError, match=f"does not let {role} into database {database}"):
            as_role(role, database)


def test_on_a_server_of_others_their_databases_are_told_of_and_left_alone(postgres, tmp_path):
    postgres.execute("postgres", "grant connect on database template1 to public", role=ADMIN)
    variables = postgres.variables(DATABASE, tmp_path) | {"ONTIME_POSTGRES_USER": ADMIN}
    said = run_ontime(tmp_path, "server", "roles", env=variables).stdout
    assert "  revoke connect on database template1 from public\n" in said
    ((is_open,),) = postgres.query("postgres", "select has_database_privilege('public', 'template1', 'connect')", ADMIN)
    assert is_open
