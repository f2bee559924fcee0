"""What a copy of the data was made of: the project's commit and the loads in raw."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from ingestion.lineage import LOADS_TABLE, OPERATIONS, dataset_name

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


def completed_loads(connection: duckdb.DuckDBPyConnection, until: datetime) -> dict[str, list[str]]:
    """The loads that had completed by an instant (UTC), by raw schema.

    Args:
        connection: Has the raw schemas in its current database.
        until: The instant.
    """
    schemas = connection.execute(
        "select table_schema from information_schema.tables where table_catalog = current_database()"
        " and table_name = ? and table_schema <> ? order by 1",
        [LOADS_TABLE, dataset_name(OPERATIONS)],
    ).fetchall()
    loads = {}
    for (schema,) in schemas:
        found = connection.execute(
            f'select load_id from "{schema}"."{LOADS_TABLE}"'
            " where status = 0 and timezone('UTC', inserted_at) <= ? order by 1",
            [until],
        ).fetchall()
        loads[schema] = [load_id for (load_id,) in found]
    return loads
