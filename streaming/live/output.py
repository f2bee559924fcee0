"""Where the rows of features go that come into force: to whoever implements `FeatureWriter`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from streaming.live.feature_tables import FeatureTable


@dataclass(frozen=True)
class FeatureRows:
    """What a micro-batch gave of a table.

    Attributes:
        table: The model of features.
        rows: Its columns: rows that hold from their `known_at` on, until the next row of the entity.
        replaced: Its entity and a `known_at`: of these entities, rows of earlier batches that are known after that hold
            no more; where none of `rows` is known after it, the newest of the older rows is among them again.
    """

    table: FeatureTable
    rows: pa.Table
    replaced: pa.Table


@dataclass(frozen=True)
class FeatureBatch:
    """What a micro-batch gave.

    Attributes:
        generation: Which life of the state; numbers begin anew with each.
        number: The micro-batch.
        tables: Its rows, of the tables that have some.
    """

    generation: UUID
    number: int
    tables: list[FeatureRows]


class FeatureWriter(Protocol):
    """Takes rows of features. What was written once may come again after a crash, and changes nothing then."""

    def last_written(self, generation: UUID) -> int | None:
        """The last batch that was written of a generation; none of another, of which all is dropped now."""

    def write(self, batch: FeatureBatch) -> None:
        """Write a batch, after all before it.

        Raises:
            OntimeError: If it cannot be written; the same batch comes again.
        """


def read_batch(connection: duckdb.DuckDBPyConnection, tables: list[FeatureTable], number: int) -> FeatureBatch:
    """What the last micro-batch gave.

    Args:
        connection: Of the stream's file.
        tables: The models of features.
        number: The micro-batch.
    """
    return _read(connection, tables, number, f"batch_number = {number}")


def read_all_rows(connection: duckdb.DuckDBPyConnection, tables: list[FeatureTable], number: int) -> FeatureBatch:
    """What stands in the file, as if the last micro-batch had given it: for a writer that has nothing."""
    return _read(connection, tables, number, "true")


def _read(
    connection: duckdb.DuckDBPyConnection, tables: list[FeatureTable], number: int, condition: str
) -> FeatureBatch:
    ((generation,),) = connection.execute("select generation from live.clock").fetchall()
    found = [
        FeatureRows(
            table,
            connection.execute(
                f"select {', '.join(table.features)} from {table.stored} where {condition}"
            ).to_arrow_table(),
            connection.execute(f"select {table.keys}, known_at from {table.replaced}").to_arrow_table(),
        )
        for table in tables
    ]
    changed = [one for one in found if one.rows.num_rows or one.replaced.num_rows]
    return FeatureBatch(generation, number, changed)
