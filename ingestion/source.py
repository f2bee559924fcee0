"""What a source is, and what passes between a source and the loader."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import duckdb

    from ingestion.landing import Landing
    from ingestion.raw_tables import RawTable
    from ingestion.settings import Settings

FileStatus = Literal["fetched", "loaded", "refused"]
Coverage = Literal["month", "part"]
MONTHS_IN_YEAR = 12


class IngestError(Exception):
    """Something a user can act on, said in one line: what, where and, after its last colon, what to do."""


class NotYetError(IngestError):
    """What was asked for is not made yet; the message names the command that makes it."""


class InUseError(IngestError):
    """Another process has what was asked for, and will give it back."""


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
            IngestError: If the text is no month in that form.
        """
        match = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip())
        if match is None or not 1 <= int(match[2]) <= MONTHS_IN_YEAR or int(match[1]) < 1:
            raise IngestError(f"{text!r} is not a month: write it as year-month, for example 2013-01")
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
        IngestError: If `last` is before `first`.
    """

    first: Month
    last: Month

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise IngestError(f"the period ends ({self.last}) before it starts ({self.first})")

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


@dataclass(frozen=True)
class LandedFile:
    """A file kept in landing, as its manifest tells.

    Attributes:
        url: fsspec URL of the bytes as they were fetched.
        name: The file's own name, without a folder.
        source: Name of the source that it came from.
        period: The period that it covers (`2013-01`), or None for a file without one.
        origin_url: Where it was fetched from, without credentials.
        sha256: Hex digest of the bytes.
        bytes: Size in bytes.
        rows: Data rows that were read from it, None before it was read.
        fetched_at: UTC, without zone.
        etag: The server's ETag, for conditional requests.
        last_modified: The server's Last-Modified, for conditional requests.
        status: `fetched` (verified), `loaded`, or `refused` (never loaded; `error` says why).
        error: One line, for a refused file.
        coverage: `month` if the file is all of its month, so that what it lacks is no longer in it; `part` if it adds
            to what is there; None where files are not of months, and before it is known.
    """

    url: str
    name: str
    source: str
    period: str | None
    origin_url: str
    sha256: str
    bytes: int
    rows: int | None
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    status: FileStatus = "fetched"
    error: str | None = None
    coverage: Coverage | None = None

    @property
    def file(self) -> str:
        """The version's name in raw tables (`_source_file`): its path under the source's landing folder."""
        return f"{self.period or Path(self.name).stem}/{self.sha256[:12]}-{self.name}"


@dataclass(frozen=True)
class Request:
    """What a user asked to ingest.

    Attributes:
        period: The months asked for, None for the source's default.
        origin: A folder or URL to read instead of the source's own (`--from`).
        full_refresh: Fetch and load again what is loaded already, as a new version.
        force: Accept a file with far fewer rows than its last version.
        coverage: What the files are, whatever they look like; see `LandedFile`.
    """

    period: Period | None = None
    origin: str | None = None
    full_refresh: bool = False
    force: bool = False
    coverage: Coverage | None = None


@dataclass(frozen=True)
class Context:
    """What a source may use while it fetches.

    Attributes:
        settings: The run's settings.
        landing: Where fetched files are kept.
        progress: Shows one line of progress.
        loaded: sha256 of the newest loaded version of each of this source's files, but for those that were loaded with
            another coverage than the request has.
        query: Runs a select on the raw tables of the target (`raw_bts.flights`) and returns its rows; a table
            that does not exist yet counts as empty.
    """

    settings: Settings
    landing: Landing
    progress: Callable[[str], None] = field(default=lambda _line: None)
    loaded: frozenset[str] = frozenset()
    query: Callable[[str], list[tuple[Any, ...]]] = field(default=lambda _sql: [])


@dataclass(frozen=True)
class DamagedValues:
    """Values of one column that cannot be read and are null in the rows that are loaded.

    Attributes:
        column: The raw table's column.
        rule: What is wrong with them: `is no whole number`.
        count: How many.
        example: One of them, as the file has it.
        values: How many values the column has in those rows, these included.
    """

    column: str
    rule: str
    count: int
    example: str
    values: int


@dataclass(frozen=True)
class Reading:
    """A file as SQL over the connection that read it.

    Attributes:
        tables: Raw table name to a select that gives the table's columns in order, then `_source_line`
            (bigint). The loader adds the other lineage columns.
        rejected: A select of line_number (bigint), reason and raw_text, or None if nothing was rejected.
        rows: Rows to load, over all tables.
        rejected_rows: Rows that `rejected` gives.
        period_start: First local day that the rows cover, if they have days.
        period_end: Last local day that the rows cover.
        workspace: Temporary files that the selects read; they are removed with the reading.
        damaged: What cannot be read in rows that are loaded, by column and rule.
    """

    tables: dict[str, str]
    rejected: str | None
    rows: int
    rejected_rows: int
    period_start: date | None = None
    period_end: date | None = None
    workspace: TemporaryDirectory[str] | None = None
    damaged: tuple[DamagedValues, ...] = ()


class Source(Protocol):
    """One source of raw tables; a module in `ingestion/sources/` provides it as `SOURCE`."""

    @property
    def name(self) -> str:
        """The name that `ontime ingest` takes; the raw schema is `raw_<name>`."""
        ...

    @property
    def tables(self) -> tuple[RawTable, ...]:
        """The raw tables that it fills."""
        ...

    def fetch(self, request: Request, context: Context) -> Iterator[list[LandedFile]]:
        """Fetch into landing what the request asks for.

        Each list that is yielded is loaded as one package before the next is fetched. Files that are loaded
        already may be yielded: the loader passes over them. Refused files are yielded too, to be reported.

        Raises:
            IngestError: If fetching cannot go on.
        """
        ...

    def read(self, con: duckdb.DuckDBPyConnection, file: LandedFile, path: Path) -> Reading:
        """Read a landed file, of which `path` is a local copy.

        Raises:
            IngestError: If the file as a whole cannot be loaded (for example, it lacks columns).
        """
        ...
