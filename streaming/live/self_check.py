"""Whether the sums that are carried over are those of the facts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ontime.errors import OntimeError
from streaming.live.due import Span
from streaming.live.facts import FLIGHTS
from streaming.live.micro_batch import read_clock

if TYPE_CHECKING:
    import duckdb

    from streaming.live.feature_tables import FeatureTable

CHECKED_EVERY: Final = timedelta(days=1)


def verify_sums(connection: duckdb.DuckDBPyConnection, tables: list[FeatureTable]) -> None:
    """Compute the sums of all entities from the facts that are kept, and compare them with those that are carried.

    Args:
        connection: Of the stream's file.
        tables: The models of features.

    Raises:
        OntimeError: If they differ.
    """
    until = read_clock(connection).computed_until
    if until is None:
        return
    Span(None, until).set_variables(connection)
    connection.execute(f"delete from {FLIGHTS.due}")
    connection.execute(f"insert into {FLIGHTS.due} from {FLIGHTS.stored}")
    for table in tables:
        if table.sums and (found := _differing(connection, table)):
            raise OntimeError(
                f"the sums of {found:,} entities are not those of the facts",
                where=table.name,
                remedy="stop ontime stream, delete the stream's file and start again: it is made from landing",
            )
    connection.execute(f"delete from {FLIGHTS.due}")


def _differing(connection: duckdb.DuckDBPyConnection, table: FeatureTable) -> int:
    """How many entities of a table have other sums; one that has none has sums of 0."""
    connection.execute(f"delete from {table.carried}")
    sums = ", ".join(table.sums)

    def newest(rows: str) -> str:
        return (
            f"(select {table.keys}, {sums} from {rows}"
            f" qualify row_number() over (partition by {table.keys} order by known_at desc) = 1)"
        )

    differ = " or ".join(f"coalesce(held.{name}, 0) <> coalesce(counted.{name}, 0)" for name in table.sums)
    ((count,),) = connection.execute(
        f"select count(*) from {newest(table.stored)} as held full join {newest(table.view)} as counted"
        f" using ({table.keys}) where {differ}"
    ).fetchall()
    return int(count)
