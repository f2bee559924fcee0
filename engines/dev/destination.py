"""`dev`: DuckDB files in the data folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.duckdb_file import open_duckdb
from engines.engine import LoaderFileFormat, Progress, UpdatableTables
from engines.extensions import extension_findings
from engines.versions import package_findings
from ontime.errors import NotYetError

if TYPE_CHECKING:
    import duckdb
    from dlt.common.destination import Destination

    from engines.finding import Finding
    from ontime.settings import Settings


class DevEngine(UpdatableTables):
    """One file that the loader writes, and one that dbt builds; see `Engine`."""

    file_format: LoaderFileFormat = "parquet"

    def destination(self, settings: Settings, connection: duckdb.DuckDBPyConnection) -> Destination[Any, Any]:  # noqa: ARG002 - as `Engine` has it
        """The open raw database itself: nobody can lock it between two steps of a load.

        The loader's file format is a capability of the destination: dlt ignores it in `config.toml`, and without
        it loads rows as SQL text, a hundred times slower. With credentials that are resolved, dlt does not look for
        others in the environment at each of its thirty or so steps.
        """
        import dlt  # noqa: PLC0415 - takes a second, and a run that finds nothing new does not need it
        from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials  # noqa: PLC0415

        credentials = DuckDbCredentials(connection)
        credentials.resolve()
        return dlt.destinations.duckdb(credentials, preferred_loader_file_format=self.file_format)

    @contextmanager
    def open_raw(
        self, settings: Settings, progress: Progress, *, read_only: bool
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the raw file; see `Engine.open_raw`."""
        path = settings.raw_database
        if read_only and not path.exists():
            raise NotYetError(f"{path} does not exist", remedy="nothing is loaded yet, run ontime ingest")
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = open_duckdb(path, settings, progress, read_only=read_only)
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def open_warehouse(self, settings: Settings, progress: Progress) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the file that dbt builds; see `Engine.open_warehouse`."""
        path = settings.warehouse_database
        if not path.exists():
            raise NotYetError(f"{path} does not exist", remedy="build it first with dbt build")
        connection = open_duckdb(path, settings, progress, read_only=True)
        try:
            yield connection
        finally:
            connection.close()

    def refresh(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Nothing to do: dlt writes over this very connection."""

    def give_raw(self, settings: Settings, path: Path, version: int | None = None) -> int | None:  # noqa: ARG002 - as `Engine` has it
        """Link to the raw file, which keeps no older state; see `Engine.give_raw`."""
        if not settings.raw_database.exists():
            raise NotYetError(
                f"{settings.raw_database} does not exist", remedy="load the sample first with ontime ingest"
            )
        path.symlink_to(settings.raw_database.resolve())
        return None

    def findings(self, settings: Settings) -> Iterator[Finding]:  # noqa: ARG002 - as `Engine` has it
        """The adapter; the files are looked at on every target. See `Engine.findings`."""
        yield from package_findings("runtime", "dbt-duckdb")
        yield from extension_findings()
