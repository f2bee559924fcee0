"""A loaded period as events, each at the instant at which it was known."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

ENCODED: Final = pa.schema(
    [
        # UTC, without zone
        pa.field("known_at", pa.timestamp("us"), nullable=False),
        pa.field("topic", pa.string(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("document", pa.string(), nullable=False),
    ]
)


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
