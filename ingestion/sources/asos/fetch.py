"""Weather reports of airport stations, with the METAR text as it was sent.

The Iowa Environmental Mesonet (IEM) serves them a station and month at a time, in UTC, without quotes. A
month is asked for again until it has been over for a day: only then is its file complete.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.each_file import EachFile
from ingestion.http import download
from ingestion.landed_file import LandedFile
from ingestion.raw.tables import RawTable, columns
from ingestion.reading.text_lines import BYTE_ORDER_MARK
from ingestion.source import Context, Reading, Request
from ingestion.sources.asos.reading import TRACE_INCHES, read_reports, split_header
from ingestion.sources.asos.stations import stations_by_month
from ontime.errors import OntimeError
from ontime.months import Month

if TYPE_CHECKING:
    import duckdb

OBSERVATIONS = RawTable(
    "observations",
    columns(
        station="text",
        valid="timestamp",
        lon="double",
        lat="double",
        elevation="double",
        tmpf="double",
        dwpf="double",
        relh="double",
        drct="double",
        sknt="double",
        p01i="double",
        alti="double",
        mslp="double",
        vsby="double",
        gust="double",
        skyc1="text",
        skyc2="text",
        skyc3="text",
        skyc4="text",
        skyl1="double",
        skyl2="double",
        skyl3="double",
        skyl4="double",
        wxcodes="text",
        ice_accretion_1hr="double",
        ice_accretion_3hr="double",
        ice_accretion_6hr="double",
        peak_wind_gust="double",
        peak_wind_drct="double",
        peak_wind_time="text",
        feel="double",
        metar="text",
        snowdepth="double",
        metar_status="text",
        metar_wind_direction_degrees="bigint",
        metar_wind_speed_knots="bigint",
        metar_wind_gust_knots="bigint",
        metar_visibility_miles="double",
        metar_has_ceiling="bool",
        metar_ceiling_ft="bigint",
        metar_present_weather="text",
        metar_unread_text="text",
    ),
)
TABLES = (OBSERVATIONS,)

NAME = "asos"
REQUEST_PATH = "/cgi-bin/request/asos.py"
FILES_PER_PACKAGE = 100
LATE_REPORTS = timedelta(days=1)
FOLDER_SUFFIXES = (".csv", ".txt", ".tsv")
LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class AsosSource:
    """IEM's archive of METAR reports, or a folder of answers that were fetched from it before."""

    name: str = NAME
    tables: tuple[RawTable, ...] = TABLES

    def fetch(self, request: Request, context: Context) -> Iterator[list[LandedFile]]:
        """Fetch the station-months of the loaded flights' airports; see `Source.fetch`.

        Yields:
            At most `FILES_PER_PACKAGE` files of one month: what landing already holds complete, and the rest
            as it is fetched, one request at a time.

        Raises:
            OntimeError: If no loaded flight tells which stations to ask for, or a request fails.
        """
        if request.origin is not None and not request.origin.startswith(("http://", "https://")):
            yield from _fetch_folder(Path(request.origin), request, context)
            return
        base_url = request.origin or context.settings.asos_base_url
        stations = stations_by_month(request.period, context)
        landed = {file.name: file for file in context.landing.files(NAME)}
        if request.only_new:
            stations = _since(_oldest(landed.values()), stations)
        pause = _Pause(context.settings.asos_min_interval_seconds)
        for month, month_stations in stations.items():
            package: list[LandedFile] = []
            for number, station in enumerate(month_stations, 1):
                file = landed.get(f"{station}-{month}.csv")
                if file is None or request.full_refresh or not _is_complete(file, month):
                    context.progress(f"asos {month}: {station} ({number} of {len(month_stations)})")
                    file = _fetch_station(station, month, base_url, context, pause)
                package.append(file)
                if len(package) == FILES_PER_PACKAGE:
                    yield package
                    package = []
            if package:
                yield package

    def read(self, con: duckdb.DuckDBPyConnection, file: LandedFile, path: Path) -> Reading:
        """Read one answer; see `Source.read`."""
        return read_reports(con, OBSERVATIONS, file, path)


SOURCE = AsosSource()


