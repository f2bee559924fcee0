"""What a target's engine offers to the loader and to whoever reads what dbt built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import duckdb
    from dlt.common.destination import Destination

    from engines.finding import Finding
    from ontime.settings import Settings

Progress = Callable[[str], None]
LoaderFileFormat = Literal["parquet", "csv"]


class Engine(Protocol):
    """An engine, with DuckDB as the client of its raw schemas and of its built tables.

    Attributes:
        file_format: The files in which the loader hands rows to dlt.
    """

    file_format: LoaderFileFormat

    def destination(self, settings: Settings, connection: duckdb.DuckDBPyConnection) -> Destination[Any, Any]:
        """The dlt destination, for the raw database that `connection` has open."""

    def open_raw(
        self, settings: Settings, progress: Progress, *, read_only: bool
    ) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Open the raw schemas: they stand in the connection's current database.

        At most one is open for writing at a time, whoever has it; the others wait.

        Raises:
            OntimeError: If they cannot be reached, are in use for too long, or `read_only` and not there.
        """

    def open_warehouse(
        self, settings: Settings, progress: Progress
    ) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Open the schemas that dbt built, read-only: they stand in the connection's current database.

        Raises:
            OntimeError: If they cannot be reached, or nothing was built.
        """

    def refresh(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let a connection of `open_raw` see what dlt has just made."""

    def append(self, connection: duckdb.DuckDBPyConnection, table: str, select: str) -> None:
        """Add the rows of a select to a raw table, all or none.

        Args:
            connection: Of `open_raw`, for writing.
            table: With its schema.
            select: Gives all of the table's columns, by their names.
        """

    def give_raw(self, settings: Settings, path: Path, version: int | None = None) -> int | None:
        """Put the raw schemas where a DuckDB file of them is wanted: a copy, or a link.

        Args:
            settings: For the target.
            path: The file; it does not exist yet.
            version: What an earlier call returned, to get the same rows; without it, those of now. Engines that
                keep no versions give the rows of now, among which all older loads are.

        Returns:
            The version of what was given, None where the engine keeps none.

        Raises:
            OntimeError: If nothing is loaded, the raw schemas cannot be reached, or the version is gone.
        """

    def findings(self, settings: Settings) -> Iterator[Finding]:
        """What `ontime doctor` is to tell of this target alone: its packages, extensions, server, files.

        Args:
            settings: For the target; nothing is to be waited for.

        Raises:
            OntimeError: If something is wrong that keeps the rest from being looked at.
        """


class UpdatableTables:
    """The part of an engine whose raw tables DuckDB can change by SQL."""

    def append(self, connection: duckdb.DuckDBPyConnection, table: str, select: str) -> None:
        """See `Engine.append`."""
        names = ", ".join(name for name, *_ in connection.execute(f"describe {select}").fetchall())
        connection.execute(f"insert into {table} ({names}) {select}")
