"""What can be told of a file of flights before its rows are loaded: its layout, its months, whether it is all of one.

What a file that is all of its month lacks is gone from the month; another adds to what is there. The Bureau's monthly
release is known by its name, or by its columns: a download that was put together by hand has other names, and mostly
few of them. Copies of a release under other names are taken for one as long as a month has only one: several are pieces
of it, for all that can be seen.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ingestion.landed_file import Coverage, LandedFile
from ingestion.reading.archives import extract_member, zip_member
from ingestion.reading.csv_reader import LONGEST_LINE_BYTES, header_names
from ingestion.reading.layout import plain_name
from ingestion.reading.typed_rows import day_range
from ingestion.source import Context
from ingestion.sources.bts.layout import FLIGHTS, LAYOUT
from ontime.errors import OntimeError
from ontime.months import Month, Period

RELEASE = re.compile(
    r"On_Time_(?:Reporting_Carrier_On_Time_Performance_\(?1987_present\)?|On_Time_Performance)_(\d{4})_(\d{1,2})"
    r"(?: ?\(\d+\))?",  # a browser numbers what it has downloaded before
    re.IGNORECASE,
)
# copies made before 2012 lack them
LATER_COLUMNS = ("airport_id", "airport_seq_id", "city_market_id")
# hand-made downloads call it FL_DATE
RELEASE_COLUMN = "flightdate"


@dataclass(frozen=True)
class Header:
    """What can be told of a file without reading its rows.

    Attributes:
        names: The names in its first line.
        files: Its own name and, of a zip, that of the data file in it.
    """

    names: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def is_of_release(self) -> bool:
        """Whether the columns are called as in the monthly releases."""
        return RELEASE_COLUMN in map(plain_name, self.names)

    @property
    def has_all_columns(self) -> bool:
        """Whether all columns of the monthly releases are there, but for those that came in 2012."""
        found = LAYOUT.matches(self.names)
        wanted = (column.name for column in FLIGHTS.columns if not column.name.endswith(LATER_COLUMNS))
        return self.is_of_release and all(name in found for name in wanted)

    def is_named_as_release(self, period: Period) -> bool:
        """Whether one of the names is that of the release of this month."""
        found = (RELEASE.fullmatch(PurePosixPath(file).stem) for file in self.files)
        return any(
            match and (int(match[1]), int(match[2])) == (period.first.year, period.first.month) for match in found
        )


def read_header(path: Path, name: str, max_unpacked_bytes: int) -> Header:
    """The header of a zip or CSV file called `name`; a zip is verified on the way.

    Raises:
        OntimeError: If it is no whole zip with one data file, or the first line is no header.
    """
    files: tuple[str, ...] = (name,)
    if name.lower().endswith(".zip"):
        member = zip_member(path, name, is_data, max_unpacked_bytes=max_unpacked_bytes)
        files = (name, member.replace("\\", "/"))
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            line = stream.readline(LONGEST_LINE_BYTES)
    else:
        with path.open("rb") as stream:
            line = stream.readline(LONGEST_LINE_BYTES)
    return Header(header_names(line, name), files)


def is_data(member: str) -> bool:
    """Whether a member of a zip is the data."""
    return member.lower().endswith(".csv")


def find_coverage(
    header: Header, period: Period | None, others: Iterable[LandedFile], header_of: Callable[[LandedFile], Header]
) -> Coverage:
    """Whether a file is all of its month.

    Args:
        header: The file's.
        period: The months of its rows, None if it has none.
        others: Files of the same months under other names.
        header_of: Reads the header of one of them.
    """
    if period is None or period.first != period.last or not header.is_of_release:
        return "part"
    if header.is_named_as_release(period):
        return "month"
    is_only_one = header.has_all_columns and not any(header_of(other).has_all_columns for other in others)
    return "month" if is_only_one else "part"


@dataclass(frozen=True)
class Examined:
    """What a file says of itself.

    Attributes:
        period: The months of its rows, None if none has a day.
        coverage: Whether it is all of its month.
        error: Why it is refused.
    """

    period: Period | None = None
    coverage: Coverage | None = None
    error: OntimeError | None = None

    def verify(self, _path: Path) -> None:
        """Raise what is wrong with the file."""
        if self.error:
            raise self.error


def examine(path: Path, name: str, period: Period | None, kept: list[LandedFile], context: Context) -> Examined:
    """Verify a file that was fetched, and find out its months, unless they are given, and its coverage."""
    limit = context.settings.max_unpacked_bytes
    try:
        header = read_header(path, name, limit)
        LAYOUT.verify(header.names, name)
        if unknown := LAYOUT.unknown(header.names):
            context.progress(f"bts: {name}: unknown columns are left out: {', '.join(unknown)}")
        period = period or _period(path, name)
    except OntimeError as failure:
        return Examined(period, error=failure)

    def header_of(file: LandedFile) -> Header:
        try:
            with context.landing.local(file) as copy:
                return read_header(copy, file.name, limit)
        except OntimeError:
            return header

    others = [file for file in kept if period and file.period == str(period) and file.name != name]
    coverage = find_coverage(header, period, others, header_of)
    if coverage == "part" and others and header.has_all_columns:
        context.progress(f"bts: {name} adds to {period}, of which there is another file: see --coverage")
    return Examined(period, coverage)


def _period(path: Path, name: str) -> Period | None:
    """The months of a verified file's rows, None if no row has a day."""
    import duckdb  # noqa: PLC0415 - slow to import, and a run that finds nothing new reads nothing

    with unpacked(path) as csv, duckdb.connect() as con:
        days = day_range(con, LAYOUT.fetched_on(datetime.now(UTC).date()), csv, name)
    return Period(Month.of(days[0]), Month.of(days[1])) if days else None


def parse_period(text: str) -> Period:
    """The months of a landed file, from its manifest."""
    first, _, last = text.partition("..")
    return Period(Month.parse(first), Month.parse(last or first))


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The CSV file of a verified file."""
    if not zipfile.is_zipfile(path):
        yield path
        return
    with TemporaryDirectory(prefix="ontime-") as folder:
        with zipfile.ZipFile(path) as archive:
            member = next(name for name in archive.namelist() if is_data(name))
        yield extract_member(path, member, Path(folder))
