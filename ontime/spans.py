"""Spans of time as options give them, 30m, 12h or 7d, and ages: a span, or the time since which it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import typer

from ontime.errors import OntimeError
from ontime.times import FORMS, read_time

UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def check_span(text: str) -> str:
    """A span, as it is written; the callback of an option.

    Raises:
        typer.BadParameter: If it is none.
    """
    if not is_span(text):
        raise typer.BadParameter(f"{text!r} is no time span: write for example 30m, 12h or 7d")
    return text


def check_age(text: str) -> str:
    """An age, as it is written; the callback of an option.

    Raises:
        typer.BadParameter: If it is none.
    """
    try:
        read_age(text)
    except OntimeError:
        raise typer.BadParameter(f"{text!r} is no age: write for example 12h, 7d, or since when: {FORMS}") from None
    return text


def is_span(text: str) -> bool:
    """Whether a text is a span."""
    return re.fullmatch(r"[0-9]{1,6}[mhd]", text) is not None


def read_span(text: str) -> timedelta:
    """The length of a span that was checked."""
    return timedelta(**{UNITS[text[-1]]: int(text[:-1])})


def read_age(text: str) -> timedelta:
    """How long ago something was: a span, or the time that has passed since the first instant of a time.

    Raises:
        OntimeError: It is none.
    """
    if is_span(text):
        return read_span(text)
    age = datetime.now(UTC).replace(tzinfo=None) - read_time(text).first
    if age < timedelta(0):
        raise OntimeError(f"{text} is still to come", remedy="choose a time that has passed")
    return age
