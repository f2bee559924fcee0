"""What is found of a feature over some days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

STABLE: Final = "stable"


@dataclass(frozen=True)
class DayFinding:
    """A feature on a day (UTC).

    Attributes:
        day: The day.
        rows: How many values there are.
        null_share: Share of them that are null; none where there are none.
        mean: Mean of the others; none for text.
        psi: Population stability index of the day against the training set; none without one.
        is_beyond: Whether the day is over a limit; one day is too little to tell so of the index.
    """

    day: date
    rows: int
    null_share: float | None
    mean: float | None
    psi: float | None = None
    is_beyond: bool = False


@dataclass(frozen=True)
class Finding:
    """A feature over all days, as `DayFinding` has it.

    Attributes:
        feature: As examples and retrieved rows call it.
        rows: How many values there are.
        null_share: Share of them that are null.
        mean: Mean of the others.
        verdict: `stable`, or what is wrong.
        is_beyond: Whether a limit is crossed.
        days: The days, in their order.
        psi: Population stability index of all days against the training set; none without one.
        limit: Up to which index it counts as unchanged; none without a set, or where chance is not known.
    """

    feature: str
    rows: int
    null_share: float | None
    mean: float | None
    verdict: str
    is_beyond: bool
    days: tuple[DayFinding, ...]
    psi: float | None = None
    limit: float | None = None
