"""A plugin of dbt-duckdb that attaches the lake: dbt gets to it by the same settings and errors as `ontime`.

For as long as dbt has the lake, it keeps the lake's upkeep out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import finalize

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import DbtRuntimeError

from engines.lake.catalog import attach
from engines.lake.lock import take_lock
from engines.postgres.lock import Work
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
            DbtRuntimeError: If the lake cannot be reached, its upkeep has it for too long, or nothing is loaded.
        """
        conn.execute(f"set temp_directory = {quote_sql(spill_folder())}")
        try:
            settings = Settings.load()
            lock = take_lock(settings, Work.BUILD, AdapterLogger("ontime").warning)
            # dbt-duckdb tells no plugin that it closes its DuckDB
            finalize(conn, lock.close)
            attach(conn, settings)
        except OntimeError as error:
            raise DbtRuntimeError(str(error)) from None
