"""The loads that completed: what raw holds of others is left over from runs that were cut off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestion.raw.lineage import LOADED_FILES, LOADS_TABLE
from ontime.sql import quote_sql, quoted

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb

COMPLETED = "select load_id from {dataset}._dlt_loads where status = 0"


@dataclass(frozen=True)
class Load:
    """A completed load.

    Attributes:
        schema: Its raw schema.
        load_id: dlt's id of it.
        completed_at: When it completed (UTC), by the clock of who loaded it.
        first_number: The number of its first file; none where its files are not numbered, or it has none.
        last_number: The number of its last file.
    """

    schema: str
    load_id: str
    completed_at: datetime
    first_number: int | None
    last_number: int | None


def completed_loads(connection: duckdb.DuckDBPyConnection) -> list[Load]:
    """The completed loads, by schema, and in it in the order in which they completed.

    Args:
        connection: Has the raw schemas in its current database.
    """
    numbered = set(_schemas_with(connection, LOADED_FILES.name, "load_number"))
    found = []
    for schema in _schemas_with(connection, LOADS_TABLE, "load_id"):
        loads, files = (f"{quoted(schema)}.{table}" for table in (LOADS_TABLE, LOADED_FILES.name))
        numbers = (
            "select _dlt_load_id as load_id, min(load_number) as first, max(load_number) as last"
            f" from {files} group by 1"
            if schema in numbered
            else "select null::varchar as load_id, null::bigint as first, null::bigint as last where false"
        )
        rows = connection.execute(
            "select loads.load_id, cast(inserted_at as timestamptz) at time zone 'UTC', first, last"
            f" from {loads} as loads left join ({numbers}) as numbers on loads.load_id = numbers.load_id"
            " where status = 0 order by inserted_at, loads.load_id"
        ).fetchall()
        found += [Load(schema, *row) for row in rows]
    return found


def _schemas_with(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> list[str]:
    found = connection.execute(
        "select table_schema from information_schema.columns where table_catalog = current_database()"
        f" and starts_with(table_schema, 'raw_') and table_name = {quote_sql(table)}"
        f" and column_name = {quote_sql(column)} order by 1"
    ).fetchall()
    return [schema for (schema,) in found]
