"""A loaded period as events, each at the instant at which it was known."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

# `known_at` is UTC, without zone
COLUMNS: Final[list[pa.Field[Any]]] = [
    pa.field("known_at", pa.timestamp("us")),
    pa.field("topic", pa.string()),
    pa.field("key", pa.string()),
    pa.field("document", pa.string()),
]
ENCODED: Final = pa.schema(COLUMNS)


def encode_period(
    warehouse: duckdb.DuckDBPyConnection, start: datetime, end: datetime, *, rows_per_batch: int = 10_000
) -> pa.RecordBatchReader:
    """The events of a period in the order of `known_at`, as a producer sends them.

    Args:
        warehouse: Open, with the marts in its current database.
        start: First instant, UTC without zone.
        end: The instant after the last.
        rows_per_batch: Rows of one record batch.

    Returns:
        A reader of the columns of `ENCODED`. What is known at one instant comes in the order of cause: a flight is
        scheduled before it gets an aircraft, and departs before it arrives.
    """
    raise NotImplementedError
