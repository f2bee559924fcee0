"""Reading what IEM answers: reports a line, columns by their header, no quotes, M for what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.landed_file import LandedFile
from ingestion.raw.tables import RawColumn, RawTable
from ingestion.reading.text_lines import lines_sql
from ingestion.source import Reading
from ingestion.sources.asos.metar_text import FIELDS, HOURS, MINUTES, parse_distinct
from ontime.errors import OntimeError
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb

REQUIRED_COLUMNS = ("station", "valid")
# IEM writes M; the others are what its option `missing` offers, and what people's own exports hold.
MISSING_VALUES = ("M", "", "null", "None")
TRACE_INCHES = "0.0001"
METAR_COLUMNS = tuple(name for name in FIELDS if name.startswith("metar_"))
# A text whose time is farther from the row's is that of another report.
MOST_MINUTES_APART = 60
PRECIPITATION_COLUMNS = ("p01i", "ice_accretion_1hr", "ice_accretion_3hr", "ice_accretion_6hr", "snowdepth")


def read_reports(con: duckdb.DuckDBPyConnection, table: RawTable, file: LandedFile, path: Path) -> Reading:
    """Read one answer.

    Args:
        con: Where its temporary tables are made.
        table: The raw table of reports.
        file: The landed answer.
        path: A local copy of it.

    Raises:
        OntimeError: If it holds no header with at least `REQUIRED_COLUMNS`.
    """
    rows_name = f"asos_{file.sha256[:12]}"
    lines = f"{rows_name}_lines"
    con.execute(f"create or replace temp table {lines} as {lines_sql(path)}")
    header_line, header = _header(con, lines, file.name)
    delimiter, names = split_header(header, file.name)
    con.execute(
        f"create or replace temp table {rows_name} as {_typed_sql(table, lines, header_line, delimiter, names)}"
    )
    con.execute(f"drop table {lines}")
    parse_distinct(con, f"(select metar from {rows_name} where reason is null)", f"{rows_name}_metar")
    totals = con.execute(
        "select count(*) filter (where reason is null), count(reason), "
        "min(valid) filter (where reason is null), max(valid) filter (where reason is null) "
        f"from {rows_name}"
    ).fetchone()
    rows, rejected_rows, first, last = totals or (0, 0, None, None)
    rejected = f"select line_number, reason, line as raw_text from {rows_name} where reason is not null"
    return Reading(
        tables={table.name: select_with_texts(table, rows_name)},
        rejected=rejected if rejected_rows else None,
        rows=rows,
        rejected_rows=rejected_rows,
        period_start=first.date() if first else None,
        period_end=last.date() if last else None,
    )


def select_with_texts(table: RawTable, rows_name: str) -> str:
    """A select of a table of reports: each row with what its text says, and whether that is the row's.

    Args:
        table: Its columns are those of the rows, and `METAR_COLUMNS`.
        rows_name: Temporary table with the rows, their `line_number`, and a `reason` where one is left out; beside it
            stand its texts, parsed, as `<rows_name>_metar`.
    """
    columns_sql = ", ".join(
        f"{_status_sql()} as metar_status"
        if column.name == "metar_status"
        else f"{'m' if column.name in METAR_COLUMNS else 't'}.{column.name}"
        for column in table.columns
    )
    return f"""
        select {columns_sql}, t.line_number as _source_line
        from {rows_name} as t
        left join {rows_name}_metar as m on t.metar = m.metar
        where t.reason is null
        order by t.line_number
    """


def split_header(header: str, name: str) -> tuple[str, list[str]]:
    """The delimiter of an answer and its column names.

    Raises:
        OntimeError: If the line is no header of weather reports, such as an error page.
    """
    delimiter = "\t" if "\t" in header else ","
    names = [column.strip().lower() for column in header.split(delimiter)]
    lacking = [column for column in REQUIRED_COLUMNS if column not in names]
    if lacking:
        raise OntimeError(
            f"not weather reports (no column {' or '.join(lacking)}); it begins: {header.strip()[:80]!r}", where=name
        )
    return delimiter, names


def _header(con: duckdb.DuckDBPyConnection, lines: str, name: str) -> tuple[int, str]:
    found = con.execute(
        f"select line_number, line from {lines} where not starts_with(line, '#') order by line_number limit 1"
    ).fetchone()
    if found is None:
        raise OntimeError("holds no header", where=name)
    return int(found[0]), str(found[1])


def _typed_sql(table: RawTable, lines: str, header_line: int, delimiter: str, names: list[str]) -> str:
    """Each line's values, typed, and the reason why it cannot be read, if any."""
    measured = [column for column in table.columns if column.name not in METAR_COLUMNS]
    texts = ", ".join(f"{_text_sql(column, names)} as {column.name}_text" for column in measured)
    values = ", ".join(f"{_value_sql(column)} as {column.name}" for column in measured)
    unreadable = " ".join(
        f"when {_unreadable_sql(column)} then '{column.name} ' || {column.name}_text || ' is no {column.data_type}'"
        for column in measured
        if column.data_type != "text" and column.name in names
    )
    return f"""
        with fields as (
            select line_number, line, string_split(line, {quote_sql(delimiter)}) as f from {lines}
            where line_number > {header_line}
        ),
        texts as (select line_number, line, len(f) as field_count, {texts} from fields),
        typed as (select *, {values} from texts)
        select line_number, line, {", ".join(column.name for column in measured)}, case
            when field_count <> {len(names)} then 'has ' || field_count || ' fields instead of {len(names)}'
            when station is null then 'has no station'
            when valid_text is null then 'has no valid time'
            {unreadable}
        end as reason
        from typed
    """


def _text_sql(column: RawColumn, names: list[str]) -> str:
    if column.name not in names:
        return "cast(null as varchar)"
    value = f"trim(f[{names.index(column.name) + 1}], e' \\r')"
    missing = ", ".join(quote_sql(text) for text in MISSING_VALUES)
    return f"case when {value} not in ({missing}) then {value} end"


def _value_sql(column: RawColumn) -> str:
    text = f"{column.name}_text"
    if column.data_type == "timestamp":
        return f"try_strptime({text}, ['%Y-%m-%d %H:%M', '%Y-%m-%d %H:%M:%S'])"
    if column.name in PRECIPITATION_COLUMNS:
        return f"try_cast(if({text} = 'T', '{TRACE_INCHES}', {text}) as double)"
    return f"try_cast({text} as {column.duckdb_type})" if column.data_type != "text" else text


def _unreadable_sql(column: RawColumn) -> str:
    is_missing = f"{column.name} is null and {column.name}_text is not null"
    return f"({is_missing} or not isfinite({column.name}))" if column.data_type == "double" else is_missing


def _status_sql() -> str:
    """What became of the text beside a row: `misplaced` where it tells another time than the row."""
    day_minutes = HOURS * MINUTES
    days_later = (
        "case m.day_of_month when day(t.valid) then 0 "
        "when day(t.valid + interval 1 day) then 1 when day(t.valid - interval 1 day) then -1 end"
    )
    minutes_later = f"m.minute_of_day - {MINUTES} * hour(t.valid) - minute(t.valid) + {day_minutes} * ({days_later})"
    return f"""
        case
            when m.day_of_month is null or abs({minutes_later}) <= {MOST_MINUTES_APART}
                then coalesce(m.metar_status, 'missing')
            else 'misplaced'
        end
    """
