"""A spine's instants as UTC without zone, whatever zone they or a session have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ontime.errors import OntimeError
from ontime.sql import quote_sql
from ontime.times import INSTANT

if TYPE_CHECKING:
    import duckdb

UTC_INSTANT: Final = pa.timestamp("us")
REMEDY: Final = "give instants, as 2013-03-01T12:00Z (UTC without a zone)"


def is_instant(data_type: pa.DataType) -> bool:
    """Whether values of a type are instants for certain; texts may be."""
    return bool(pa.types.is_timestamp(data_type))


def read_instants(
    connection: duckdb.DuckDBPyConnection, name: str, column: pa.ChunkedArray[Any]
) -> pa.ChunkedArray[Any]:
    """Instants of a column, in microseconds; what is finer is cut off.

    Args:
        connection: A DuckDB in UTC.
        name: The column's name, for messages.
        column: Timestamps, with a zone or without, or texts of either; null stays null.

    Raises:
        OntimeError: It holds something else, or a text that is no instant.
    """
    if pa.types.is_null(column.type):
        return column.cast(UTC_INSTANT)
    if pa.types.is_timestamp(column.type):
        zoneless: Any = column.cast(pa.timestamp(column.type.unit, "UTC")).cast(pa.timestamp(column.type.unit))
        floored: pa.ChunkedArray[Any] = pc.floor_temporal(zoneless, unit="microsecond").cast(UTC_INSTANT)
        return floored
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _read_texts(connection, name, column)
    raise OntimeError(f"holds {column.type}", where=f"column {name}", remedy=REMEDY)


def _read_texts(connection: duckdb.DuckDBPyConnection, name: str, column: pa.ChunkedArray[Any]) -> pa.ChunkedArray[Any]:
    texts = pa.Table.from_arrays([column], names=["written"])
    connection.register("instant_texts", texts)
    # DuckDB wants the seconds that the form leaves out
    in_full = r"regexp_replace(trim(written), '^(.{16})(Z|[+-].{5})?$', '\1:00\2')"
    read = connection.execute(
        "select written, case when regexp_full_match(trim(written), "
        f"{quote_sql(INSTANT.pattern)}) then try_cast({in_full} as timestamptz) at time zone 'UTC' end as read"
        " from instant_texts"
    ).to_arrow_table()
    connection.unregister("instant_texts")
    unread = pc.and_(pc.is_null(read["read"]), pc.is_valid(read["written"]))
    if pc.any(unread).as_py():
        first = read["written"].filter(unread)[0].as_py()
        raise OntimeError(f"{first!r} is no instant", where=f"column {name}", remedy=REMEDY)
    return read["read"]
