"""Events to send to a broker, where it does not matter of which flights they are."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from confluent_kafka import Producer

from ontime.settings import Settings
from streaming.broker.client import producer_options

STARTED_AT = datetime(2013, 1, 1, tzinfo=UTC)
# the United States have about so many flight events a second
EVENTS_PER_SECOND = 1.3
CARRIERS, AIRPORTS = ("UA", "AA", "DL", "WN", "B6"), ("EWR", "LGA", "JFK", "IAH", "ORD", "SFO")
KINDS = ("scheduled", "aircraft_assigned", "departed", "arrived")


def flight_events(count: int) -> Iterator[tuple[datetime, str, str]]:
    """Instant, key and document of each, in the order of instants; no two documents are alike."""
    for number in range(count):
        flight, kind = divmod(number, len(KINDS))
        taken_at = STARTED_AT + timedelta(seconds=number / EVENTS_PER_SECOND)
        named = {
            "carrier_code": CARRIERS[flight % len(CARRIERS)],
            "flight_number": 1 + flight // len(CARRIERS) % 99_999,
            "flight_date": taken_at.date().isoformat(),
            "origin_airport_code": AIRPORTS[flight % 3],
            "destination_airport_code": AIRPORTS[3 + flight // 3 % 3],
            "scheduled_departure_clock": f"{flight % 24:02}{flight // 24 % 60:02}",
        }
        own = (
            {"scheduled_arrival_clock": "2359", "scheduled_elapsed_minutes": 120, "distance_miles": 700},
            {"tail_number": f"N{flight % 90_000:05}"},
            {"occurred_at": taken_at.isoformat(timespec="seconds")},
            {"occurred_at": taken_at.isoformat(timespec="seconds"), "air_time_minutes": 90},
        )[kind]
        document = {"schema_version": 2, "event_type": KINDS[kind], **named, **own, "number": number}
        yield taken_at, "|".join(map(str, named.values())), json.dumps(document, separators=(",", ":"))


def send(settings: Settings, count: int) -> None:
    """Send so many to the broker of the settings, and wait until it has them."""
    producer = Producer(producer_options(settings))
    for taken_at, key, document in flight_events(count):
        while True:
            try:
                producer.produce("flight-events", document, key, timestamp=int(taken_at.timestamp() * 1000))
            except BufferError:
                producer.poll(0.1)
            else:
                break
    assert producer.flush(300) == 0
