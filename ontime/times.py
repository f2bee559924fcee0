"""Times as options give them, in one way wherever one is asked for: a month, a day or an instant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import typer

from ontime.errors import OntimeError
from ontime.months import Month, Period

METAVAR: Final = "TIME"
FORMS: Final = "2013-03, 2013-03-01 or 2013-03-01T12:00Z (UTC without a zone)"
MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{1,2}")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT: Final = re.compile(DAY.pattern + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?")


@dataclass(frozen=True)
class Time:
    """What a month, a day or an instant stands for, UTC without zone.

    Attributes:
        text: As it was given.
        first: Its first instant.
        end: The first instant after it; that of an instant is itself.
    """

    text: str
    first: datetime
    end: datetime

    def __str__(self) -> str:
        return self.text


def read_time(text: str) -> Time:
    """Read a month, a day or an instant.

    Raises:
        OntimeError: If the text is none of them; the remedy shows the forms.
    """
    try:
        return _read(text.strip())
    except (OntimeError, ValueError, OverflowError):
        raise OntimeError(f"{text!r} is not a month, a day or an instant", remedy=f"write {FORMS}") from None


def check_time(text: str | None) -> str | None:
    """A time, as it is written; the callback of an option.

    Raises:
        typer.BadParameter: If it is none.
    """
    try:
        if text is not None:
            read_time(text)
    except OntimeError as error:
        raise typer.BadParameter(str(error)) from None
    return text


def period_of(start: Time, end: Time | None) -> Period:
    """The months that a period touches: of its start, to that in which it ends; without an end, of its start.

    Raises:
        OntimeError: If it ends before it starts.
    """
    end = end or start
    if end.end < start.first or (end.end == start.first and end != start):
        raise OntimeError(f"the period ends ({end}) before it starts ({start})")
    last = end.end - timedelta(microseconds=1) if end.end > start.first else end.first
    return Period(Month.of(start.first.date()), Month.of(last.date()))


def _read(text: str) -> Time:
    if MONTH.fullmatch(text):
        month = Month.parse(text)
        return Time(text, _midnight(month.first_day), _midnight(month.last_day) + timedelta(days=1))
    if DAY.fullmatch(text):
        day = _midnight(date.fromisoformat(text))
        return Time(text, day, day + timedelta(days=1))
    if INSTANT.fullmatch(text):
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            instant = instant.astimezone(UTC).replace(tzinfo=None)
        return Time(text, instant, instant)
    raise ValueError(text)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - UTC without zone
