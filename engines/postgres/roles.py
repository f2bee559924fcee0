"""The database and its four roles, each with no more rights than its work needs."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from engines.postgres.connection import LOADER, OWNER, READER, TRANSFORMER, connect, parameters
from engines.postgres.lock import SCHEMA as LOCKS
from engines.postgres.lock import TABLE as LOCKED
from engines.postgres.server import ADMIN, EmbeddedServer
from ontime.errors import OntimeError
from ontime.schemas import BUILT_SCHEMAS, RAW_SCHEMAS, READ_SCHEMAS
from ontime.sql import quoted

if TYPE_CHECKING:
    import psycopg2.extensions

    from ontime.settings import Settings

ROLES: Final = {
    OWNER: "owns the database and its schemas",
    LOADER: "writes raw, and reads nothing else",
    TRANSFORMER: "reads raw, and writes what dbt builds",
    READER: "reads marts, reports and features",
}
# text sorts by its bytes, as on the other engines
DATABASE_OPTIONS: Final = "template template0 encoding 'UTF8' locale_provider libc locale 'C'"


def make_roles(settings: Settings, databases: tuple[str, ...] = ()) -> list[str]:
    """Make the database, the roles and the schemas that are missing, and set all rights; give the roles made.

    What exists keeps its password and its rows. New passwords go into the data folder's file of passwords.

    Args:
        settings: Name the server; ONTIME_POSTGRES_USER is its administrator.
        databases: More databases for the owner.

    Raises:
        OntimeError: If the administrator may not do this.
    """
    import psycopg2  # noqa: PLC0415 - other targets do without

    found = parameters(settings, ADMIN)
    server = f"PostgreSQL at {found['host']}:{found['port']}"
    try:
        with closing(connect(settings, ADMIN, "postgres")) as connection:
            made = [role for role in ROLES if _make_role(connection, settings, role)]
            _execute(connection, *_memberships(connection))
            for database in (settings.postgres_database, *databases):
                _make_database(connection, database)
            if settings.postgres_host is None:
                _execute(connection, *map(_close, _open_databases(connection)))
        with closing(connect(settings, ADMIN)) as connection:
            _execute(connection, "begin", *_rights(settings.postgres_database), *_languages(connection), "commit")
    except psycopg2.Error as error:
        raise OntimeError(
            f"{found['user']} could not make the roles ({str(error).strip().splitlines()[0]})",
            where=server,
            remedy="set ONTIME_POSTGRES_USER to an administrator",
        ) from None
    return made


def open_databases(settings: Settings) -> list[str]:
    """The server's databases to which whoever has a role may connect, and so may the four.

    On a server of one's own `make_roles` leaves none; on others these may be in use by others.
    """
    with closing(connect(settings, ADMIN, "postgres")) as connection:
        return _open_databases(connection)


def _make_role(connection: psycopg2.extensions.connection, settings: Settings, role: str) -> bool:
    """Make a role that is missing, or give one on our own server the password that was lost."""
    from psycopg2.extensions import encrypt_password  # noqa: PLC0415

    found = parameters(settings, role)
    passfile = EmbeddedServer.of(settings).passfile
    exists = bool(_rows(connection, "select 1 from pg_roles where rolname = %s", role))
    lost = passfile.get(found["host"], found["port"], role) is None
    if exists and not (lost and settings.postgres_host is None):
        return False
    password = secrets.token_urlsafe(24)
    # the server gets a verifier, so no log of statements has the password
    verifier = encrypt_password(password, role, scope=connection, algorithm="scram-sha-256")
    passfile.set(found["host"], found["port"], role, password)
    with connection.cursor() as cursor:
        options = "login nosuperuser nocreatedb nocreaterole noreplication"
        cursor.execute(f"{'alter' if exists else 'create'} role {role} {options} password %s", [verifier])
    return not exists


def _memberships(connection: psycopg2.extensions.connection) -> Iterator[str]:
    """The owner can do what the loader and the transformer can, and the administrator can act for them."""
    yield f"grant {LOADER}, {TRANSFORMER} to {OWNER}"
    if not _rows(connection, "select 1 from pg_roles where rolname = current_user and rolsuper"):
        yield f"grant {', '.join(ROLES)} to current_user"
    # instants carry no zone and are UTC: whatever reads a zone must read that one
    for role in ROLES:
        yield f"alter role {role} set timezone to 'UTC'"
    # dbt says so before each build; this is for its tests (see macros/postgres.sql)
    for setting in ("enable_nestloop", "enable_mergejoin"):
        yield f"alter role {TRANSFORMER} set {setting} to off"


def _make_database(connection: psycopg2.extensions.connection, database: str) -> None:
    if not _rows(connection, "select 1 from pg_database where datname = %s", database):
        _execute(connection, f"create database {quoted(database)} owner {OWNER} {DATABASE_OPTIONS}")
    _execute(connection, _close(database))


def _open_databases(connection: psycopg2.extensions.connection) -> list[str]:
    found = _rows(
        connection,
        "select datname from pg_database"
        " where datallowconn and has_database_privilege('public', oid, 'connect') order by 1",
    )
    return [name for (name,) in found]


def _close(database: str) -> str:
    return f"revoke all on database {quoted(database)} from public"


def _languages(connection: psycopg2.extensions.connection) -> Iterator[str]:
    """Nobody makes functions: whoever selects from a view, or a table with policies, runs those in it as himself."""
    found = _rows(
        connection,
        "select lanname from pg_language where lanpltrusted"
        " and has_language_privilege('public', oid, 'usage') and pg_has_role(lanowner, 'usage')",
    )
    for (language,) in found:
        yield f"revoke usage on language {quoted(language)} from public"


def _rights(database: str) -> Iterator[str]:
    yield f"alter database {quoted(database)} set timezone to 'UTC'"
    yield f"grant connect on database {quoted(database)} to {LOADER}, {READER}"
    yield f"grant connect, temporary on database {quoted(database)} to {TRANSFORMER}"
    yield "revoke create on schema public from public"
    for schema in RAW_SCHEMAS:
        yield f"create schema if not exists {schema} authorization {OWNER}"
        yield f"grant usage, create on schema {schema} to {LOADER}"
        yield f"grant usage on schema {schema} to {TRANSFORMER}"
        yield f"grant select on all tables in schema {schema} to {TRANSFORMER}"
        yield f"alter default privileges for role {LOADER} in schema {schema} grant select on tables to {TRANSFORMER}"
    yield f"create schema if not exists {LOCKS} authorization {OWNER}"
    yield f"create table if not exists {LOCKS}.{LOCKED} ()"
    yield f"alter table {LOCKS}.{LOCKED} owner to {OWNER}"
    yield f"grant usage on schema {LOCKS} to {LOADER}"
    # enough to lock it in any mode
    yield f"grant update on {LOCKS}.{LOCKED} to {LOADER}"
    for schema in BUILT_SCHEMAS:
        yield f"create schema if not exists {schema} authorization {OWNER}"
        yield f"grant usage, create on schema {schema} to {TRANSFORMER}"
    for schema in READ_SCHEMAS:
        # the tables themselves are granted by dbt whenever it builds them
        yield f"grant usage on schema {schema} to {READER}"


def _execute(connection: psycopg2.extensions.connection, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _rows(connection: psycopg2.extensions.connection, sql: str, *values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall()
