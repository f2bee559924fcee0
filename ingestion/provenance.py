"""What a copy of the data was made of: the project's commit and the loads in raw."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestion.raw.lineage import LOADED_FILES, LOADS_TABLE
from ontime.sql import quote_sql, quoted

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb


def git_commit() -> str | None:
    """Commit of the project, with `-dirty` where files differ from it; none outside a repository."""
    done = subprocess.run(
        ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or None


@dataclass(frozen=True)
class LoadSet:
    """A set of completed loads, which stays the same whatever is loaded later.

    Attributes:
        until_load: Number of its last file, in the order in which files were loaded; none for all.
        as_of: Only loads that had completed by this instant (UTC), by the clock of who loaded them; none for all.
    """

    until_load: int | None = None
    as_of: datetime | None = None

    def variables(self) -> dict[str, int | str]:
        """The variables with which dbt reads this set."""
        found: dict[str, int | str] = {}
        if self.until_load is not None:
            found["until_load"] = self.until_load
        if self.as_of is not None:
            found["as_of"] = self.as_of.isoformat(sep=" ")
        return found


def completed_loads(connection: duckdb.DuckDBPyConnection, loads: LoadSet) -> dict[str, list[str]]:
    """The ids of a set of loads, by raw schema.

    Args:
        connection: Has the raw schemas in its current database.
        loads: The set.
    """
    until, as_of = loads.until_load, loads.as_of
    found: dict[str, list[str]] = {schema: [] for schema in _schemas(connection)}
    for load in _loads(connection):
        if (until is None or load.first_number <= until) and (as_of is None or load.completed_at <= as_of):
            found[load.schema].append(load.load_id)
    return found


def newest_load(connection: duckdb.DuckDBPyConnection, among: dict[str, list[str]] | None = None) -> int:
    """The number of the newest file of completed loads, or of some of them; 0 where there is none.

    Args:
        connection: Has the raw schemas in its current database.
        among: Ids of loads, by raw schema.
    """
    numbers = [
        load.last_number for load in _loads(connection) if among is None or load.load_id in among.get(load.schema, ())
    ]
    return max(numbers, default=0)


@dataclass(frozen=True)
class _Load:
    """A completed load: when it completed (UTC), and the numbers of its files."""

    schema: str
    load_id: str
    completed_at: datetime
    first_number: int
    last_number: int


def _loads(connection: duckdb.DuckDBPyConnection) -> Iterator[_Load]:
    for schema in _schemas(connection):
        loads, files = (f"{quoted(schema)}.{table}" for table in (LOADS_TABLE, LOADED_FILES.name))
        found = connection.execute(
            "select load_id, timezone('UTC', any_value(inserted_at)), min(load_number), max(load_number)"
            f" from {loads} inner join {files} on load_id = _dlt_load_id"
            " where status = 0 and load_number is not null group by 1 order by 1"
        ).fetchall()
        for row in found:
            yield _Load(schema, *row)


def _schemas(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The raw schemas with numbered files."""
    found = connection.execute(
        "select table_schema from information_schema.columns where table_catalog = current_database()"
        f" and table_name = {quote_sql(LOADED_FILES.name)} and column_name = 'load_number' order by 1"
    ).fetchall()
    return [schema for (schema,) in found]
