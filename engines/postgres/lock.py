"""One ingest at a time for each database, wherever it runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ontime.errors import InUseError

if TYPE_CHECKING:
    import psycopg2.extensions

    from engines.engine import Progress
    from ontime.settings import Settings

# names the lock that keeps two loaders, perhaps on two machines, from one another's raw schemas
RAW_LOCK: Final = 7_306_084_418
POLL_SECONDS: Final = 0.2
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
    deadline = time.monotonic() + settings.lock_timeout_seconds
    told = False
    with connection.cursor() as cursor:
        while True:
            cursor.execute("select pg_try_advisory_lock(%s)", [RAW_LOCK])
            if cursor.fetchall() == [(True,)]:
                return
            where = f"{database} is in use by another ingest"
            if time.monotonic() >= deadline:
                raise InUseError(where, remedy="wait for it to end and try again")
            if not told:
                progress(f"waiting: {where}")
                told = True
            time.sleep(POLL_SECONDS)


def lock_holder(connection: psycopg2.extensions.connection) -> str | None:
    """Which session holds the lock on the raw schemas of the connection's database, None if it is free."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDER, [RAW_LOCK])
        found = cursor.fetchone()
    return f"session {found[0]} from {found[1]}" if found else None
