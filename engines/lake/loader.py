"""dlt's DuckLake destination over a connection that has the lake attached already.

dlt opens a DuckDB of its own for every step of a load, and each loads the extensions again: 40 times half a second for
tables without a row.
"""

from __future__ import annotations

from typing import Any

import duckdb
from dlt.common.destination import Destination
from dlt.common.destination.capabilities import DestinationCapabilitiesContext
from dlt.common.schema import Schema
from dlt.destinations import ducklake
from dlt.destinations.impl.ducklake.configuration import DuckLakeClientConfiguration, DuckLakeCredentials
from dlt.destinations.impl.ducklake.ducklake import DuckLakeClient
from dlt.destinations.impl.ducklake.sql_client import DuckLakeSqlClient


def lent_destination(credentials: DuckLakeCredentials, connection: duckdb.DuckDBPyConnection) -> Destination[Any, Any]:
    """The destination of a lake.

    Args:
        credentials: Name the lake, its catalog and its files; nobody logs in by them.
        connection: Has the lake attached under the name in `credentials`.
    """

    class LentSqlClient(DuckLakeSqlClient):
        """Works over cursors of the connection."""

        def open_connection(self) -> duckdb.DuckDBPyConnection:
            self._conn = connection.cursor()
            self._conn.execute(f"use {self.credentials.ducklake_name}")
            return self._conn

        def close_connection(self) -> None:
            if self._conn:
                self._conn.close()
                self._conn = None  # type: ignore[assignment]

    class LentClient(DuckLakeClient):
        """Loads through `LentSqlClient`."""

        def __init__(
            self, schema: Schema, config: DuckLakeClientConfiguration, capabilities: DestinationCapabilitiesContext
        ) -> None:
            super().__init__(schema, config, capabilities)
            dataset, staging = self.create_dataset_names(schema, config)
            self.sql_client = LentSqlClient(dataset, staging, config.credentials, capabilities)

    class LentDestination(ducklake):
        """Makes `LentClient`."""

        @property
        def client_class(self) -> type[LentClient]:
            return LentClient

    return LentDestination(credentials)
