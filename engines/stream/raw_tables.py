"""The raw schemas that the stream's views read: empty tables in memory, which a micro-batch fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engines.targets import open_raw
from ontime.sql import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from ontime.settings import Settings

DATABASE: Final = "raw"
# what places and clocks are made of comes with its rows: no event brings it
WITH_ROWS: Final = "raw_reference"


def attach_raw(connection: duckdb.DuckDBPyConnection, settings: Settings, progress: Callable[[str], None]) -> None:
    """Attach a database in memory with the raw tables of the target; those of reference data with their rows.

    Args:
        connection: Of the stream's file.
        settings: For the target that the loader writes to.
        progress: Is told of a wait.

    Raises:
        OntimeError: If nothing is loaded, or it cannot be reached.
    """
    with open_raw(settings, progress, read_only=True) as raw:
        tables = raw.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = current_database() and starts_with(table_schema, 'raw_') order by all"
        ).fetchall()
        connection.execute(f"attach ':memory:' as {DATABASE}")
        for schema, table in tables:
            name = f"{quoted(schema)}.{quoted(table)}"
            columns = ", ".join(f"{quoted(row[0])} {row[1]}" for row in raw.execute(f"describe {name}").fetchall())
            connection.execute(f"create schema if not exists {DATABASE}.{quoted(schema)}")
            connection.execute(f"create table {DATABASE}.{name} ({columns})")
            if schema == WITH_ROWS:
                rows = raw.execute(f"from {name}").to_arrow_table()
                connection.register("reference_rows", rows)
                connection.execute(f"insert into {DATABASE}.{name} from reference_rows")
                connection.unregister("reference_rows")
