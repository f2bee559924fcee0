"""`lake`: DuckLake, Parquet files in a folder or object store and a catalog in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.engine import LoaderFileFormat, Progress, UpdatableTables
from engines.extensions import extension_findings
from engines.lake.catalog import (
    LAKE,
    attach,
    catalog_name,
    catalog_settings,
    create,
    data_url,
    extensions,
    file_findings,
    is_remote,
    s3_keys,
)
from engines.lake.lock import locked
from engines.memory import connect_in_memory
from engines.postgres.connection import OWNER, parameters
from engines.postgres.findings import server_findings
from engines.postgres.lock import Work
from engines.raw_copy import copy_raw
from engines.versions import package_findings
from ontime.disk_faults import disk_fault
from ontime.errors import NotYetError, OntimeError
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb
    from dlt.common.destination import Destination
    from dlt.common.storages.configuration import FilesystemConfiguration

    from engines.finding import Finding
    from ontime.settings import Settings


class LakeEngine(UpdatableTables):
    """Raw and built schemas side by side in one lake; see `Engine`."""

    file_format: LoaderFileFormat = "parquet"

    def destination(self, settings: Settings, connection: duckdb.DuckDBPyConnection) -> Destination[Any, Any]:
        """DuckLake for dlt, over the connection that has the lake attached."""
        # dlt takes a second to import, and a run that finds nothing new does not need it
        from dlt.common.configuration.specs import ConnectionStringCredentials  # noqa: PLC0415
        from dlt.destinations.impl.ducklake.configuration import DuckLakeCredentials  # noqa: PLC0415

        from engines.lake.loader import lent_destination  # noqa: PLC0415

        found = parameters(catalog_settings(settings), OWNER)
        catalog = ConnectionStringCredentials()
        catalog.drivername, catalog.database = "postgres", found["dbname"]
        catalog.host, catalog.port, catalog.username = found["host"], found["port"], found["user"]
        return lent_destination(DuckLakeCredentials(LAKE, catalog=catalog, storage=_storage(settings)), connection)

    @contextmanager
    def open_raw(
        self, settings: Settings, progress: Progress, *, read_only: bool
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Attach the lake; see `Engine.open_raw`. Readers never wait, and see one snapshot in a transaction."""
        with ExitStack() as stack:
            connection = stack.enter_context(opened(settings))
            if read_only:
                attach(connection, settings, "read_only")
            else:
                stack.enter_context(locked(settings, Work.INGEST, progress))
                create(connection, settings)
            connection.execute(f"use {LAKE}")
            yield connection

    @contextmanager
    def open_warehouse(self, settings: Settings, progress: Progress) -> Iterator[duckdb.DuckDBPyConnection]:
        """Attach the lake for reading; see `Engine.open_warehouse`."""
        with self.open_raw(settings, progress, read_only=True) as connection:
            if not _exists(connection, "marts.fct_flights"):
                raise NotYetError(f"{catalog_name(settings)} has no marts", remedy="build them first with dbt build")
            yield connection

    def refresh(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Nothing to do: each transaction begins at the newest snapshot."""

    def findings(self, settings: Settings) -> Iterator[Finding]:
        """The adapter, DuckDB's extensions, the catalog's server, the data files; see `Engine.findings`."""
        yield from package_findings("runtime", "dbt-duckdb", "psycopg2-binary")
        yield from extension_findings(*extensions(settings))
        yield from server_findings(catalog_settings(settings), OWNER)
        yield from file_findings(settings)

    def give_raw(self, settings: Settings, path: Path, version: int | None = None) -> int | None:
        """Copy a snapshot's raw schemas, by default the newest's; see `Engine.give_raw`."""
        with opened(settings) as connection:
            if version is None:
                attach(connection, settings, "read_only")
                ((version,),) = connection.execute(f"from ducklake_current_snapshot({quote_sql(LAKE)})").fetchall()
                connection.execute(f"detach {LAKE}")
            attach(connection, settings, "read_only", f"snapshot_version {version}")
            connection.execute(f"use {LAKE}")
            copy_raw(connection, path)
        return version


@contextmanager
def opened(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory with nothing attached, in UTC; for the lake alone.

    Raises:
        OntimeError: If the catalog or the files can no longer be reached.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    with connect_in_memory(settings) as connection:
        try:
            yield connection
        except duckdb.IOException as error:
            if full := disk_fault(error):
                raise OntimeError(full) from error
            said = str(error).strip().splitlines()[0]
            raise OntimeError(
                f"{catalog_name(settings)}, or a file in {data_url(settings)}, is out of reach: {said}"
            ) from error


def _exists(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(
        connection.execute(
            "select 1 from information_schema.tables where table_catalog = ? and table_schema = ? and table_name = ?",
            [LAKE, *table.split(".")],
        ).fetchall()
    )


def _storage(settings: Settings) -> FilesystemConfiguration:
    from dlt.common.configuration.specs import AwsCredentials  # noqa: PLC0415
    from dlt.common.storages.configuration import FilesystemConfiguration  # noqa: PLC0415

    if not is_remote(settings):
        return FilesystemConfiguration(data_url(settings))
    key_id, secret = s3_keys(settings)
    credentials = AwsCredentials(key_id, secret, region_name=settings.lake_s3_region)
    credentials.endpoint_url = settings.lake_s3_endpoint or ""
    return FilesystemConfiguration(data_url(settings), credentials)
