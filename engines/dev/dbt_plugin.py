"""A plugin of dbt-duckdb that looks at the files before dbt opens them: the errors are those of `ontime`.

dbt-duckdb prints the whole way to an error of opening a file, and makes an empty warehouse where nothing is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import DbtRuntimeError

from engines.dev.destination import DevEngine
from engines.duckdb_file import open_duckdb
from ontime.errors import OntimeError
from ontime.scratch import spill_folder
from ontime.settings import Settings
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb
    from dbt.adapters.duckdb.credentials import DuckDBCredentials


class Plugin(BasePlugin):
    """Named in profiles.yml."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Wait until both files can be opened; dbt is about to do so.

        Raises:
            DbtRuntimeError: If nothing is loaded, or a file is damaged, too new, in use for too long or cannot be made.
        """
        tell = AdapterLogger("ontime").warning
        try:
            settings = Settings.load()
            with DevEngine().open_raw(settings, tell, read_only=True):
                pass
            open_duckdb(Path(creds.path), settings, tell, config=config).close()
        except OntimeError as error:
            raise DbtRuntimeError(str(error)) from None

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Let what does not fit into memory go to scratch."""
        conn.execute(f"set temp_directory = {quote_sql(spill_folder())}")
