"""How the columns of a raw table are found in a delimited file, and what a row of it must have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ingestion.raw.tables import RawColumn, RawTable
from ontime.errors import OntimeError

# US carriers have reported their flights since October 1987
FIRST_DAY = date(1987, 1, 1)
# what lies farther ahead is no flight that was
DAYS_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class Layout:
    """How a raw table is found in a delimited file.

    Attributes:
        table: The raw table.
        aliases: Further header names of a column, best first, after its own name and its name in the source.
            Names are compared by their letters and digits, whatever their case: `DEP_TIME` is `DepTime`.
        clock_columns: Text columns that hold local clock times, 0000 to 2959; from 2400 on it is the next day.
        required: Columns that the file must have. A row is known by them: where one is missing or cannot be read,
            the row is rejected. Damage in another column makes that value null, and is counted.
        day_column: The date column that tells the period of the rows.
        day_parts: The columns of year, month and day that tell it where no column holds a date.
        days: The first and the last day that a row may be of.
        delimiter: One character.
        quoted: Whether fields may stand in double quotes.
        null_strings: Field contents that mean "missing".
    """

    table: RawTable
    aliases: Mapping[str, Collection[str]]
    clock_columns: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    day_column: str | None = None
    delimiter: str = ","
    quoted: bool = True
    null_strings: tuple[str, ...] = ("",)
    day_parts: tuple[str, str, str] | None = None
    days: tuple[date, date] | None = None

    def matches(self, names: Collection[str]) -> dict[str, list[int]]:
        """Column names to the positions of their header names, best first."""
        positions: dict[str, int] = {}
        for position, name in enumerate(names):
            positions.setdefault(plain_name(name), position)
        return {
            column.name: found
            for column in self.table.columns
            if (found := [positions[name] for name in self._wanted(column) if name in positions])
        }

    def fetched_on(self, day: date) -> Layout:
        """The layout of a file of flights that was fetched on a day: its rows are of days that can be."""
        return replace(self, days=(FIRST_DAY, day + DAYS_AHEAD))

    def is_clock(self, column: RawColumn) -> bool:
        """Whether a column holds local clock times."""
        return column.name in self.clock_columns

    def unknown(self, names: Collection[str]) -> list[str]:
        """Header names that belong to no column."""
        return [name for name in names if name and plain_name(name) not in self._known()]

    def verify(self, names: Collection[str], name: str) -> None:
        """See that the header of the file called `name` has the required columns, and none of its columns twice.

        Raises:
            OntimeError: Naming the file and what it lacks, or has twice.
        """
        matches = self.matches(names)
        missing = [
            column.source_name or column.name
            for column in self.table.columns
            if column.name in self.required and column.name not in matches
        ]
        if missing:
            raise OntimeError(f"refused, it lacks the columns {', '.join(missing)}", where=name)
        counts = Counter(map(plain_name, names))
        twice = {plain: name for name in reversed(list(names)) if counts[plain := plain_name(name)] > 1}
        if known := [twice[plain] for plain in sorted(twice) if plain in self._known()]:
            raise OntimeError(
                f"refused, its header has more than one column {', '.join(known)}",
                where=name,
                remedy="leave the right one",
            )

    def _known(self) -> set[str]:
        return {name for column in self.table.columns for name in self._wanted(column)}

    def _wanted(self, column: RawColumn) -> list[str]:
        names = [column.name, column.source_name or column.name, *self.aliases.get(column.name, ())]
        return list(dict.fromkeys(plain_name(name) for name in names))


def plain_name(name: str) -> str:
    """A header name without what differs between the layouts of one source: case, blanks, underscores."""
    return re.sub(r"[^0-9a-z]", "", name.lower())
