"""Rows of text to the typed columns of a raw table; what cannot be read is put aside or counted, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ingestion.reading.csv_reader import Rejected, clean, count_lines, lines_of, open_delimited, write_rejected
from ingestion.reading.layout import Layout
from ingestion.reading.projection import Projection
from ingestion.source import DamagedValues, Reading
from ontime.sql import quote_sql

if TYPE_CHECKING:
    from datetime import date

    import duckdb


def read_rows(con: duckdb.DuckDBPyConnection, layout: Layout, path: Path, name: str) -> Reading:
    """Read a delimited file as rows of one raw table.

    All rows are parsed once, into a Parquet file that lives as long as the reading; those of a file with damage twice.

    Args:
        con: Where the selects will run.
        layout: How the table is found in the file.
        path: The local file.
        name: What to call it in errors.

    Raises:
        OntimeError: If the file has no header, or not the columns that the layout requires, or a column twice.
    """
    file = open_delimited(
        path, name, delimiter=layout.delimiter, quoted=layout.quoted, null_strings=layout.null_strings
    )
    layout.verify(file.names, name)
    workspace = TemporaryDirectory(prefix="ontime-")
    folder = Path(workspace.name)
    projection = Projection(layout, file, folder / "typed.parquet")
    rejects: list[Path] = []
    rejected_rows = 0
    if not _write_well_formed(con, projection):
        rejects.append(folder / "unreadable.parquet")
        file, rejected_rows = clean(file, folder, rejects[-1])
        projection = replace(projection, file=file).with_care()
        con.execute(projection.copy())
    summary = con.execute(projection.summary()).fetchall()[0]
    if summary[2]:
        projection = projection.with_care()
        con.execute(projection.copy())
        summary = con.execute(projection.summary()).fetchall()[0]
    rows, bad_rows, _, first_day, last_day = summary
    if bad_rows:
        rejects.append(folder / "untyped.parquet")
        rejected_rows += write_rejected(_bad_lines(con, projection), rejects[-1])
    return Reading(
        tables={layout.table.name: projection.good(bad_rows=bad_rows)},
        rejected=_rejected(rejects) if rejected_rows else None,
        rows=rows - bad_rows,
        rejected_rows=rejected_rows,
        period_start=first_day,
        period_end=last_day,
        workspace=workspace,
        damaged=_damaged(con, projection) if projection.careful else (),
    )


def day_range(con: duckdb.DuckDBPyConnection, layout: Layout, path: Path, name: str) -> tuple[date, date] | None:
    """The first and last day of a file's rows, without reading more of it; None if no row has a day.

    Raises:
        OntimeError: If the file has no header, or not the columns that the layout requires, or a column twice.
    """
    days = [column for column in layout.table.columns if column.name == layout.day_column]
    reading = read_rows(con, replace(layout, table=replace(layout.table, columns=tuple(days))), path, name)
    if reading.period_start is None or reading.period_end is None:
        return None
    return reading.period_start, reading.period_end


def _write_well_formed(con: duckdb.DuckDBPyConnection, projection: Projection) -> bool:
    """Write the typed rows, and tell whether they are the lines of the file, one for one and in order."""
    import duckdb  # noqa: PLC0415 - slow to import, and a run that finds nothing new reads nothing

    lines = count_lines(projection.file.path)
    if lines is None:
        return False
    try:
        written = con.execute(projection.copy()).fetchall()[0][0]
    except duckdb.InvalidInputException:
        return False
    return bool(written == lines - 1)


def _bad_lines(con: duckdb.DuckDBPyConnection, projection: Projection) -> Iterator[Rejected]:
    found = con.cursor().execute(projection.bad())

    def reasons() -> Iterator[tuple[int, str]]:
        while batch := found.fetchmany(1_000):
            yield from batch

    return lines_of(projection.file, reasons())


def _damaged(con: duckdb.DuckDBPyConnection, projection: Projection) -> tuple[DamagedValues, ...]:
    select, read = projection.damage()
    return tuple(read(con.execute(select).fetchall()[0]))


def _rejected(files: list[Path]) -> str:
    names = ", ".join(quote_sql(str(file)) for file in files)
    return f"select line_number, reason, raw_text from read_parquet([{names}]) order by line_number"
