"""One ingest at a time for each database, wherever it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ontime.errors import InUseError
from ontime.locks import wait_until

if TYPE_CHECKING:
    import psycopg2.extensions

    from engines.engine import Progress
    from ontime.settings import Settings

# names the lock that keeps two loaders, perhaps on two machines, from one another's raw schemas
RAW_LOCK: Final = 7_306_084_418
HOLDER: Final = """
    select activity.pid, coalesce(host(activity.client_addr), 'the same machine')
    from pg_locks join pg_stat_activity as activity using (pid)
    where locktype = 'advisory' and granted and objsubid = 1 and (classid::bigint << 32) | objid::bigint = %s
        and pg_locks.database = (select oid from pg_database where datname = current_database())
"""


def lock_raw(connection: psycopg2.extensions.connection, settings: Settings, progress: Progress, database: str) -> None:
    """Wait for the lock on a database's raw schemas; it goes when the connection does, however that ends.

    Raises:
        InUseError: If another still has it after `settings.lock_timeout_seconds`.
    """
    where = f"{database} is in use by another ingest"

    def is_taken() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s)", [RAW_LOCK])
            return cursor.fetchall() == [(True,)]

    if not wait_until(is_taken, settings.lock_timeout_seconds, lambda: progress(f"waiting: {where}")):
        raise InUseError(where, remedy="wait for it to end and try again")


def lock_holder(connection: psycopg2.extensions.connection) -> str | None:
    """Which session holds the lock on the raw schemas of the connection's database, None if it is free."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDER, [RAW_LOCK])
        found = cursor.fetchone()
    return f"session {found[0]} from {found[1]}" if found else None
