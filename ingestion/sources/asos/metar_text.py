"""Wind, visibility, ceiling and present weather out of the text of METAR reports.

The text is what the station sent, so it is read once, at load, and kept beside what was read from it. What is read
in part says so: a group that is not understood may be a garbled layer, wind or weather, so the provider's columns
count over such a text (`models/staging/asos`). The flight category is the models' to tell, from the values that count.
"""

import re
from dataclasses import dataclass, fields
from typing import Literal

import duckdb
import pyarrow as pa

from ingestion.sources.asos.metar_groups import CLEAR, TEN_KM, Group, Layer, Mark, Visibility, Weather, Wind, read_group

Status = Literal["parsed", "partial", "failed", "missing"]

BATCH_ROWS = 50_000
LONGEST_REPORT = 1_000
ICAO_CODE_LENGTH = 4
HOURS = 24
MINUTES = 60
LONGEST_MONTH_DAYS = 31

_HEADER = re.compile(
    r"(?:(?:METAR|SPECI|COR|AUTO) )*(?P<station>[A-Z0-9]{3,4})(?: (?:AUTO|CORR?))*(?: (?P<time>\d{6})Z?)?(?= |$)"
)
_REMARKS = re.compile(r"\s(?:RMK|NOSPECI\b).*", re.DOTALL)
# What belongs together and has a blank in it; automatic stations see no higher than 12,000 ft, and some say so.
_SPLIT_LAYER = re.compile(r" (BKN|FEW|SCT|[O0]VC|VV) (?=(?:[\dO]{3}|///)(?:CB|TCU)?(?: |$))")
_SPLIT_UNIT = re.compile(r"(?<=\d) (?=(?:KT|SM)(?: |$))")
_SPLIT_MILES = re.compile(r" (\d{1,2}) (?=\d{1,2}/\d{1,2}SM(?: |$))")
_CLEAR_BELOW = re.compile(r" (CLR|SKC) BL[OW] ?\d{3}(?= |$)")
# Where winds are in knots by custom: the US and the Pacific and Caribbean around its islands; and reports in US units.
_KNOTS_BY_PREFIX = ("K", "P", "T", "NS")
_US_UNITS = re.compile(r"\d\+?SM(?: |$)| A\d{4}(?: |$)")


@dataclass(frozen=True, slots=True)
class ParsedMetar:
    """What one report says.

    Attributes:
        metar_status: `parsed` (every group was understood), `partial` (some), `failed` (there is text, and it is no
            report) or `missing` (there is none).
        metar_wind_direction_degrees: True direction the wind comes from, 0 when calm, null when variable.
        metar_wind_speed_knots: Wind speed.
        metar_wind_gust_knots: Gusts, null when none are reported.
        metar_visibility_miles: Prevailing visibility in statute miles. `M1/4SM` (less than) is 0.25 and
            `P6SM` (more than) is 6: the bound is what the station measured. Reports in metres are converted;
            9999 is 10 km.
        metar_has_ceiling: Whether a layer is broken, overcast or a vertical visibility; null when the report does
            not say.
        metar_ceiling_ft: Height above ground of the lowest such layer, null when there is none or its height is
            missing.
        metar_present_weather: The present weather groups such as `-RA BR`, null when there are none.
        metar_unread_text: The groups that were not understood, null when there are none.
        day_of_month: Day of the report's time group, null without one.
        minute_of_day: UTC minute of the day of that group.
    """

    metar_status: Status
    metar_wind_direction_degrees: int | None = None
    metar_wind_speed_knots: int | None = None
    metar_wind_gust_knots: int | None = None
    metar_visibility_miles: float | None = None
    metar_has_ceiling: bool | None = None
    metar_ceiling_ft: int | None = None
    metar_present_weather: str | None = None
    metar_unread_text: str | None = None
    day_of_month: int | None = None
    minute_of_day: int | None = None


MISSING = ParsedMetar("missing")
FAILED = ParsedMetar("failed")
FIELDS = tuple(field.name for field in fields(ParsedMetar))
TYPES: dict[str, pa.DataType] = {
    "metar": pa.string(),
    "metar_status": pa.string(),
    "metar_wind_direction_degrees": pa.int64(),
    "metar_wind_speed_knots": pa.int64(),
    "metar_wind_gust_knots": pa.int64(),
    "metar_visibility_miles": pa.float64(),
    "metar_has_ceiling": pa.bool_(),
    "metar_ceiling_ft": pa.int64(),
    "metar_present_weather": pa.string(),
    "metar_unread_text": pa.string(),
    "day_of_month": pa.int64(),
    "minute_of_day": pa.int64(),
}
SCHEMA = pa.schema(TYPES)


