"""Connections to PostgreSQL for the target's settings, with errors that say what to do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engines.postgres.server import HOST, EmbeddedServer
from ontime.errors import OntimeError

if TYPE_CHECKING:
    import psycopg2.extensions

    from ontime.settings import Settings

OWNER: Final = "ontime_owner"
LOADER: Final = "ontime_loader"
TRANSFORMER: Final = "ontime_transformer"
READER: Final = "ontime_reader"
CONNECT_SECONDS: Final = 15


def parameters(settings: Settings, role: str, database: str | None = None) -> dict[str, Any]:
    """The parameters of a connection, as libpq names them.

    Args:
        settings: Name the server; ONTIME_POSTGRES_USER goes before `role`.
        role: The role that was made for the work.
        database: Another database than the warehouse's.
    """
    found: dict[str, Any] = {
        "host": settings.postgres_host or HOST,
        "port": settings.postgres_port,
        "dbname": database or settings.postgres_database,
        "user": settings.postgres_user or role,
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "ontime",
    }
    if settings.postgres_password is not None:
        found["password"] = settings.postgres_password.get_secret_value()
    elif passfile := password_file(settings, found["user"]):
        found["passfile"] = str(passfile)
    return found


def password_file(settings: Settings, user: str) -> Path | None:
    """The data folder's file of passwords, where it is to be used; None leaves the search to libpq.

    Whoever keeps PGPASSFILE for other servers finds the data folder's own server all the same.
    """
    passfile = EmbeddedServer.of(settings).passfile
    is_own = settings.postgres_host is None and passfile.get(HOST, settings.postgres_port, user) is not None
    if not is_own and ("PGPASSFILE" in os.environ or "PGPASSWORD" in os.environ):
        return None
    return passfile.path if passfile.path.exists() else None


def connection_string(found: dict[str, Any]) -> str:
    """Parameters as libpq's text."""
    quoted = {name: str(value).replace("\\", "\\\\").replace("'", "\\'") for name, value in found.items()}
    return " ".join(f"{name}='{value}'" for name, value in quoted.items())


def connect(settings: Settings, role: str, database: str | None = None) -> psycopg2.extensions.connection:
    """Connect; each statement commits.

    Args:
        settings: Name the server.
        role: The role that was made for the work; ONTIME_POSTGRES_USER goes before it.
        database: Another database than the warehouse's.

    Raises:
        OntimeError: If the server does not let us in.
    """
    import psycopg2  # noqa: PLC0415 - other targets do without

    found = parameters(settings, role, database)
    try:
        connection: psycopg2.extensions.connection = psycopg2.connect(**found)
    except psycopg2.OperationalError as error:
        raise OntimeError(_refusal(settings, found, str(error))) from None
    connection.autocommit = True
    return connection


def _refusal(settings: Settings, found: dict[str, Any], said: str) -> str:
    server = f"PostgreSQL at {found['host']}:{found['port']}"
    if "password authentication failed" in said or "no password supplied" in said or "does not exist" in said:
        return _unknown(server, found, said)
    if "permission denied for database" in said:
        return (
            f"{server} does not let {found['user']} into database {found['dbname']}: set its rights with ontime server"
            " roles, for which set ONTIME_POSTGRES_USER to an administrator"
        )
    reason = said.strip().splitlines()[0].rpartition("failed: ")[2].removeprefix("FATAL:").strip()
    start = "start it with ontime server start" if settings.postgres_host is None else "see that it runs"
    return f"{server} cannot be reached ({reason}): {start}, or set ONTIME_POSTGRES_HOST and ONTIME_POSTGRES_PORT"


def _unknown(server: str, found: dict[str, Any], said: str) -> str:
    if f'database "{found["dbname"]}" does not exist' in said:
        return f"{server} has no database {found['dbname']}: make it and the roles with ontime server roles"
    if "does not exist" in said:
        return f"{server} has no role {found['user']}: make the roles with ontime server roles"
    what = "wants a password" if "no password" in said else "refuses the password, or has no such role,"
    return (
        f"{server} {what} of {found['user']}: set ONTIME_POSTGRES_PASSWORD or PGPASSFILE, or make the roles with"
        " ontime server roles"
    )
