"""A loaded period as events, each at the instant at which it was known.

Flights are played as they stand: scheduled a week ahead, given their aircraft `aircraft_known_minutes` before they are
to leave, then as they departed, arrived, were diverted or cancelled. Reports with a METAR text are played as they were
sent; the hourly rows of the sample have none, and are written as METAR, without the sky that they do not tell.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from ingestion.sources.events.columns import FLIGHT_EVENTS, WEATHER_REPORTS
from ontime.sql import quote_sql
from streaming.events.documents import SCHEMA_VERSION
from streaming.replay.flights import flight_documents
from streaming.replay.weather import weather_documents

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
    warehouse: duckdb.DuckDBPyConnection,
    start: datetime,
    end: datetime,
    *,
    aircraft_known_minutes: int = 180,
    rows_per_batch: int = 10_000,
) -> pa.RecordBatchReader:
    """The events of a period in the order of `known_at`, as a producer sends them.

    Args:
        warehouse: Open, with the marts in its current database.
        start: First instant, UTC without zone: flights are to leave, and reports are observed, at it or later. What was
            known before comes at this instant; only a flight that left early comes earlier.
        end: The instant after the last.
        aircraft_known_minutes: How long before its scheduled departure a flight has an aircraft; as dbt's variable.
        rows_per_batch: Rows of one record batch.

    Returns:
        A reader of the columns of `ENCODED`. The order is the same each time; what is known at one instant comes in
        the order of cause: a flight is scheduled before it gets an aircraft, and departs before it arrives.
    """
    period = f"timestamp {quote_sql(start.isoformat(' '))}", f"timestamp {quote_sql(end.isoformat(' '))}"
    found = warehouse.execute(
        f"select known_at, {quote_sql(FLIGHT_EVENTS)} as topic, key, document, place"
        f" from ({flight_documents(*period, aircraft_known_minutes, SCHEMA_VERSION)})"
        f" union all select known_at, {quote_sql(WEATHER_REPORTS)} as topic, key, document, 0 as place"
        f" from ({weather_documents(*period, SCHEMA_VERSION)})"
        " order by known_at, topic, key, place, document"
    )
    batches = found.to_arrow_reader(rows_per_batch)
    return pa.RecordBatchReader.from_batches(ENCODED, (batch.select(ENCODED.names).cast(ENCODED) for batch in batches))
