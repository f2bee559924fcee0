"""`postgres`: a PostgreSQL server, 15 or newer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engines.engine import LoaderFileFormat, Progress, UpdatableTables
from engines.extensions import extension_findings, load_extensions
from engines.memory import connect_in_memory
from engines.postgres.connection import LOADER, TRANSFORMER, connect, connection_string, parameters
from engines.postgres.findings import role_findings, server_findings
from engines.postgres.lock import Work, lock
from engines.raw_copy import copy_raw
from engines.versions import package_findings
from ontime.errors import NotYetError
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb
    from dlt.common.destination import Destination

    from engines.finding import Finding
    from ontime.settings import Settings

MAX_CONNECTIONS: Final = 4


class PostgresEngine(UpdatableTables):
    """Raw and built schemas side by side in one database; see `Engine`."""

    file_format: LoaderFileFormat = "csv"

    def destination(self, settings: Settings, connection: duckdb.DuckDBPyConnection) -> Destination[Any, Any]:  # noqa: ARG002 - as `Engine` has it
        """PostgreSQL for dlt, which copies the CSV files over a connection of its own."""
        import dlt  # noqa: PLC0415 - takes a second, and a run that finds nothing new does not need it
        from dlt.destinations.impl.postgres.configuration import PostgresCredentials  # noqa: PLC0415

        found = parameters(settings, LOADER)
        credentials = PostgresCredentials()
        credentials.host, credentials.port = found["host"], found["port"]
        credentials.database, credentials.username = found["dbname"], found["user"]
        credentials.password = found.get("password", "")
        credentials.query = {"passfile": found["passfile"]} if "passfile" in found else {}
        return dlt.destinations.postgres(credentials, preferred_loader_file_format=self.file_format)

    @contextmanager
    def open_raw(
        self, settings: Settings, progress: Progress, *, read_only: bool
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Attach the database as the loader; see `Engine.open_raw`."""
        with closing(connect(settings, LOADER)) as own:
            if not read_only:
                lock(own, Work.INGEST, settings, progress, f"database {settings.postgres_database}")
            with _attached(settings, LOADER, read_only=read_only) as connection:
                yield connection

    @contextmanager
    def open_warehouse(self, settings: Settings, progress: Progress) -> Iterator[duckdb.DuckDBPyConnection]:  # noqa: ARG002 - as `Engine` has it
        """Attach the database as the transformer, who may read all that dbt built; see `Engine.open_warehouse`."""
        with closing(connect(settings, TRANSFORMER)) as own, own.cursor() as cursor:
            cursor.execute("select to_regclass('marts.fct_flights') is null")
            if cursor.fetchall() == [(True,)]:
                raise NotYetError(
                    f"database {settings.postgres_database} has no marts", remedy="build them first with dbt build"
                )
        with _attached(settings, TRANSFORMER, read_only=True) as connection:
            yield connection

    def refresh(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Forget what the database held when it was attached."""
        connection.execute("call pg_clear_cache()")

    def findings(self, settings: Settings) -> Iterator[Finding]:
        """The adapter, DuckDB's extension, the server, its roles; see `Engine.findings`."""
        yield from package_findings("runtime", "dbt-postgres", "psycopg2-binary")
        yield from extension_findings("postgres_scanner")
        yield from server_findings(settings, LOADER)
        yield from role_findings(settings)

    def give_raw(self, settings: Settings, path: Path, version: int | None = None) -> int | None:  # noqa: ARG002 - as `Engine` has it
        """Copy the raw schemas; PostgreSQL keeps no older state. See `Engine.give_raw`."""
        with self.open_raw(settings, lambda _line: None, read_only=True) as connection:
            copy_raw(connection, path)
        return None


@contextmanager
def _attached(settings: Settings, role: str, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect_in_memory(settings) as connection:
        load_extensions(connection, "postgres_scanner")
        connection.execute(f"set pg_connection_limit = {MAX_CONNECTIONS}")
        access = ", read_only" if read_only else ""
        string = connection_string(parameters(settings, role))
        connection.execute(f"attach {quote_sql(string)} as raw (type postgres{access})")
        connection.execute("use raw")
        yield connection
