"""Spans of time as options give them: 30m, 12h or 7d."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import typer

UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def check_span(text: str) -> str:
    """A span, as it is written; the callback of an option.

    Raises:
        typer.BadParameter: If it is none.
    """
    if re.fullmatch(r"[0-9]{1,6}[mhd]", text) is None:
        raise typer.BadParameter(f"{text!r} is no time span: write for example 30m, 12h or 7d")
    return text


def read_span(text: str) -> timedelta:
    """The length of a span that was checked."""
    return timedelta(**{UNITS[text[-1]]: int(text[:-1])})