def parse_metar(text: str | None) -> ParsedMetar:
    """Reads one report.

    Args:
        text: The report as sent, or None.

    Returns:
        What the report says; never raises.
    """
    if text is None or text.strip() in ("", "M"):
        return MISSING
    if len(text) > LONGEST_REPORT:
        return FAILED
    body = " ".join(_REMARKS.sub("", text.strip().rstrip("=")).replace("$", " ").split())
    header = _HEADER.match(body)
    if header is None:
        return FAILED
    station, groups = header["station"], body[header.end() :]
    in_knots = (
        len(station) < ICAO_CODE_LENGTH or station.startswith(_KNOTS_BY_PREFIX) or _US_UNITS.search(groups) is not None
    )
    report = _Report(in_knots)
    unread = report.read(_joined(groups).split())
    if unread and not report.has_groups:
        return FAILED
    time = _day_and_minute(header["time"])
    ceiling_ft = report.ceiling_ft()
    return ParsedMetar(
        "partial" if unread or time is None else "parsed",
        report.wind.direction if report.wind else None,
        report.wind.speed if report.wind else None,
        report.wind.gust if report.wind else None,
        report.miles,
        report.has_ceiling(),
        ceiling_ft,
        " ".join(report.weather) or None,
        " ".join(unread).replace("_", " ") or None,
        *(time or (None, None)),
    )


def parse_distinct(con: duckdb.DuckDBPyConnection, relation: str, into: str) -> None:
    """Parses each distinct text of a relation once, in Arrow batches.

    Args:
        con: Where the relation lives, and where the result is made.
        relation: Name of a relation with a column `metar`.
        into: Name of the temporary table to make, with the columns of `SCHEMA`.
    """
    distinct = f"select distinct metar from {relation} where metar is not null"
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
    """Parses a batch of `metar` into a batch of `SCHEMA`."""
    column = texts.column(0)
    reports = [parse_metar(text) for text in column.to_pylist()]
    values = [pa.array([getattr(report, name) for report in reports], SCHEMA.field(name).type) for name in FIELDS]
    return pa.Table.from_arrays([column, *values], schema=SCHEMA)


def _store(con: duckdb.DuckDBPyConnection, statement: str, texts: pa.Table) -> None:
    con.register("_metar_batch", parse_batch(texts))
    con.execute(f"{statement} select * from _metar_batch")
    con.unregister("_metar_batch")


class _Report:
    """What the groups of a report say; of two that say the same thing the first counts."""

    def __init__(self, in_knots: bool) -> None:
        self.wind: Wind | None = None
        self.miles: float | None = None
        self.layers: list[Layer] = []
        self.weather: list[str] = []
        self.has_groups = False
        self._in_knots = in_knots
        self._has_temperature = False

    def read(self, texts: list[str]) -> list[str]:
        """Takes what the groups say, up to the pressure or a forecast, and gives those that are not understood."""
        unread = []
        for text in texts:
            group = read_group(text)
            if group is Mark.END:
                break
            if self._take(group):
                self.has_groups = True
            else:
                unread.append(text)
        return unread

    def ceiling_ft(self) -> int | None:
        """The lowest known height of a ceiling, unless a layer below it has none."""
        heights = []
        for layer in self.layers:
            if layer.is_ceiling and layer.height_ft is not None:
                heights.append(layer.height_ft)
            elif layer.is_ceiling is not False and not heights:
                return None
        return min(heights, default=None)

    def has_ceiling(self) -> bool | None:
        """Whether there is a ceiling; null where the sky, or the cover of a layer, is missing."""
        covers = [layer.is_ceiling for layer in self.layers]
        if True in covers:
            return True
        return None if None in covers or not covers else False

    def _take(self, group: Group) -> bool:
        if group is Mark.TEMPERATURE:
            self._has_temperature = True
        elif isinstance(group, Mark) and group is not Mark.CEILING_AND_VISIBILITY_OK:
            return group is Mark.NO_VALUE
        elif self._has_temperature:
            return False
        elif isinstance(group, Wind):
            return self._take_wind(group)
        elif isinstance(group, Visibility):
            return self._take_visibility(group)
        elif isinstance(group, Weather):
            self.weather.append(group.code)
        elif isinstance(group, Layer):
            self.layers.append(group)
        else:
            self.miles = self.miles or TEN_KM.miles
            self.layers.append(CLEAR)
        return True

    def _take_wind(self, wind: Wind) -> bool:
        # without a unit it is a wind by its place only
        in_place = self._in_knots and self.miles is None and not self.layers
        if self.wind is not None or not (wind.has_unit or in_place):
            return False
        self.wind = wind
        return True

    def _take_visibility(self, visibility: Visibility) -> bool:
        if self.miles is not None or (visibility.is_metric and self.layers):
            return visibility.is_directional
        self.miles = visibility.miles
        return True


def _joined(groups: str) -> str:
    """The groups without the blanks that stand inside one."""
    if " BL" in groups:
        groups = _CLEAR_BELOW.sub(r" \1", groups)
    groups = _SPLIT_UNIT.sub("", _SPLIT_LAYER.sub(r" \1", groups))
    return _SPLIT_MILES.sub(r" \1_", groups) if "/" in groups else groups


def _day_and_minute(time: str | None) -> tuple[int, int] | None:
    """The day of the month and the minute of the day of a time group, none where no clock shows such a time."""
    if time is None:
        return None
    day, hour, minute = int(time[:2]), int(time[2:4]), int(time[4:])
    if 1 <= day <= LONGEST_MONTH_DAYS and hour < HOURS and minute < MINUTES:
        return day, hour * MINUTES + minute
    return None