def _oldest(files: Iterable[LandedFile]) -> Month | None:
    """The first month that landing holds reports of."""
    return min((Month.parse(file.period) for file in files if file.period), default=None)


def _since(first: Month | None, stations: dict[Month, list[str]]) -> dict[Month, list[str]]:
    return {month: each for month, each in stations.items() if first is None or first <= month}


class _Pause:
    """Keeps a least time between the starts of requests."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    def __call__(self) -> None:
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + self._seconds


def _is_complete(file: LandedFile, month: Month) -> bool:
    after = month.next().first_day
    month_end = datetime(after.year, after.month, after.day)  # noqa: DTZ001 - manifests tell UTC without zone
    return file.status != "refused" and file.fetched_at >= month_end + LATE_REPORTS


def _fetch_station(station: str, month: Month, base_url: str, context: Context, pause: _Pause) -> LandedFile:
    params = [
        ("station", station),
        ("data", "all"),
        ("sts", f"{month.first_day}T00:00:00Z"),
        ("ets", f"{month.next().first_day}T00:00:00Z"),
        ("tz", "UTC"),
        ("format", "onlycomma"),
        ("latlon", "yes"),
        ("elev", "yes"),
        ("missing", "M"),
        ("trace", TRACE_INCHES),
        ("report_type", "3"),
        ("report_type", "4"),
    ]
    answer = download(
        base_url.rstrip("/") + REQUEST_PATH,
        context.settings,
        params=params,
        progress=context.progress,
        before_request=pause,
    )
    if answer is None:
        raise OntimeError("the server answered 'not modified' to a first request", where=f"{station} {month}")
    name = f"{station}-{month}.csv"
    with answer:
        file = context.landing.keep(
            NAME,
            str(month),
            name,
            answer.path,
            answer.url,
            etag=answer.etag,
            last_modified=answer.last_modified,
            verify=lambda path: _verify(path, name, fetched=True),
        )
    if file.status == "refused":
        raise OntimeError(f"{file.error}; the request was {answer.url}")
    return file


def _fetch_folder(folder: Path, request: Request, context: Context) -> Iterator[list[LandedFile]]:
    paths = [folder] if folder.is_file() else sorted(folder.rglob("*")) if folder.is_dir() else []
    paths = [path for path in paths if path.is_file() and path.suffix.lower() in FOLDER_SUFFIXES]
    if not paths:
        raise OntimeError(f"no files of weather reports ({', '.join(FOLDER_SUFFIXES)}) here", where=folder)
    package: list[LandedFile] = []
    each = EachFile()
    for path in paths:
        with each.take(path.name):
            package += _keep_local(path, request, context)
        if len(package) == FILES_PER_PACKAGE:
            yield package
            package = []
    if package:
        yield package
    each.verify()


def _keep_local(path: Path, request: Request, context: Context) -> list[LandedFile]:
    months = _months(path)
    if request.period and months and not months & set(request.period.months()):
        context.progress(f"asos: {path.name} has no reports of {request.period}")
        return []
    context.progress(f"asos: {path.name}")
    period = str(next(iter(months))) if len(months) == 1 else None
    verify = partial(_verify, name=path.name, fetched=False)
    return [context.landing.keep(NAME, period, path.name, path, str(path), verify=verify)]


def _months(path: Path) -> set[Month]:
    """The months of a file's reports, as far as they can be read."""
    with path.open(encoding="latin-1") as lines:
        found = {match[0] for line in lines if (match := re.search(r"\b\d{4}-\d{2}(?=-\d{2} \d{2}:\d{2})", line))}
    return {Month.parse(text) for text in found if text[:4] != "0000" and "01" <= text[5:] <= "12"}


def _verify(path: Path, name: str, *, fetched: bool) -> None:
    with path.open("rb") as stream:
        line = stream.readline(LONGEST_HEADER)
        while line.startswith(b"#"):
            line = stream.readline(LONGEST_HEADER)
        split_header(line.decode("latin-1").removeprefix(BYTE_ORDER_MARK), name)
        stream.seek(-1, 2)
        if fetched and stream.read(1) != b"\n":
            raise OntimeError("the answer ends in the middle of a line", where=name)
