"""Horizons of predictions as they are written: a span before the scheduled departure, or the departure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ontime.errors import OntimeError
from ontime.spans import is_span, read_span

DEPARTURE: Final = "departure"
# the horizon of predictions that are made when the flight leaves
AT_DEPARTURE: Final = 0
LONGEST: Final = timedelta(days=7)


def read_horizon(text: str) -> int:
    """Minutes before the scheduled departure, 0 for the departure itself.

    Raises:
        OntimeError: It is no horizon.
    """
    if text == DEPARTURE:
        return AT_DEPARTURE
    if not is_span(text) or not timedelta() < read_span(text) <= LONGEST:
        raise OntimeError(
            f"{text!r} is no horizon", remedy=f"write a span as 30m, 2h or 1d, up to {LONGEST.days}d, or {DEPARTURE}"
        )
    return int(read_span(text) / timedelta(minutes=1))


def span(minutes: int) -> str:
    """A horizon as it is written: 24h, 2h, 30m, departure."""
    if minutes == AT_DEPARTURE:
        return DEPARTURE
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
