"""A landed file of events to the raw tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ingestion.source import Reading
from ingestion.sources.asos.measures import MEASURES, measures_sql
from ingestion.sources.asos.metar_text import parse_distinct
from ingestion.sources.asos.reading import METAR_COLUMNS, select_with_texts
from ingestion.sources.events.columns import FLIGHT_EVENTS, LANDED, WEATHER_REPORTS
from ingestion.sources.events.tables import DEAD_LETTERS_TABLE, FLIGHT_EVENTS_TABLE, WEATHER_REPORTS_TABLE
from ontime.errors import OntimeError
from ontime.sql import quote_sql, quoted

if TYPE_CHECKING:
    import duckdb

    from ingestion.raw.tables import RawTable

REPORTS: Final = "events_reports"


def read_events(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> Reading:
    """Read a landed file.

    Args:
        con: Where its temporary tables are made.
        path: A local copy of it.
        name: What to call it in errors.

    Raises:
        OntimeError: If it is no file of events.
    """
    landed = f"read_parquet({quote_sql(str(path))})"
    found = con.execute(f"describe select * from {landed}").fetchall()
    if [column for column, *_ in found] != LANDED.names:
        raise OntimeError("not a landed file of events", where=name, remedy="events are landed by the sink")
    write_reports(con, landed)
    days = _valid(WEATHER_REPORTS, "observed_at::date"), _valid(FLIGHT_EVENTS, "flight_date")
    day = f"coalesce({days[0]}, {days[1]})"
    rows, first, last = con.execute(f"select count(*), min({day}), max({day}) from {landed}").fetchall()[0]
    return Reading(
        tables={
            FLIGHT_EVENTS_TABLE.name: _select(FLIGHT_EVENTS_TABLE, landed, _valid(FLIGHT_EVENTS, "true")),
            WEATHER_REPORTS_TABLE.name: select_with_texts(WEATHER_REPORTS_TABLE, REPORTS),
            DEAD_LETTERS_TABLE.name: _select(DEAD_LETTERS_TABLE, landed, "reason is not null"),
        },
        rejected=None,
        rows=rows,
        rejected_rows=0,
        period_start=first,
        period_end=last,
    )


def _valid(topic: str, value: str) -> str:
    return f"case when reason is null and topic = {quote_sql(topic)} then {value} end"


def _select(table: RawTable, landed: str, condition: str) -> str:
    columns = ", ".join(quoted(column.name) for column in table.columns)
    return f"select {columns}, file_row_number + 1 as _source_line from {landed} where {condition}"


def write_reports(con: duckdb.DuckDBPyConnection, landed: str) -> None:
    """Write the table `REPORTS`: each report with what IEM would tell of its text in its columns, and the texts parsed.

    Args:
        con: Where the table is made.
        landed: Relation of the columns of `LANDED` and `file_row_number`.
    """
    own = {"valid": "observed_at", **MEASURES}
    columns = ", ".join(
        f"{own.get(column.name, column.name if column.name in LANDED.names else 'null')}::{column.duckdb_type}"
        f" as {column.name}"
        for column in WEATHER_REPORTS_TABLE.columns
        if column.name not in METAR_COLUMNS
    )
    reports = f"(select *, file_row_number from {landed} where {_valid(WEATHER_REPORTS, 'true')})"
    con.execute(
        f"create or replace temp table {REPORTS} as"
        f" select {columns}, null as reason, file_row_number + 1 as line_number"
        f" from ({measures_sql(reports)})"
    )
    parse_distinct(con, REPORTS, f"{REPORTS}_metar")
