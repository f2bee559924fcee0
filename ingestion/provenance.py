"""What a copy of the data was made of: the project's commit and the loads in raw."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestion.raw.loads import completed_loads

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


def loads_of(connection: duckdb.DuckDBPyConnection, loads: LoadSet) -> dict[str, list[str]]:
    """The ids of a set of loads, by raw schema.

    Args:
        connection: Has the raw schemas in its current database.
        loads: The set.
    """
    until, as_of = loads.until_load, loads.as_of
    found: dict[str, list[str]] = {}
    for load in completed_loads(connection):
        if load.first_number is None:
            continue
        ids = found.setdefault(load.schema, [])
        if (until is None or load.first_number <= until) and (as_of is None or load.completed_at <= as_of):
            ids.append(load.load_id)
    return {schema: sorted(ids) for schema, ids in found.items()}


def newest_load(connection: duckdb.DuckDBPyConnection, among: dict[str, list[str]] | None = None) -> int:
    """The number of the newest file of completed loads, or of some of them; 0 where there is none.

    Args:
        connection: Has the raw schemas in its current database.
        among: Ids of loads, by raw schema.
    """
    numbers = [
        load.last_number
        for load in completed_loads(connection)
        if load.last_number is not None and (among is None or load.load_id in among.get(load.schema, ()))
    ]
    return max(numbers, default=0)
