"""The aircraft whose owners opted out of display, as the project's list has them now."""

from __future__ import annotations

import csv
import re
import time
from pathlib import Path
from typing import Final

SEED: Final = Path("seeds", "excluded_aircraft.csv")
KEY: Final = "tail_number"
MOMENT_SECONDS: Final = 0.05
OTHER_LETTERS: Final = re.compile(r"[^A-Z0-9]")


class ExcludedAircraft:
    """The list, read again within a moment of its change."""

    def __init__(self, project: Path) -> None:
        self._path = project / SEED
        self._looked_at = float("-inf")
        self._changed_at = -1
        self._registrations: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether an aircraft is on it."""
        self._look()
        return bool(self._registrations)

    def holds(self, tail_number: str) -> bool:
        """Whether an aircraft is on it, however its tail number is spelt."""
        if time.monotonic() - self._looked_at > MOMENT_SECONDS:
            self._look()
        return bool(self._registrations) and to_registration(tail_number) in self._registrations

    def _look(self) -> None:
        changed_at = self._path.stat().st_mtime_ns
        if changed_at != self._changed_at:
            self._registrations, self._changed_at = self._read(), changed_at
        self._looked_at = time.monotonic()

    def _read(self) -> frozenset[str]:
        with self._path.open(encoding="utf-8-sig", newline="") as lines:
            return frozenset(filter(None, (to_registration(row[KEY]) for row in csv.DictReader(lines))))


def to_registration(tail_number: str) -> str:
    """A tail number in the one way in which all of its spellings are equal, as the macro `registration` has it."""
    return OTHER_LETTERS.sub("", tail_number.upper()).lstrip("N")
