"""One engine's side of a comparison: a copy of its tables, and what its loads are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engines.targets import open_raw, open_warehouse
from ingestion.raw.loads import completed_loads
from ontime.errors import OntimeError
from ontime.sql import quote_sql, quoted
from operations.parity.tables import LEFT_OUT, KeyedTable

if TYPE_CHECKING:
    import duckdb

    from ontime.settings import Settings

FLOATS: Final = frozenset({"DOUBLE", "FLOAT"})


@dataclass(frozen=True)
class Side:
    """One engine.

    Attributes:
        target: Its target.
        copy: A DuckDB file of its tables, with the bits of a float as an integer.
        tables: DuckDB's type of each column by name, of each table to compare that it has.
        others: Names of what else stands in their schemas.
        loads: `load 3 of raw_bts` by the instant (UTC, without zone) at which that load completed.
    """

    target: str
    copy: Path
    tables: dict[str, dict[str, str]]
    others: frozenset[str]
    loads: dict[datetime, str]


def read_side(
    target: str, settings: Settings, tables: Sequence[KeyedTable], folder: Path, progress: Callable[[str], None]
) -> Side:
    """Copy the tables of a target to a file, all from one state of it.

    Args:
        target: What to call the side.
        settings: Of the target.
        tables: What to copy.
        folder: For the file; it exists.
        progress: Shows one line of progress.

    Raises:
        OntimeError: If the target cannot be reached, or has nothing loaded or built.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    path, columns = folder / f"{target}.duckdb", {}
    try:
        with open_warehouse(settings, progress) as connection:
            connection.execute(f"attach {quote_sql(str(path))} as copied (read_write)")
            connection.execute("set preserve_insertion_order = false")
            connection.execute("begin")
            there = _relations(connection, sorted({table.schema for table in tables}))
            for table in tables:
                if table.name in there:
                    progress(f"{target}: reading {table.name}")
                    columns[table.name] = _copy(connection, table)
            connection.execute("commit")
            connection.execute("detach copied")
        # read last, so that no row is of a load that is not known
        with open_raw(settings, progress, read_only=True) as connection:
            loads = _loads(connection)
    except duckdb.Error as error:
        raise OntimeError(str(error).strip().splitlines()[0], where=target) from error
    return Side(target, path, columns, frozenset(there - {table.name for table in tables}), loads)


def _relations(connection: duckdb.DuckDBPyConnection, schemas: list[str]) -> set[str]:
    found = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_catalog = current_database() and list_contains(?, table_schema)",
        [schemas],
    ).fetchall()
    return {name for (name,) in found}


def _copy(connection: duckdb.DuckDBPyConnection, table: KeyedTable) -> dict[str, str]:
    relation = f"{quoted(table.schema)}.{quoted(table.table)}"
    described = connection.execute(f"describe {relation}").fetchall()
    columns = {name: kind for name, kind, *_ in described if name not in LEFT_OUT}
    chosen = ", ".join(_exact(name, kind) for name, kind in columns.items())
    connection.execute(f"create table copied.main.{quoted(table.name)} as select {chosen} from {relation}")
    return columns


def _exact(column: str, kind: str) -> str:
    """A column as it is kept: of a float its bits, as DuckDB takes -0.0 for 0.0 and stores one for the other."""
    if kind not in FLOATS:
        return quoted(column)
    # NaN has many forms and one meaning
    one_nan = f"case when isnan({quoted(column)}) then 'nan' else cast({quoted(column)} as double) end"
    return f"cast(cast({one_nan} as bit) as bigint) as {quoted(column)}"


def _loads(connection: duckdb.DuckDBPyConnection) -> dict[datetime, str]:
    names: dict[datetime, str] = {}
    for schema, loads in groupby(completed_loads(connection), lambda load: load.schema):
        for number, load in enumerate(loads, 1):
            names.setdefault(load.completed_at, f"load {number} of {schema}")
    return names
