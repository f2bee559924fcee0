"""A DuckDB in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ontime.scratch import spill_folder

if TYPE_CHECKING:
    import duckdb

    from ontime.settings import Settings


def connect_in_memory(settings: Settings, **options: str | bool) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory, in UTC, within the limits of the settings.

    Args:
        settings: For the memory limit and the threads.
        options: More of DuckDB's own settings.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    limits: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": spill_folder(),
        **options,
    }
    connection = duckdb.connect(config=limits)
    connection.execute("set TimeZone = 'UTC'")
    return connection
