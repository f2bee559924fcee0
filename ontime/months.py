"""Calendar months and periods of them."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ontime.errors import OntimeError

MONTHS_IN_YEAR = 12


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month.

    Attributes:
        year: Four digits.
        month: 1 to 12.
    """

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read a month written `2013-01`.

        Raises:
            OntimeError: If the text is no month in that form.
        """
        match = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip())
        if match is None or not 1 <= int(match[2]) <= MONTHS_IN_YEAR or int(match[1]) < 1:
            raise OntimeError(f"{text!r} is not a month", remedy="write it as year-month, for example 2013-01")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month that a day falls in."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first_day(self) -> date:
        """The month's first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The month's last day."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def next(self) -> Month:
        """The month after this one."""
        if self.month == MONTHS_IN_YEAR:
            return Month(self.year + 1, 1)
        return Month(self.year, self.month + 1)


@dataclass(frozen=True)
class Period:
    """The months from `first` to `last`, both included.

    Raises:
        OntimeError: If `last` is before `first`.
    """

    first: Month
    last: Month

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise OntimeError(f"the period ends ({self.last}) before it starts ({self.first})")

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"

    def months(self) -> list[Month]:
        """The period's months in order."""
        months = [self.first]
        while months[-1] < self.last:
            months.append(months[-1].next())
        return months

    @classmethod
    def around(cls, months: Iterable[Month]) -> list[Period]:
        """The fewest periods that hold these months, given in order, and no other."""
        periods: list[Period] = []
        for month in months:
            if periods and periods[-1].last.next() == month:
                periods[-1] = cls(periods[-1].first, month)
            else:
                periods.append(cls(month, month))
        return periods
