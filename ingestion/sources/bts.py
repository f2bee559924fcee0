"""The Bureau of Transportation Statistics' on-time performance of reporting carriers, one file a month."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ingestion.csv_reader import LONGEST_LINE_BYTES, header_names
from ingestion.http import Download, NotFoundError, download, redact
from ingestion.landing import file_system, is_local
from ingestion.source import Context, IngestError, LandedFile, Month, Period, Reading, Request
from ingestion.sources.bts_columns import FLIGHTS, LAYOUT
from ingestion.typed_rows import day_range, read_rows
from ingestion.verification import extract_member, zip_member

if TYPE_CHECKING:
    import duckdb

NAME = "bts"
TABLES = (FLIGHTS,)
FILE_NAMES = (
    "On_Time_Reporting_Carrier_On_Time_Performance_1987_present_{year}_{month}.zip",
    "On_Time_On_Time_Performance_{year}_{month}.zip",
)
PACKAGE_BYTES = 16_000_000
SUFFIXES = (".zip", ".csv")
WEB = ("http://", "https://")


class Bts:
    """Monthly files of the Bureau, from its site or a folder."""

    name = NAME
    tables = TABLES

    def fetch(self, request: Request, context: Context) -> Iterator[list[LandedFile]]:
        """Fetch months from the base URL, one a package, or take the files of a folder, small ones together.

        Raises:
            IngestError: If a month cannot be fetched, or a base URL is asked without a period.
        """
        origin = request.origin or context.settings.bts_base_url
        if not origin.lower().startswith(WEB):
            yield from _fetch_folder(origin, request, context)
        elif origin.lower().endswith(SUFFIXES):
            yield from _fetch_address(origin, request, context)
        elif request.period is None:
            raise IngestError("say which months to fetch: --start 2013-01 --end 2013-12 (or --from a folder of files)")
        else:
            kept = _kept_files(context)
            for month in request.period.months():
                yield [_fetch_month(origin, month, kept, request, context)]

    def read(self, con: duckdb.DuckDBPyConnection, file: LandedFile, path: Path) -> Reading:
        """Read a zip or CSV file of any layout.

        Raises:
            IngestError: If it lacks the columns of a flight's key, or its rows are not of the file's period.
        """
        with _unpacked(path) as unpacked:
            reading = read_rows(con, LAYOUT, unpacked, file.name)
        if reading.rows + reading.rejected_rows == 0:
            raise IngestError(f"{file.name}: refused, it holds no flights")
        if reading.period_start and reading.period_end and file.period:
            found = Period(Month.of(reading.period_start), Month.of(reading.period_end))
            promised = _parse_period(file.period)
            if found.first < promised.first or found.last > promised.last:
                raise IngestError(f"{file.name}: refused, it holds flights of {found} and not of {promised}")
        return reading


SOURCE = Bts()


def _kept_files(context: Context) -> list[LandedFile]:
    return [file for file in context.landing.files(NAME) if file.status != "refused"]


def _fetch_month(base_url: str, month: Month, kept: list[LandedFile], request: Request, context: Context) -> LandedFile:
    last = _last_version(month, kept, context)
    names = [name.format(year=month.year, month=month.month) for name in FILE_NAMES]
    for name in names:
        url = f"{base_url.rstrip('/')}/{name}"
        known = last if last and last.origin_url == redact(url) and not request.full_refresh else None
        context.progress(f"bts: {month} from {redact(base_url)}")
        try:
            answer = download(
                url,
                context.settings,
                etag=known.etag if known else None,
                last_modified=known.last_modified if known else None,
                progress=context.progress,
            )
        except NotFoundError:
            continue
        if answer is None:
            if known is None:
                raise IngestError(f"{redact(url)}: the server answered 'not modified' to a first request")
            context.progress(f"bts: {month} is unchanged")
            return known
        with answer:
            asked = replace(answer, url=redact(url))
            verify = partial(_verify, name=name, context=context)
            return _keep(asked, str(month), name, context, verify)
    raise IngestError(
        f"{month}: {redact(base_url)} holds neither {names[0]} nor {names[1]} (404);"
        " the month may not be published yet: end the period before it"
    )


def _last_version(month: Month, kept: list[LandedFile], context: Context) -> LandedFile | None:
    """The newest loaded version of a month, or the newest that landing keeps."""
    versions = [file for file in kept if file.period == str(month)]
    loaded = [file for file in versions if file.sha256 in context.loaded]
    return next(reversed(loaded or versions), None)


def _fetch_address(url: str, request: Request, context: Context) -> Iterator[list[LandedFile]]:
    answer = download(url, context.settings, progress=context.progress)
    if answer is None:
        raise IngestError(f"{redact(url)}: the server answered 'not modified' to a first request")
    name = PurePosixPath(answer.url.partition("?")[0]).name
    with answer:
        file = _take(answer, name, _kept_files(context), request, context)
    if file:
        yield [file]


def _fetch_folder(origin: str, request: Request, context: Context) -> Iterator[list[LandedFile]]:
    files, root = file_system(origin, context.settings.fsspec_options())
    found = [root] if files.isfile(root) else sorted(files.find(root)) if files.isdir(root) else []
    paths = [str(path) for path in found if str(path).lower().endswith(SUFFIXES)]
    if not paths:
        raise IngestError(f"{redact(origin)}: no {' or '.join(SUFFIXES)} files here")
    kept = _kept_files(context)
    package: list[LandedFile] = []
    taken: set[str] = set()
    for path in paths:
        name = PurePosixPath(path).name
        with TemporaryDirectory(prefix="ontime-") as folder:
            local = Path(path) if is_local(files) else Path(folder) / name
            if not is_local(files):
                files.get_file(path, str(local))
            answer = Download(local, redact(files.unstrip_protocol(path)), None, None)
            file = _take(answer, name, kept, request, context)
        if file is None or file.sha256 in taken:
            continue
        taken.add(file.sha256)
        if any(other.name == file.name for other in package):
            yield package
            package = []
        package.append(file)
        if sum(file.bytes for file in package) >= PACKAGE_BYTES:
            yield package
            package = []
    if package:
        yield package


def _take(answer: Download, name: str, kept: list[LandedFile], request: Request, context: Context) -> LandedFile | None:
    """Keep a file of any name, unless its rows are of other months than those asked for."""
    with answer.path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    same = next((file for file in kept if file.sha256 == sha256), None)
    error: IngestError | None = None
    period = same.period if same else None
    if same is None:
        try:
            _verify(answer.path, name, context)
            period = _period(answer.path, name)
        except IngestError as failure:
            error = failure
    if request.period and period and _is_outside(_parse_period(period), request.period):
        context.progress(f"bts: {name} is skipped, its flights are of {period}")
        return None

    def verified(_path: Path) -> None:
        if error:
            raise error

    return same or _keep(answer, period, name, context, verified)


def _keep(
    answer: Download, period: str | None, name: str, context: Context, verify: Callable[[Path], None]
) -> LandedFile:
    return context.landing.keep(
        NAME,
        period,
        name,
        answer.path,
        answer.url,
        etag=answer.etag,
        last_modified=answer.last_modified,
        verify=verify,
    )


def _verify(path: Path, name: str, context: Context) -> None:
    if name.lower().endswith(".zip"):
        limit = context.settings.max_unpacked_bytes
        member = zip_member(path, name, _is_data, max_unpacked_bytes=limit)
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            line = stream.readline(LONGEST_LINE_BYTES)
    else:
        with path.open("rb") as stream:
            line = stream.readline(LONGEST_LINE_BYTES)
    names = header_names(line, name)
    LAYOUT.verify(names, name)
    if unknown := LAYOUT.unknown(names):
        context.progress(f"bts: {name}: unknown columns are left out: {', '.join(unknown)}")


def _period(path: Path, name: str) -> str | None:
    """The months of a verified file's rows, None if no row has a day."""
    import duckdb  # noqa: PLC0415 - slow to import, and a run that finds nothing new reads nothing

    with _unpacked(path) as unpacked, duckdb.connect() as con:
        days = day_range(con, LAYOUT, unpacked, name)
    return str(Period(Month.of(days[0]), Month.of(days[1]))) if days else None


def _parse_period(text: str) -> Period:
    first, _, last = text.partition("..")
    return Period(Month.parse(first), Month.parse(last or first))


def _is_outside(period: Period, wanted: Period) -> bool:
    return period.last < wanted.first or wanted.last < period.first


def _is_data(member: str) -> bool:
    return member.lower().endswith(".csv")


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The CSV file of a verified file."""
    if not zipfile.is_zipfile(path):
        yield path
        return
    with TemporaryDirectory(prefix="ontime-") as folder:
        with zipfile.ZipFile(path) as archive:
            member = next(name for name in archive.namelist() if _is_data(name))
        yield extract_member(path, member, Path(folder))
