"""The Bureau of Transportation Statistics' on-time performance of reporting carriers, one file a month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ingestion.each_file import EachFile
from ingestion.http import Download, NotFoundError, download
from ingestion.landed_file import LandedFile
from ingestion.reading.typed_rows import read_rows
from ingestion.source import Context, Reading, Request
from ingestion.sources.bts.layout import FLIGHTS, LAYOUT
from ingestion.sources.bts.reading import Examined, examine, parse_period, unpacked
from ontime.errors import OntimeError
from ontime.files import file_system, is_local, sha256
from ontime.months import Month, Period
from ontime.redaction import redact_url

if TYPE_CHECKING:
    import duckdb

NAME = "bts"
TABLES = (FLIGHTS,)
FILE_NAMES = (
    "On_Time_Reporting_Carrier_On_Time_Performance_1987_present_{year}_{month}.zip",
    "On_Time_On_Time_Performance_{year}_{month}.zip",
)
PACKAGE_BYTES = 16_000_000
# how many of the newest months are asked for again, as the Bureau restates them
RESTATED_MONTHS = 3
SUFFIXES = (".zip", ".csv")
WEB = ("http://", "https://")


class Bts:
    """Monthly files of the Bureau, from its site or a folder."""

    name = NAME
    tables = TABLES

    def fetch(self, request: Request, context: Context) -> Iterator[list[LandedFile]]:
        """Fetch months from the base URL, one a package, or take the files of a folder, small ones together.

        Raises:
            OntimeError: If a month cannot be fetched, or a base URL is asked without a period; at the end, if the
                server lacks months.
        """
        origin = request.origin or context.settings.bts_base_url
        if not origin.lower().startswith(WEB):
            yield from _fetch_folder(origin, request, context)
        elif origin.lower().endswith(SUFFIXES):
            yield from _fetch_address(origin, request, context)
        elif request.only_new:
            yield from _fetch_new_months(origin, request, context)
        elif request.period is None:
            raise OntimeError(
                "say which months to fetch", remedy="--start 2013-01 --end 2013-12 (or --from a folder of files)"
            )
        else:
            yield from _fetch_months(origin, request.period, request, context)

    def read(self, con: duckdb.DuckDBPyConnection, file: LandedFile, path: Path) -> Reading:
        """Read a zip or CSV file of any layout.

        Raises:
            OntimeError: If it lacks the columns of a flight's key, or its rows are not of the file's period.
        """
        with unpacked(path) as csv:
            reading = read_rows(con, LAYOUT.fetched_on(file.fetched_at.date()), csv, file.name)
        if reading.rows + reading.rejected_rows == 0:
            raise OntimeError("refused, it holds no flights", where=file.name)
        if reading.period_start and reading.period_end and file.period:
            found = Period(Month.of(reading.period_start), Month.of(reading.period_end))
            promised = parse_period(file.period)
            if found.first < promised.first or found.last > promised.last:
                raise OntimeError(f"refused, it holds flights of {found} and not of {promised}", where=file.name)
        return reading


SOURCE = Bts()


def _kept_files(context: Context) -> list[LandedFile]:
    return [file for file in context.landing.files(NAME) if file.status != "refused"]


class _MissingMonthError(OntimeError):
    """The server has no file of a month."""


def _fetch_new_months(base_url: str, request: Request, context: Context) -> Iterator[list[LandedFile]]:
    """The newest months that were fetched from there before, as they may be restated, and those after what is held."""
    kept = [file for file in _kept_files(context) if file.period]
    if not kept:
        raise OntimeError("landing holds no month to go on from", remedy="fetch the first with --start 2024-01")
    held = {parse_period(file.period).last for file in kept if file.period}
    fetched = {Month.parse(str(file.period)) for file in kept if _is_of(file, base_url)}
    for month in sorted(fetched)[-RESTATED_MONTHS:]:
        yield [_fetch_month(base_url, month, kept, request, context)]
    month, this_month = max(held).next(), Month.of(datetime.now(UTC).date())
    while month < this_month:
        try:
            yield [_fetch_month(base_url, month, kept, request, context)]
        except _MissingMonthError:
            context.progress(f"bts: {month} is not published yet")
            return
        month = month.next()


def _is_of(file: LandedFile, base_url: str) -> bool:
    folder, _, name = file.origin_url.rpartition("/")
    return folder == redact_url(base_url).rstrip("/") and name.endswith(".zip")


def _fetch_months(base_url: str, period: Period, request: Request, context: Context) -> Iterator[list[LandedFile]]:
    kept = _kept_files(context)
    missing: dict[Month, _MissingMonthError] = {}
    for month in period.months():
        try:
            file = _fetch_month(base_url, month, kept, request, context)
        except _MissingMonthError as error:
            context.progress(f"bts: {month} is missing")
            missing[month] = error
        else:
            yield [file]
    if len(missing) == len(period.months()):
        raise missing[period.first]
    if missing:
        lacking = ", ".join(map(str, Period.around(missing)))
        raise OntimeError(
            (
                f"{redact_url(base_url)} holds no file of {len(missing)} of the {len(period.months())} months "
                "(404), the others are done; they may not be published yet"
            ),
            where=lacking,
            remedy="ask for them again later",
        )


def _fetch_month(base_url: str, month: Month, kept: list[LandedFile], request: Request, context: Context) -> LandedFile:
    last = _last_version(month, kept, context)
    names = [name.format(year=month.year, month=month.month) for name in FILE_NAMES]
    for name in names:
        url = f"{base_url.rstrip('/')}/{name}"
        known = last if last and last.origin_url == redact_url(url) and not request.full_refresh else None
        context.progress(f"bts: {month} from {redact_url(base_url)}")
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
                raise OntimeError("the server answered 'not modified' to a first request", where=redact_url(url))
            context.progress(f"bts: {month} is unchanged")
            return _as_asked(known, request)
        with answer:
            examined = examine(answer.path, name, Period(month, month), kept, context)
            return _keep(replace(answer, url=redact_url(url)), name, examined, request, context)
    raise _MissingMonthError(
        f"{month}: {redact_url(base_url)} holds neither {names[0]} nor {names[1]} (404);"
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
        raise OntimeError("the server answered 'not modified' to a first request", where=redact_url(url))
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
        raise OntimeError(f"no {' or '.join(SUFFIXES)} files here", where=redact_url(origin))
    kept = _kept_files(context)
    package: list[LandedFile] = []
    taken: set[str] = set()
    each = EachFile()
    for path in paths:
        name, file = PurePosixPath(path).name, None
        with each.take(name), TemporaryDirectory(prefix="ontime-") as folder:
            local = Path(path) if is_local(files) else Path(folder) / name
            if not is_local(files):
                files.get_file(path, str(local))
            elif not local.is_file():
                raise OntimeError("is no file that can be read", where=name)
            answer = Download(local, redact_url(files.unstrip_protocol(path)), None, None)
            file = _take(answer, name, kept, request, context)
        if file is None or file.sha256 in taken:
            continue
        taken.add(file.sha256)
        kept.append(file)
        if any(other.name == file.name for other in package):
            yield package
            package = []
        package.append(file)
        if sum(file.bytes for file in package) >= PACKAGE_BYTES:
            yield package
            package = []
    if package:
        yield package
    each.verify()


def _take(answer: Download, name: str, kept: list[LandedFile], request: Request, context: Context) -> LandedFile | None:
    """Keep a file of any name, unless its rows are of other months than those asked for."""
    found = sha256(answer.path)
    same = next((file for file in kept if file.sha256 == found), None)
    period = parse_period(same.period) if same and same.period else None
    if same and same.coverage:
        examined = Examined(period, same.coverage)
    else:
        examined = examine(answer.path, name, period, [file for file in kept if file is not same], context)
    if request.period and examined.period and _is_outside(examined.period, request.period):
        context.progress(f"bts: {name} is skipped, its flights are of {examined.period}")
        return None
    if same is None:
        return _keep(answer, name, examined, request, context)
    return _as_asked(replace(same, coverage=examined.coverage), request)


def _keep(answer: Download, name: str, examined: Examined, request: Request, context: Context) -> LandedFile:
    file = context.landing.keep(
        NAME,
        str(examined.period) if examined.period else None,
        name,
        answer.path,
        answer.url,
        etag=answer.etag,
        last_modified=answer.last_modified,
        verify=examined.verify,
        coverage=examined.coverage,
    )
    return _as_asked(file, request)


def _as_asked(file: LandedFile, request: Request) -> LandedFile:
    """A file with the coverage that was asked for, if one was."""
    if request.coverage is None or file.status == "refused":
        return file
    period = parse_period(file.period) if file.period else None
    if request.coverage == "month" and period and period.first != period.last:
        error = f"{file.name}: refused, it holds flights of {period}: --coverage month is for a file of one month"
        return replace(file, status="refused", error=error)
    return replace(file, coverage=request.coverage)


def _is_outside(period: Period, wanted: Period) -> bool:
    return period.last < wanted.first or wanted.last < period.first
