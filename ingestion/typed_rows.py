"""Rows of text to the typed columns of a raw table; what cannot be read is rejected, with a reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ingestion.csv_reader import (
    DelimitedFile,
    Rejected,
    clean,
    count_lines,
    lines_of,
    open_delimited,
    quote_sql,
    write_rejected,
)
from ingestion.raw_tables import RawColumn, RawTable
from ingestion.source import IngestError, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    import duckdb

FIRST_ROW_LINE = 2
# With DuckDB's default of 122,880 the 112 columns of a month take more than its memory limit and spill.
ROWS_PER_GROUP = 20_480
US_DATES = "['%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y']"
CLOCK_TIME = "0{0,3}[0-9]|0{0,2}[1-5][0-9]|(0?[1-9]|1[0-9]|2[0-3])[0-5][0-9]|2400"
# What can be wrong with a row: the condition, what to say, and the text that is wrong.
Test = tuple[str, str, str]
NAMES_OF_TYPES = {
    "bigint": "whole number",
    "double": "number",
    "date": "date",
    "timestamp": "timestamp",
    "bool": "true or false",
}


@dataclass(frozen=True)
class Layout:
    """How a raw table is found in a delimited file.

    Attributes:
        table: The raw table.
        aliases: Further header names of a column, best first, after its own name and its name in the source.
            Names are compared by their letters and digits, whatever their case: `DEP_TIME` is `DepTime`.
        clock_columns: Text columns that hold local clock times, 0000 to 2400.
        required: Columns that the file must have, and that are missing in no row that is loaded.
        day_column: The date column that tells the period of the rows.
        delimiter: One character.
        quoted: Whether fields may stand in double quotes.
        null_strings: Field contents that mean "missing".
    """

    table: RawTable
    aliases: Mapping[str, Collection[str]]
    clock_columns: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    day_column: str | None = None
    delimiter: str = ","
    quoted: bool = True
    null_strings: tuple[str, ...] = ("",)

    def matches(self, names: Collection[str]) -> dict[str, list[int]]:
        """Column names to the positions of their header names, best first."""
        positions: dict[str, int] = {}
        for position, name in enumerate(names):
            positions.setdefault(plain_name(name), position)
        return {
            column.name: found
            for column in self.table.columns
            if (found := [positions[name] for name in self._wanted(column) if name in positions])
        }

    def is_clock(self, column: RawColumn) -> bool:
        """Whether a column holds local clock times."""
        return column.name in self.clock_columns

    def unknown(self, names: Collection[str]) -> list[str]:
        """Header names that belong to no column."""
        known = {name for column in self.table.columns for name in self._wanted(column)}
        return [name for name in names if name and plain_name(name) not in known]

    def verify(self, names: Collection[str], name: str) -> None:
        """See that the header of the file called `name` has the required columns.

        Raises:
            IngestError: Naming the file and what it lacks.
        """
        matches = self.matches(names)
        missing = [
            column.source_name or column.name
            for column in self.table.columns
            if column.name in self.required and column.name not in matches
        ]
        if missing:
            raise IngestError(f"{name}: refused, it lacks the columns {', '.join(missing)}")

    def _wanted(self, column: RawColumn) -> list[str]:
        names = [column.name, column.source_name or column.name, *self.aliases.get(column.name, ())]
        return list(dict.fromkeys(plain_name(name) for name in names))


def plain_name(name: str) -> str:
    """A header name without what differs between the layouts of one source: case, blanks, underscores."""
    return re.sub(r"[^0-9a-z]", "", name.lower())


def read_rows(con: duckdb.DuckDBPyConnection, layout: Layout, path: Path, name: str) -> Reading:
    """Read a delimited file as rows of one raw table.

    All rows are parsed once, into a Parquet file that lives as long as the reading.

    Args:
        con: Where the selects will run.
        layout: How the table is found in the file.
        path: The local file.
        name: What to call it in errors.

    Raises:
        IngestError: If the file has no header, or not the columns that the layout requires.
    """
    file = open_delimited(
        path, name, delimiter=layout.delimiter, quoted=layout.quoted, null_strings=layout.null_strings
    )
    layout.verify(file.names, name)
    workspace = TemporaryDirectory(prefix="ontime-")
    folder = Path(workspace.name)
    typed = folder / "typed.parquet"
    rejects: list[Path] = []
    rejected_rows = 0
    if not _write_well_formed(con, layout, file, typed):
        file, unreadable = clean(file, folder)
        rejects.append(folder / "unreadable.parquet")
        rejected_rows = write_rejected(unreadable, rejects[-1])
        con.execute(Projection(layout, file).copy_to(typed))
    projection = Projection(layout, file)
    rows, bad_rows, first_day, last_day = con.execute(projection.summary(typed)).fetchall()[0]
    if bad_rows:
        rejects.append(folder / "untyped.parquet")
        rejected_rows += write_rejected(_bad_lines(con, projection), rejects[-1])
    return Reading(
        tables={layout.table.name: projection.good(typed)},
        rejected=_rejected(rejects) if rejected_rows else None,
        rows=rows - bad_rows,
        rejected_rows=rejected_rows,
        period_start=first_day,
        period_end=last_day,
        workspace=workspace,
    )


def day_range(con: duckdb.DuckDBPyConnection, layout: Layout, path: Path, name: str) -> tuple[date, date] | None:
    """The first and last day of a file's rows, without reading more of it; None if no row has a day.

    Raises:
        IngestError: If the file has no header, or not the columns that the layout requires.
    """
    days = [column for column in layout.table.columns if column.name == layout.day_column]
    reading = read_rows(con, replace(layout, table=replace(layout.table, columns=tuple(days))), path, name)
    if reading.period_start is None or reading.period_end is None:
        return None
    return reading.period_start, reading.period_end


def _write_well_formed(con: duckdb.DuckDBPyConnection, layout: Layout, file: DelimitedFile, typed: Path) -> bool:
    """Write the typed rows, and tell whether they are the lines of the file, one for one and in order."""
    import duckdb  # noqa: PLC0415 - slow to import, and a run that finds nothing new reads nothing

    lines = count_lines(file.path)
    if lines is None:
        return False
    try:
        written = con.execute(Projection(layout, file).copy_to(typed)).fetchall()[0][0]
    except duckdb.InvalidInputException:
        return False
    return bool(written == lines - 1)


@dataclass(frozen=True)
class Projection:
    """The typed columns of a layout over a file, as SQL."""

    layout: Layout
    file: DelimitedFile

    def copy_to(self, typed: Path) -> str:
        """A statement that writes all rows, typed, in the file's order; `_bad` marks what fails a test but for clocks.

        Numbering the rows here would bind the statement to one thread; their place in Parquet numbers them.
        """
        values = ", ".join(f"{self._value(column)} as {_name(column)}" for column in self.layout.table.columns)
        others = (column for column in self.layout.table.columns if not self.layout.is_clock(column))
        bad = _any(self._tests(others, self._text))
        line = ", _source_line" if self.file.cleaned else ""
        return (
            f"copy (select {values}, {bad} as _bad{line} from {self.file.relation()})"
            f" to {quote_sql(str(typed))} (format parquet, preserve_order true, row_group_size {ROWS_PER_GROUP})"
        )

    def summary(self, typed: Path) -> str:
        """A select of rows, bad rows, first and last day of the good rows."""
        day = f'"{self.layout.day_column}"' if self.layout.day_column else "null::date"
        return (
            f"select count(*), count(*) filter (where bad), min({day}) filter (where not bad),"
            f" max({day}) filter (where not bad)"
            f" from (select *, {self._bad_once_typed()} as bad from read_parquet({quote_sql(str(typed))}))"
        )

    def good(self, typed: Path) -> str:
        """A select of the table's columns in order and `_source_line`, of the rows that can be read."""
        columns = ", ".join(map(_name, self.layout.table.columns))
        line = "_source_line" if self.file.cleaned else f"{FIRST_ROW_LINE} + file_row_number as _source_line"
        source = f"read_parquet({quote_sql(str(typed))})"
        return f"select {columns}, {line} from {source} where not ({self._bad_once_typed()})"

    def bad(self) -> str:
        """A select of line number and reason of the rows that cannot be read, in the file's order."""
        tests = list(self._tests(self.layout.table.columns, self._text))
        reasons = ", ".join(
            f"case when {test} then {quote_sql(what)} || coalesce(': ' || {text}, '') end" for test, what, text in tests
        )
        return (
            f"select _source_line, concat_ws('; ', {reasons or 'null'}) as reason"
            f" from ({self.file.select()}) where {_any(tests)} order by _source_line"
        )

    def _bad_once_typed(self) -> str:
        """The condition of bad rows of the typed file, where a clock time stands, and is tested, once a row group."""
        clocks = filter(self.layout.is_clock, self.layout.table.columns)
        return f"_bad or {_any(self._tests(clocks, _name))}"

    def _text(self, column: RawColumn) -> str | None:
        positions = self.layout.matches(self.file.names).get(column.name, [])
        texts = [f"c{position}" for position in positions]
        return f"coalesce({', '.join(texts)})" if len(texts) > 1 else (texts[0] if texts else None)

    def _value(self, column: RawColumn) -> str:
        text = self._text(column)
        if text is None:
            return f"null::{column.duckdb_type}"
        match column.data_type:
            case "text":
                return text
            case "bigint":
                return f"try_cast(try_cast({text} as double) as bigint)"
            case "date":
                return f"coalesce(try_cast({text} as date), try_strptime({text}, {US_DATES})::date)"
            case _:
                return f"try_cast({text} as {column.duckdb_type})"

    def _tests(self, columns: Iterable[RawColumn], text_of: Callable[[RawColumn], str | None]) -> Iterator[Test]:
        for column in columns:
            text = text_of(column)
            if text is None:
                continue
            if column.name in self.layout.required:
                yield f"{text} is null", f"{column.name} is missing", "null"
            test = self._test(column, text)
            if test is not None:
                wanted = NAMES_OF_TYPES.get(column.data_type, "clock time")
                yield f"({text} is not null and {test})", f"{column.name} is no {wanted}", text

    def _test(self, column: RawColumn, text: str) -> str | None:
        value = self._value(column)
        match column.data_type:
            case "text":
                return f"not regexp_full_match({text}, '{CLOCK_TIME}')" if self.layout.is_clock(column) else None
            case "bigint":
                return f"({value} is null or {value} <> try_cast({text} as double))"
            case "double":
                return f"({value} is null or not isfinite({value}))"
            case _:
                return f"{value} is null"


def _name(column: RawColumn) -> str:
    return f'"{column.name}"'


def _any(tests: Iterable[Test]) -> str:
    return " or ".join(condition for condition, _, _ in tests) or "false"


def _bad_lines(con: duckdb.DuckDBPyConnection, projection: Projection) -> Iterator[Rejected]:
    found = con.cursor().execute(projection.bad())

    def reasons() -> Iterator[tuple[int, str]]:
        while batch := found.fetchmany(1_000):
            yield from batch

    return lines_of(projection.file, reasons())


def _rejected(files: list[Path]) -> str:
    names = ", ".join(quote_sql(str(file)) for file in files)
    return f"select line_number, reason, raw_text from read_parquet([{names}]) order by line_number"
