"""What a source is, and what passes between a source and the loader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from ingestion.landed_file import Coverage, LandedFile
from ontime.months import Period

if TYPE_CHECKING:
    import duckdb

    from ingestion.landing import Landing
    from ingestion.raw.tables import RawTable
    from ontime.settings import Settings


@dataclass(frozen=True)
class Request:
    """What a user asked to ingest.

    Attributes:
        period: The months asked for, None for the source's default.
        origin: A folder or URL to read instead of the source's own (`--from`).
        full_refresh: Fetch and load again what is loaded already, as a new version.
        force: Accept a file with far fewer rows than its last version.
        coverage: What the files are, whatever they look like; see `LandedFile`.
        only_new: Ask for what may have come since what landing holds, and no more; what is not there yet is no error.
    """

    period: Period | None = None
    origin: str | None = None
    full_refresh: bool = False
    force: bool = False
    coverage: Coverage | None = None
    only_new: bool = False


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
    """One source of raw tables; `fetch.py` of a folder in `ingestion/sources/` provides it as `SOURCE`."""

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
            OntimeError: If fetching cannot go on.
        """
        ...

    def read(self, con: duckdb.DuckDBPyConnection, file: LandedFile, path: Path) -> Reading:
        """Read a landed file, of which `path` is a local copy.

        Raises:
            OntimeError: If the file as a whole cannot be loaded (for example, it lacks columns).
        """
        ...
