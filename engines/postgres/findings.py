"""What `ontime doctor` tells of a PostgreSQL server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from engines.finding import Finding, ok
from engines.postgres.connection import LOADER, READER, TRANSFORMER, connect, parameters, password_file
from engines.postgres.lock import lock_holder
from engines.postgres.roles import ROLES
from ontime.schemas import BUILT_SCHEMAS, RAW_SCHEMAS

if TYPE_CHECKING:
    import psycopg2.extensions

    from ontime.settings import Settings

OLDEST_VERSION: Final = 15
# server_version is 180003 for 18.3
VERSION_UNIT: Final = 10_000
CHECK: Final = "PostgreSQL"
ROLES_TODO: Final = "set the roles and their rights with ontime server roles, as an administrator"


def server_findings(settings: Settings, role: str) -> Iterator[Finding]:
    """The server, and who writes raw there.

    Args:
        settings: Name the server and the database.
        role: Whom to log in as.

    Raises:
        OntimeError: If the server does not let us in.
    """
    found = parameters(settings, role)
    where = f"{found['host']}:{found['port']}, database {found['dbname']}"
    with closing(connect(settings, role)) as connection:
        version = connection.server_version // VERSION_UNIT
        if version < OLDEST_VERSION:
            said = f"{version} at {where}, and {OLDEST_VERSION} or newer is needed"
            yield Finding("problem", CHECK, said, "upgrade the server, or set ONTIME_POSTGRES_HOST to another")
        else:
            yield ok(CHECK, f"{version} at {where}; {found['user']} logs in")
        if holder := lock_holder(connection):
            yield Finding(
                "warning", "locks", f"{where}: in use by {holder}", "wait for it to end before the next ingest"
            )


def role_findings(settings: Settings) -> Iterator[Finding]:
    """Whether those who load, build and read exist and may do so.

    Raises:
        OntimeError: If the server does not let one in.
    """
    # with a role of one's own, dbt's grants still need the reader
    wanted = list(ROLES) if settings.postgres_user is None else [READER]
    for role, schemas in ((LOADER, RAW_SCHEMAS), (TRANSFORMER, BUILT_SCHEMAS)):
        with closing(connect(settings, role)) as connection:
            missing = _column(
                connection,
                "select name from unnest(%s) as name where name not in (select rolname from pg_roles)",
                wanted,
            )
            closed = _column(
                connection,
                "select name from unnest(%s) as name"
                " where not coalesce(has_schema_privilege(to_regnamespace(name)::oid, 'create'), false)",
                list(schemas),
            )
        user = parameters(settings, role)["user"]
        if missing:
            yield Finding("problem", "roles", f"the server has no role {', '.join(missing)}", ROLES_TODO)
        if closed:
            yield Finding("problem", "roles", f"{user} may not write, or there is no, {', '.join(closed)}", ROLES_TODO)
        if not missing and not closed:
            yield ok("roles", f"{user} may write {', '.join(schemas)}")
    if settings.postgres_user is None:
        yield from _function_findings(settings)
    passfile = password_file(settings, user) if settings.postgres_password is None else None
    if passfile and os.environ.get("PGPASSFILE") != str(passfile):
        found = "dbt does not look into the data folder for its password, as ontime does"
        yield Finding("warning", "roles", found, f"export PGPASSFILE={passfile}")


def _function_findings(settings: Settings) -> Iterator[Finding]:
    """Whether one role can have another run its functions."""
    with closing(connect(settings, LOADER)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select lanname from pg_language where lanpltrusted and has_language_privilege(oid, 'usage') order by 1"
        )
        languages = ", ".join(name for (name,) in cursor.fetchall())
    if languages:
        found = f"{LOADER} may make functions in {languages}, which views would have others run"
        todo = f"revoke usage on language {languages} from public, as their owner"
        yield Finding("warning", "roles", found, todo)


def _column(connection: psycopg2.extensions.connection, sql: str, names: list[str]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [names])
        return [name for (name,) in cursor.fetchall()]
