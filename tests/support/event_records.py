"""Records of topics as a consumer has them, without a broker."""

import json
from datetime import datetime

import numpy as np
import pyarrow as pa

from ingestion.sources.events.columns import CONSUMED, FLIGHT_EVENTS

TAKEN_AT = datetime(2013, 1, 1, 12)
FLIGHT = {
    "schema_version": 2,
    "carrier_code": "UA",
    "flight_number": 1545,
    "flight_date": "2013-01-01",
    "origin_airport_code": "EWR",
    "destination_airport_code": "IAH",
    "scheduled_departure_clock": "0515",
}
DEPARTED = {**FLIGHT, "event_type": "departed", "occurred_at": "2013-01-01T10:17:00Z"}


def consumed(values, topic=FLIGHT_EVENTS, partition=0, first=0, taken_at=TAKEN_AT, generation=1):
    """A batch of one partition: documents, or bytes as they are."""
    values = [json.dumps(value).encode() if isinstance(value, dict) else value for value in values]
    count = len(values)
    columns = [
        [topic] * count,
        [generation] * count,
        [partition] * count,
        range(first, first + count),
        [taken_at] * count,
        [b"key"] * count,
        values,
    ]
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, CONSUMED, strict=True)], CONSUMED)


def taken(encoded: pa.Table, first=0) -> pa.Table:
    """Encoded events of one topic as a broker takes them: into one partition, each when it was known."""
    count = len(encoded)
    return pa.table(
        [
            encoded["topic"],
            *(pa.array(np.full(count, number)) for number in (1, 0)),
            pa.array(np.arange(first, first + count)),
            encoded["known_at"],
            encoded["key"].cast(pa.binary()),
            encoded["document"].cast(pa.binary()),
        ],
        names=CONSUMED.names,
    ).cast(CONSUMED)
