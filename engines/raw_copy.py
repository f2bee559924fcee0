"""The raw schemas of any engine as a DuckDB file, for work that rebuilds from raw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ontime.sql import quote_sql, quoted

if TYPE_CHECKING:
    import duckdb

RAW_PREFIX: Final = "raw_"


def copy_raw(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Copy every table of the raw schemas from a connection's current database to a new DuckDB file.

    All come from one state of the database, whoever writes it meanwhile.
    """
    tables = connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_catalog = current_database() and starts_with(table_schema, ?) order by all",
        [RAW_PREFIX],
    ).fetchall()
    connection.execute(f"attach {quote_sql(str(path))} as copied")
    connection.execute("begin")
    for schema, table in tables:
        connection.execute(f"create schema if not exists copied.{quoted(schema)}")
        relation = f"{quoted(schema)}.{quoted(table)}"
        connection.execute(f"create table copied.{relation} as from {relation}")
    connection.execute("commit")
    connection.execute("detach copied")
