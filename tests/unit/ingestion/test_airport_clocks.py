"""Airports' clocks since 1987: those of their zone, of two authorities, or the difference is explained."""

import csv
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from paths import ROOT
from timezonefinder import TimezoneFinder

from ingestion.sources.nycflights13.fetch import data_folder
from ingestion.sources.reference.fetch import AIRPORTS_FILE, US_TERRITORIES, package_file
from ingestion.sources.reference.time_zones import utc_offsets, zone_names

SEED = ROOT / "seeds" / "airport_corrections.csv"
FIRST_FLIGHT = datetime(1987, 1, 1)
ZONED = ("add", "correct")
INDIANA = ("BMG", "FWA", "IND", "LAF", "RID", "SMD", "UMP")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def corrections() -> dict[str, dict[str, str]]:
    return {line["airport_code"]: line for line in read(SEED)}


@cache
def us_airports() -> dict[str, tuple[str, float, float]]:
    """Zone, latitude and longitude of the airports of the United States, by the code that flights use."""
    reference = read(package_file("airportsdata", AIRPORTS_FILE))
    iata = {row["iata"] for row in reference if row["iata"]}
    codes = {
        row["iata"] or row["lid"]: (row["tz"], float(row["lat"]), float(row["lon"]))
        for row in reference
        if row["country"] in US_TERRITORIES and (row["iata"] or row["lid"] not in iata)
    }
    sample = {
        row["faa"]: (row["tzone"], float(row["lat"]), float(row["lon"]))
        for row in read(data_folder(None) / "airports.csv")
        if row["tzone"] not in ("", "NA") and row["faa"] not in iata
    }
    codes.pop("", None)
    return sample | codes


@cache
def clocks(zone: str) -> tuple[tuple[datetime, int], ...]:
    """The changes of a zone's clocks since the first flight: from when on which minutes ahead of UTC."""
    rows = [row for row in utc_offsets([zone]).to_pylist() if row["utc_to"] > FIRST_FLIGHT]
    return tuple((max(row["utc_from"], FIRST_FLIGHT), row["utc_offset_minutes"]) for row in rows)


def corrected_zone(code: str) -> str:
    line = corrections().get(code)
    return line["time_zone"] if line and line["correction_type"] in ZONED else us_airports()[code][0]


def zones_by_coordinates() -> dict[str, str]:
    finder = TimezoneFinder()
    return {
        code: finder.timezone_at(lng=longitude, lat=latitude) or ""
        for code, (_, latitude, longitude) in us_airports().items()
    }


def test_the_clocks_of_every_us_airport_are_those_at_its_coordinates_or_it_is_said_why_not():
    explained = {code for code, line in corrections().items() if line["correction_type"] == "keep"}
    differing = {
        code: (corrected_zone(code), zone)
        for code, zone in zones_by_coordinates().items()
        if not zone or (corrected_zone(code) != zone and clocks(corrected_zone(code)) != clocks(zone))
    }
    assert {code: zones for code, zones in differing.items() if code not in explained} == {}
    assert explained <= differing.keys(), "what does not differ needs no explanation"
    assert len(us_airports()) > 12_000


def test_every_correction_is_needed():
    needless = [
        code
        for code, line in corrections().items()
        if line["correction_type"] in ZONED
        and code in us_airports()
        and clocks(line["time_zone"]) == clocks(us_airports()[code][0])
    ]
    assert needless == []


@pytest.mark.parametrize("code", INDIANA)
def test_indianas_airports_kept_eastern_standard_time_until_2006(code):
    offsets = dict(clocks(corrected_zone(code)))
    assert [minutes for start, minutes in offsets.items() if start.year < 2006] == [-300]
    assert datetime(2006, 4, 2, 7) in offsets


def test_every_line_says_who_says_so_and_why():
    for code, line in corrections().items():
        assert line["correction_type"] in (*ZONED, "keep"), code
        assert line["source"], code
        assert line["reason"], code
        assert line["time_zone"] in zone_names() or line["correction_type"] == "keep", code
    assert len(corrections()) == len(read(SEED))
