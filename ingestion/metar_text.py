"""Wind, visibility, ceiling, present weather and flight category out of the text of METAR reports.

The text is what the station sent, so it is parsed once, at load, and kept beside what was read from it. A
report that the parser refuses gets the status `failed` and nulls: half-understood groups would look like
measurements. Remarks, temperature and pressure hold none of these values: they are cut off first, and what is
left is often the same from hour to hour and parsed once.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Literal

import duckdb
import pyarrow as pa
from metar.Datatypes import distance
from metar.Metar import Metar, ParserError

Status = Literal["parsed", "failed", "missing"]
FlightCategory = Literal["VFR", "MVFR", "IFR", "LIFR"]

CEILING_COVERS = frozenset({"BKN", "OVC", "VV"})
BATCH_ROWS = 50_000
LONGEST_REPORT = 1_000
REMEMBERED_REPORTS = 50_000
HOURS = 24
MINUTES = 60

_REMARKS = re.compile(r"\s(?:RMKS?|NOSPECI)\b.*", re.DOTALL)
_MAINTENANCE_SIGN = re.compile(r"\s*\$\s*$")
# The package takes a visibility of //// for 10 km, and stumbles over the other missing groups.
_MISSING_GROUP = re.compile(r"(?<=\s)/+(?:SM)?(?=\s|$)")
_VISIBILITY_OR_MORE = re.compile(r"(?<=\s)(\d{1,2})\+(?:SM)?(?=\s|$)")
# Without a unit the package reads knots at stations of K..., metres a second elsewhere.
_US_WIND_WITHOUT_UNIT = re.compile(
    r"^((?:METAR |SPECI )?[PT]\w{3} \d{6}Z (?:AUTO |COR )?(?:\d{3}|VRB)\d{2}(?:G\d{2})?)(?=\s)"
)
# Station, day, hour, minute and the groups between the time and the temperature and pressure.
_REGULAR = re.compile(
    r"(?:METAR |SPECI )?([A-Z])[A-Z0-9]{3} (\d\d)(\d\d)(\d\d)Z (.+?)(?: M?\d\d/(?:M?\d\d)?)?(?: A\d{4})?"
)
_TEMPERATURE = re.compile(r"(?:^| )M?\d\d/(?:M?\d\d)?(?= |$)")


@dataclass(frozen=True, slots=True)
class ParsedMetar:
    """What one report says.

    Attributes:
        metar_status: `parsed`, `failed` (there is text, the parser refuses it) or `missing` (there is none).
        metar_wind_direction_degrees: True direction the wind comes from, 0 when calm, null when variable.
        metar_wind_speed_knots: Wind speed.
        metar_wind_gust_knots: Gusts, null when none are reported.
        metar_visibility_miles: Prevailing visibility in statute miles. `M1/4SM` (less than) is 0.25 and
            `P6SM` (more than) is 6: the bound is what the station measured. Reports in metres are converted;
            9999 is 10 km.
        metar_ceiling_ft: Height above ground of the lowest broken, overcast or obscured layer, null when
            there is none or its height is missing.
        metar_present_weather: The present weather groups as sent, such as `-RA BR`.
        metar_flight_category: `VFR`, `MVFR`, `IFR` or `LIFR`.
    """

    metar_status: Status
    metar_wind_direction_degrees: int | None = None
    metar_wind_speed_knots: int | None = None
    metar_wind_gust_knots: int | None = None
    metar_visibility_miles: float | None = None
    metar_ceiling_ft: int | None = None
    metar_present_weather: str | None = None
    metar_flight_category: FlightCategory | None = None


MISSING = ParsedMetar("missing")
FAILED = ParsedMetar("failed")
COLUMNS = tuple(field.name for field in fields(ParsedMetar))
TYPES: dict[str, pa.DataType] = {
    "metar": pa.string(),
    "metar_year": pa.int64(),
    "metar_month": pa.int64(),
    "metar_status": pa.string(),
    "metar_wind_direction_degrees": pa.int64(),
    "metar_wind_speed_knots": pa.int64(),
    "metar_wind_gust_knots": pa.int64(),
    "metar_visibility_miles": pa.float64(),
    "metar_ceiling_ft": pa.int64(),
    "metar_present_weather": pa.string(),
    "metar_flight_category": pa.string(),
}
SCHEMA = pa.schema(TYPES)


def flight_category(
    ceiling_ft: float | None, visibility_miles: float | None, *, sky_reported: bool
) -> FlightCategory | None:
    """The FAA's flight category, the worse of what ceiling and visibility allow (AIM 7-1-6).

    Args:
        ceiling_ft: Height of the ceiling above ground in feet, None when there is none or it is not known.
        visibility_miles: Visibility in statute miles, None when not known.
        sky_reported: Whether the report says anything of the sky: without a ceiling it is then unlimited.

    Returns:
        The category by what is known, or None when neither sky nor visibility is.
    """
    if visibility_miles is None and ceiling_ft is None and not sky_reported:
        return None
    ceiling = float("inf") if ceiling_ft is None else ceiling_ft
    visibility = float("inf") if visibility_miles is None else visibility_miles
    steps: tuple[tuple[FlightCategory, float, float], ...] = (("LIFR", 500, 1), ("IFR", 1000, 3))
    for category, ceiling_below, visibility_below in steps:
        if ceiling < ceiling_below or visibility < visibility_below:
            return category
    marginal_ceiling, marginal_visibility = 3000, 5
    return "MVFR" if ceiling <= marginal_ceiling or visibility <= marginal_visibility else "VFR"


def parse_metar(text: str | None, year: int, month: int) -> ParsedMetar:
    """Reads one report.

    Args:
        text: The report as sent, or None.
        year: Year of the observation: the text itself has only the day of the month.
        month: Month of the observation.

    Returns:
        What the report says; never raises.
    """
    if text is None or text.strip() in ("", "M"):
        return MISSING
    body = _body(text)
    if len(body) > LONGEST_REPORT:
        return FAILED
    regular = _REGULAR.fullmatch(body)
    if regular is None or _TEMPERATURE.search(regular[5]):
        return _parse(body, year, month)
    initial, day, hour, minute, groups = regular.groups()
    if not (1 <= int(day) <= monthrange(year, month)[1] and int(hour) < HOURS and int(minute) < MINUTES):
        return FAILED
    return _parse_groups("KXXX" if initial == "K" else "XXXX", groups)


def parse_distinct(con: duckdb.DuckDBPyConnection, relation: str, into: str) -> None:
    """Parses each distinct text of a relation once, in Arrow batches.

    Args:
        con: Where the relation lives, and where the result is made.
        relation: Name of a relation with columns `metar` and `valid` (a timestamp).
        into: Name of the temporary table to make, with the columns of `SCHEMA`.
    """
    distinct = (
        "select distinct metar, year(valid) as metar_year, month(valid) as metar_month "
        f"from {relation} where metar is not null and valid is not null"
    )
    first = con.execute(f"{distinct} limit {BATCH_ROWS + 1}").to_arrow_table()
    if len(first) <= BATCH_ROWS:
        _store(con, f"create or replace temp table {into} as", first)
        return
    con.execute(f"create or replace temp table {into}_texts as {distinct}")
    _store(con, f"create or replace temp table {into} as", first.slice(0, 0))
    for start in range(0, len(con.table(f"{into}_texts")), BATCH_ROWS):
        batch = f"select * from {into}_texts where rowid >= {start} and rowid < {start + BATCH_ROWS}"
        _store(con, f"insert into {into}", con.execute(batch).to_arrow_table())
    con.execute(f"drop table {into}_texts")


def parse_batch(texts: pa.Table) -> pa.Table:
    """Parses a batch of `metar`, `metar_year`, `metar_month` into a batch of `SCHEMA`."""
    keys = [texts.column(index).to_pylist() for index in range(3)]
    reports = [parse_metar(text, year, month) for text, year, month in zip(*keys, strict=True)]
    values = [[getattr(report, column) for report in reports] for column in COLUMNS]
    arrays = [pa.array(column, field.type) for column, field in zip([*keys, *values], SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _store(con: duckdb.DuckDBPyConnection, statement: str, texts: pa.Table) -> None:
    con.register("_metar_batch", parse_batch(texts))
    con.execute(f"{statement} select * from _metar_batch")
    con.unregister("_metar_batch")


@lru_cache(maxsize=REMEMBERED_REPORTS)
def _parse_groups(station: str, groups: str) -> ParsedMetar:
    return _parse(f"{station} 010000Z {groups}", 2000, 1)


def _parse(body: str, year: int, month: int) -> ParsedMetar:
    try:
        return _values(Metar(body, month=month, year=year))
    except (ParserError, ArithmeticError, ValueError):
        return FAILED


def _body(text: str) -> str:
    body = _MAINTENANCE_SIGN.sub("", _REMARKS.sub("", text.strip().rstrip("=")))
    if "/" in body:
        body = _MISSING_GROUP.sub("", body)
    if "+" in body:
        body = _VISIBILITY_OR_MORE.sub(r"P\1SM", body)
    if not body.startswith("K"):
        body = _US_WIND_WITHOUT_UNIT.sub(r"\1KT", body)
    return " ".join(body.split())


def _values(report: Metar) -> ParsedMetar:
    heights = [height for cover, height, _ in report.sky if cover in CEILING_COVERS]
    known_heights = [height.value("FT") for height in heights if height]
    ceiling = round(min(known_heights)) if known_heights else None
    visibility = _miles(report.vis) if report.vis else None
    sky_reported = (bool(report.sky) or "CAVOK" in report.code) and len(known_heights) == len(heights)
    weather = ["".join(part or "" for part in parts) for parts in report.weather]
    return ParsedMetar(
        "parsed",
        round(report.wind_dir.value()) if report.wind_dir else None,
        round(report.wind_speed.value("KT")) if report.wind_speed else None,
        round(report.wind_gust.value("KT")) if report.wind_gust else None,
        visibility,
        ceiling,
        " ".join(group for group in weather if group.strip("/")) or None,
        flight_category(ceiling, visibility, sky_reported=sky_reported),
    )


def _miles(visibility: distance) -> float:
    return round(float(visibility.value("SM")), 4)
