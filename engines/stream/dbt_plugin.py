"""A plugin of dbt-duckdb that gives the stream's views the raw tables that they are made over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import DbtRuntimeError

from engines.stream.raw_tables import attach_raw
from ontime.errors import OntimeError
from ontime.settings import Settings

if TYPE_CHECKING:
    import duckdb


class Plugin(BasePlugin):
    """Named in profiles.yml."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach the raw tables when dbt has opened the stream's file.

        Raises:
            DbtRuntimeError: If nothing is loaded, or what is cannot be read.
        """
        try:
            attach_raw(conn, Settings.load(), AdapterLogger("ontime").warning)
        except OntimeError as error:
            raise DbtRuntimeError(str(error)) from None
