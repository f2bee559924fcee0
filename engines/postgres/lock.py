"""Who may work on a database at the same time, wherever they run.

PostgreSQL's modes of locks on a table say so. The table is for nobody else to lock: an advisory lock could be taken by
whoever connects. A lock goes when the connection does, however that ends.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from ontime.errors import InUseError, OntimeError
from ontime.locks import wait_until

if TYPE_CHECKING:
    import psycopg2.extensions

    from engines.engine import Progress
    from ontime.settings import Settings

SCHEMA: Final = "locks"
TABLE: Final = "work"
HOLDER: Final = """
    select pg_locks.mode, activity.pid, coalesce(host(activity.client_addr), 'the same machine')
    from pg_locks
    join pg_stat_activity as activity using (pid)
    join pg_class as locked on locked.oid = pg_locks.relation
    where locked.relname = %s and locked.relnamespace = to_regnamespace(%s) and granted and pid <> pg_backend_pid()
        and pg_locks.database = (select oid from pg_database where datname = current_database())
    order by activity.xact_start
    limit 1
"""


class Work(Enum):
    """What is done under the lock, as its mode: which of them go together is PostgreSQL's table of conflicts.

    Attributes:
        BUILD: Beside other builds and an ingest.
        INGEST: Beside builds.
        UPKEEP: Beside nothing.
    """

    BUILD = "row share"
    INGEST = "share row exclusive"
    UPKEEP = "exclusive"

    def __str__(self) -> str:
        return {"BUILD": "a build", "INGEST": "an ingest", "UPKEEP": "an upkeep of the lake"}[self.name]

    @classmethod
    def of_mode(cls, mode: str) -> Work | None:
        """The work of a mode as PostgreSQL shows it, None for others."""
        return next((work for work in cls if work.value.replace(" ", "") + "lock" == mode.lower()), None)


def lock(
    connection: psycopg2.extensions.connection, work: Work, settings: Settings, progress: Progress, database: str
) -> None:
    """Wait until work may begin on a database; from then on it is this connection's, until it closes.

    Args:
        connection: Does nothing else: the lock is that of its transaction.
        work: What is to be done.
        settings: For how long to wait.
        progress: Is told of a wait.
        database: In messages.

    Raises:
        InUseError: If others still have it after `settings.lock_timeout_seconds`.
        OntimeError: If the table to lock is not there, or is not for this role.
    """
    import psycopg2  # noqa: PLC0415 - other targets do without

    def is_taken() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("begin")
            try:
                cursor.execute("set local idle_in_transaction_session_timeout = 0")
                cursor.execute(f"lock table {SCHEMA}.{TABLE} in {work.value} mode nowait")
            except psycopg2.errors.LockNotAvailable:
                cursor.execute("rollback")
                return False
        return True

    def where() -> str:
        return f"{database} is in use by {lock_holder(connection) or 'other work'}"

    try:
        if not wait_until(is_taken, settings.lock_timeout_seconds, lambda: progress(f"waiting: {where()}")):
            raise InUseError(where(), remedy="wait for it to end and try again")
    except psycopg2.errors.ProgrammingError as error:
        raise OntimeError(
            f"{database} cannot be locked ({str(error).strip().splitlines()[0]})",
            remedy="set the roles and their rights with ontime server roles, as an administrator",
        ) from None


def lock_holder(connection: psycopg2.extensions.connection) -> str | None:
    """Who holds the lock of the connection's database, and the session; None if it is free."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDER, [TABLE, SCHEMA])
        found = cursor.fetchone()
    if found is None:
        return None
    mode, process, address = found
    return f"{Work.of_mode(mode) or 'other work'} (session {process} from {address})"


def make_lock(connection: psycopg2.extensions.connection) -> None:
    """Make what is locked, where it is missing and the role may do so."""
    import psycopg2  # noqa: PLC0415 - other targets do without

    with connection.cursor() as cursor:
        cursor.execute("select 1 from pg_tables where (schemaname, tablename) = (%s, %s)", [SCHEMA, TABLE])
        if cursor.fetchone():
            return
        try:
            cursor.execute(f"create schema if not exists {SCHEMA}")
            cursor.execute(f"create table if not exists {SCHEMA}.{TABLE} ()")
        except psycopg2.errors.UniqueViolation:  # another has just made it
            make_lock(connection)
