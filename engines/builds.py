"""What the warehouse tells of its builds: whether they ended, and which loads each public table holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ontime.errors import OntimeError
from ontime.sql import quote_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from engines.relations import Relation

SCHEMA: Final = "governance"
BUILDS: Final = "builds"
MODEL_BUILDS: Final = "model_builds"
# dbt's commands that write what consumers read; a test writes nothing, and tells only of rows that it found wrong
WRITING: Final = frozenset({"build", "run", "seed", "snapshot", "retry"})
TEST: Final = "test"
REMEDY: Final = "run dbt build again, or publish all the same with --force"


@dataclass(frozen=True)
class Build:
    """A dbt command.

    Attributes:
        number: Its number; a later one has a greater.
        command: dbt's command.
        started_at: When it began (UTC).
        ended_at: When it ended (UTC), if it did.
        failed_nodes: How many of its nodes failed; none where it did not end.
    """

    number: int
    command: str
    started_at: datetime
    ended_at: datetime | None
    failed_nodes: int | None

    @property
    def fault(self) -> str | None:
        """What is wrong with it."""
        if self.failed_nodes is None:
            return "did not end: it runs still, or was cut off"
        return f"failed ({self.failed_nodes:,} nodes)" if self.failed_nodes else None

    def __str__(self) -> str:
        return f"dbt {self.command} of {self.started_at:%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True)
class _Held:
    """By which build a table holds which files: the newest's number, and a hash of all."""

    build_number: int
    load_number: int
    load_set: str


def last_build(connection: duckdb.DuckDBPyConnection) -> Build | None:
    """The last command that wrote to the warehouse, or the last test after it that failed; none where none is noted.

    Args:
        connection: Has the warehouse in its current database.
    """
    builds = _builds(connection)
    written = next((build for build in reversed(builds) if build.command in WRITING), None)
    tested = next((build for build in reversed(builds) if _is_ended_test(build)), None)
    if written and tested and tested.number > written.number and tested.fault:
        return tested
    return written


def built_at(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the last command that wrote to the warehouse ended (UTC); none where none did.

    Args:
        connection: Has the warehouse in its current database.
    """
    ended = [build.ended_at for build in _builds(connection) if build.command in WRITING and build.ended_at]
    return ended[-1] if ended else None


def verify_builds(connection: duckdb.DuckDBPyConnection, relations: Iterable[Relation]) -> None:
    """Refuse what was built in part.

    Args:
        connection: Has the warehouse in its current database.
        relations: What consumers are to read.

    Raises:
        OntimeError: If the last build failed or did not end, an earlier one did and not all was built since, or the
            relations hold different loads.
    """
    last = last_build(connection)
    if last is None:
        return
    if last.fault:
        raise OntimeError(f"the last build, {last}, {last.fault}", remedy=REMEDY)
    held = _held_loads(connection)
    if not held:
        return
    faulty = [build for build in _builds(connection) if build.command in WRITING and build.fault]
    by_loads: dict[str, list[str]] = {}
    for relation in relations:
        if relation.name not in held:
            raise OntimeError(
                f"which loads it holds is not noted; {REMEDY}, or drop it if nothing builds it", where=relation
            )
        newest = held[relation.name]
        if faulty and newest.build_number < faulty[-1].number:
            raise OntimeError(f"{relation} was not built since {faulty[-1]} {_past(faulty[-1])}", remedy=REMEDY)
        by_loads.setdefault(newest.load_set, []).append(f"{relation} holds loads to {newest.load_number}")
    if len(by_loads) > 1:
        raise OntimeError(", ".join(names[0] for names in by_loads.values()), remedy=REMEDY)


def held_until(connection: duckdb.DuckDBPyConnection, relations: Iterable[Relation]) -> int | None:
    """The number of the newest file that relations hold, none where it is not noted.

    Args:
        connection: Has the warehouse in its current database.
        relations: What consumers are to read.
    """
    held = _held_loads(connection)
    return max((held[relation.name].load_number for relation in relations if relation.name in held), default=None)


def _builds(connection: duckdb.DuckDBPyConnection) -> list[Build]:
    if not _exists(connection, BUILDS):
        return []
    found = connection.execute(
        "select build_number, max(command), min(happened_at)::timestamp,"
        " (max(happened_at) filter (event = 'ended'))::timestamp, max(failed_nodes) filter (event = 'ended')"
        f" from {SCHEMA}.{BUILDS} group by 1 order by 1"
    ).fetchall()
    return [Build(*row) for row in found]


def _held_loads(connection: duckdb.DuckDBPyConnection) -> dict[str, _Held]:
    """What the newest build of each model noted."""
    if not _exists(connection, MODEL_BUILDS):
        return {}
    found = connection.execute(
        f"select model_name, build_number, load_number, load_set from {SCHEMA}.{MODEL_BUILDS} order by 2"
    ).fetchall()
    return {name: _Held(*row) for name, *row in found}


def _is_ended_test(build: Build) -> bool:
    return build.command == TEST and build.failed_nodes is not None


def _past(build: Build) -> str:
    return "failed" if build.failed_nodes else "was cut off"


def _exists(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    ((found,),) = connection.execute(
        "select count(*) from information_schema.tables where table_catalog = current_database()"
        f" and table_schema = {quote_sql(SCHEMA)} and table_name = {quote_sql(table)}"
    ).fetchall()
    return bool(found)
