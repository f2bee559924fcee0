"""Who may work on the lake at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from engines.lake.catalog import catalog_name, catalog_settings
from engines.postgres.connection import OWNER, connect
from engines.postgres.lock import Work, lock, make_lock
from ontime.errors import InUseError
from ontime.locks import wait_until

if TYPE_CHECKING:
    import psycopg2.extensions

    from engines.engine import Progress
    from ontime.settings import Settings

# DuckLake keeps a transaction of the catalog open for as long as its own, whoever opened it; one that begins later than
# the lock was taken sees what stays
OLDER_TRANSACTIONS: Final = """
    select pid, coalesce(host(client_addr), 'the same machine'), to_char(xact_start at time zone 'UTC', 'HH24:MI:SS')
    from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and xact_start < now()
        and pid <> pg_backend_pid()
    order by xact_start
    limit 1
"""


@contextmanager
def locked(settings: Settings, work: Work, progress: Progress) -> Iterator[None]:
    """Keep out what does not go together with some work for as long as the context lasts.

    Raises:
        InUseError: If others still work after `settings.lock_timeout_seconds`, or have a transaction open.
    """
    with closing(take_lock(settings, work, progress)) as connection:
        if work is Work.UPKEEP:
            _await_transactions(connection, settings, progress)
        yield


def take_lock(settings: Settings, work: Work, progress: Progress) -> psycopg2.extensions.connection:
    """The same as a connection, which has the lock until it closes.

    Raises:
        InUseError: As `locked` says.
    """
    connection = connect(catalog_settings(settings), OWNER)
    try:
        make_lock(connection)
        lock(connection, work, settings, progress, catalog_name(settings))
    except BaseException:
        connection.close()
        raise
    return connection


def _await_transactions(connection: psycopg2.extensions.connection, settings: Settings, progress: Progress) -> None:
    """Wait for the sessions that take no lock, as they are not of this project, but were at work before it was taken.

    Raises:
        InUseError: If one still has its transaction open after `settings.lock_timeout_seconds`.
    """

    def where() -> str:
        process, address, since = _older_transaction(connection) or ("that just ended", "there", "then")
        return f"{catalog_name(settings)} has a transaction open since {since} UTC (session {process} from {address})"

    def is_over() -> bool:
        return _older_transaction(connection) is None

    if not wait_until(is_over, settings.lock_timeout_seconds, lambda: progress(f"waiting: {where()}")):
        raise InUseError(where(), remedy="end it and try again")


def _older_transaction(connection: psycopg2.extensions.connection) -> tuple[int, str, str] | None:
    with connection.cursor() as cursor:
        # else a transaction sees what it saw before
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute(OLDER_TRANSACTIONS)
        found: tuple[int, str, str] | None = cursor.fetchone()
    return found
