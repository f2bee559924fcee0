"""A plugin of dbt-duckdb that attaches the lake: dbt gets to it by the same settings and errors as `ontime`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from engines.lake.catalog import attach
from ontime.errors import OntimeError
from ontime.scratch import spill_folder
from ontime.settings import Settings
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb


class Plugin(BasePlugin):
    """Named in profiles.yml; dbt's own attachment then finds the lake attached."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach the lake when dbt has opened its DuckDB; what does not fit into memory goes to scratch.

        Raises:
            DbtRuntimeError: If the lake cannot be reached, or nothing is loaded.
        """
        conn.execute(f"set temp_directory = {quote_sql(spill_folder())}")
        try:
            attach(conn, Settings.load())
        except OntimeError as error:
            raise DbtRuntimeError(str(error)) from None
