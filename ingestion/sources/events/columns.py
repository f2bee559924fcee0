"""What stands in a landed file of events: where a record stood, its document, and what was read from that."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

FLIGHT_EVENTS: Final = "flight-events"
WEATHER_REPORTS: Final = "weather-reports"
TOPICS: Final = (FLIGHT_EVENTS, WEATHER_REPORTS)

INSTANT: Final = pa.timestamp("us")
# a record is known by these four; a topic that was made again counts its offsets anew, and is of the next generation
RECORD_KEY: Final = ("topic", "topic_generation", "topic_partition", "topic_offset")
PLACE: Final[list[pa.Field[Any]]] = [
    pa.field("topic", pa.string(), nullable=False),
    pa.field("topic_generation", pa.int64(), nullable=False),
    pa.field("topic_partition", pa.int64(), nullable=False),
    pa.field("topic_offset", pa.int64(), nullable=False),
    # UTC: when the broker took the record
    pa.field("taken_at", INSTANT, nullable=False),
]
CAUSES: Final = tuple(f"{cause}_delay_minutes" for cause in ("carrier", "weather", "nas", "security", "late_aircraft"))
# columns of flight events, named as the fields of their documents
FLIGHT_FIELDS: Final[list[pa.Field[Any]]] = [
    pa.field("event_type", pa.string()),
    pa.field("carrier_code", pa.string()),
    pa.field("flight_number", pa.int64()),
    pa.field("flight_date", pa.date32()),
    pa.field("origin_airport_code", pa.string()),
    pa.field("destination_airport_code", pa.string()),
    pa.field("scheduled_departure_clock", pa.string()),
    pa.field("scheduled_arrival_clock", pa.string()),
    pa.field("scheduled_elapsed_minutes", pa.int64()),
    pa.field("distance_miles", pa.int64()),
    pa.field("tail_number", pa.string()),
    pa.field("occurred_at", INSTANT),
    pa.field("air_time_minutes", pa.int64()),
    pa.field("arrival_delay_minutes", pa.int64()),
    *(pa.field(cause, pa.int64()) for cause in CAUSES),
    pa.field("cancellation_code", pa.string()),
    pa.field("is_withdrawn", pa.bool_()),
]
WEATHER_FIELDS: Final[list[pa.Field[Any]]] = [
    pa.field("station", pa.string()),
    pa.field("observed_at", INSTANT),
    pa.field("metar", pa.string()),
]

# Records as a consumer has them.
CONSUMED: Final = pa.schema([*PLACE, pa.field("key", pa.binary()), pa.field("value", pa.binary())])
# Records as they land: `reason` says why one is a dead letter, and is null of all others.
LANDED: Final = pa.schema(
    [
        *PLACE,
        pa.field("key", pa.string()),
        pa.field("schema_version", pa.int64()),
        *FLIGHT_FIELDS,
        *WEATHER_FIELDS,
        pa.field("document", pa.string()),
        pa.field("reason", pa.string()),
    ]
)
