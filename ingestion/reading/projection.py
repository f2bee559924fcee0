"""SQL that reads the typed columns of a layout, and tells what of a file cannot be read.

What a row is known by must be readable: else the row is bad. Any other value that cannot be read is damaged: it is
null, and counted. Most files are whole, so a first, plain reading only sees whether a file is. One that is not, or
holds clock times that a program saved as floats, is read again with care.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ingestion.raw.tables import RawColumn
from ingestion.reading.csv_reader import MARKS, DelimitedFile
from ingestion.reading.layout import Layout
from ingestion.source import DamagedValues
from ontime.sql import quote_sql, quoted

FIRST_ROW_LINE = 2
# With DuckDB's default of 122,880 the 112 columns of a month take more than its memory limit and spill.
ROWS_PER_GROUP = 20_480
US_DATES = "['%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y']"
CLOCK_TIME = "(0{0,3}[0-9]|0{0,2}[1-5][0-9]|(0?[1-9]|[12][0-9])[0-5][0-9])"
FLOAT_CLOCK_TIME = CLOCK_TIME + r"\.0+"
LONGEST_EXAMPLE = 100
NAMES_OF_TYPES = {
    "bigint": "whole number",
    "double": "number",
    "date": "date",
    "timestamp": "timestamp",
    "bool": "true or false",
}


@dataclass(frozen=True)
class Fault:
    """What can be wrong with a value.

    Attributes:
        subject: The column.
        rule: What is said of it: "is no whole number".
        condition: SQL that is true where it is so, and never null.
        text: SQL of the text that is wrong.
    """

    subject: str
    rule: str
    condition: str
    text: str = "null"


@dataclass(frozen=True)
class Projection:
    """The typed columns of a layout over a file, as SQL.

    Attributes:
        layout: How the columns are found.
        file: The file.
        typed: Where the typed rows are written to.
        careful: Whether values that cannot be read are made null, and clock times that were saved as floats are read.
            Without it they are as they come, and the summary tells whether there are any.
    """

    layout: Layout
    file: DelimitedFile
    typed: Path
    careful: bool = False

    def with_care(self) -> Projection:
        """The same, careful."""
        return replace(self, careful=True)

    def copy(self) -> str:
        """A statement that writes all rows, typed, in the file's order; `_bad` and `_odd` mark what fails a test.

        Numbering the rows here would bind the statement to one thread; their place in Parquet numbers them.
        """
        values = ", ".join(f"{self._value(column)} as {_name(column)}" for column in self._columns())
        bad = _any(self._faults(self._keys(clocks=self.careful), self._text))
        odd = "false" if self.careful else _any(self._faults(self._others(clocks=False), self._text))
        line = ", _source_line" if self.file.cleaned else ""
        return (
            f"copy (select {values}, {bad} as _bad, {odd} as _odd{line} from {self.file.relation()})"
            f" to {quote_sql(str(self.typed))} (format parquet, preserve_order true, row_group_size {ROWS_PER_GROUP})"
        )

    def summary(self) -> str:
        """A select of rows, bad rows, rows to read with care, first and last day of the good rows."""
        day = self._day(_name) or "null::date"
        return (
            "select count(*), count(*) filter (where bad), count(*) filter (where odd),"
            " min(day) filter (where not bad), max(day) filter (where not bad)"
            f" from (select {day} as day, {self._bad_once_typed()} as bad, {self._odd_once_typed()} as odd"
            f" from read_parquet({quote_sql(str(self.typed))}))"
        )

    def good(self, *, bad_rows: int) -> str:
        """A select of the table's columns in order and `_source_line`, of the rows that can be read."""
        columns = ", ".join(map(_name, self._columns()))
        line = "_source_line" if self.file.cleaned else f"{FIRST_ROW_LINE} + file_row_number as _source_line"
        source = f"read_parquet({quote_sql(str(self.typed))})"
        condition = f" where not ({self._bad_once_typed()})" if bad_rows else ""
        return f"select {columns}, {line} from {source}{condition}"

    def bad(self) -> str:
        """A select of line number and reason of the rows that cannot be read, in the file's order."""
        faults = list(self._faults_of_rows())
        reasons = ", ".join(
            f"case when {fault.condition} then {quote_sql(f'{fault.subject} {fault.rule}')}"
            f" || coalesce(': ' || {fault.text}, '') end"
            for fault in faults
        )
        return (
            f"select _source_line, concat_ws('; ', {reasons or 'null'}) as reason"
            f" from ({self.file.select()}) where {_any(faults)} order by _source_line"
        )

    def damage(self) -> tuple[str, Callable[[tuple[int | str, ...]], list[DamagedValues]]]:
        """A select of one row about the values that cannot be read in good rows, and what it says."""
        faults = [
            (fault, self._text(column)) for column in self._others() for fault in self._faults([column], self._text)
        ]
        select = "".join(
            f", count(*) filter (where {fault.condition}), min({fault.text}) filter (where {fault.condition}),"
            f" count({text})"
            for fault, text in faults
        )

        def read(row: tuple[int | str, ...]) -> list[DamagedValues]:
            found = zip(faults, row[1::3], row[2::3], row[3::3], strict=True)
            return [
                DamagedValues(fault.subject, fault.rule, int(count), str(example)[:LONGEST_EXAMPLE], int(values))
                for (fault, _), count, example, values in found
                if count
            ]

        bad = _any(self._faults_of_rows())
        return f"select count(*){select} from {self.file.relation()} where not ({bad})", read

    def _bad_once_typed(self) -> str:
        """The condition of bad rows of the typed file, where a clock time stands, and is tested, once a row group."""
        faults = [] if self.careful else list(self._faults(filter(self.layout.is_clock, self._keys()), _name))
        return " or ".join(["_bad", *(fault.condition for fault in (*faults, *self._faults_of_days(_name)))])

    def _odd_once_typed(self) -> str:
        if self.careful:
            return "false"
        clocks = filter(self.layout.is_clock, self._columns())
        odd = (f"({_name(clock)} is not null and not {_matches(_name(clock), CLOCK_TIME)})" for clock in clocks)
        return " or ".join(["_odd", *odd])

    def _columns(self) -> tuple[RawColumn, ...]:
        return self.layout.table.columns

    def _keys(self, *, clocks: bool = True) -> list[RawColumn]:
        keys = [column for column in self._columns() if column.name in self.layout.required]
        return [column for column in keys if clocks or not self.layout.is_clock(column)]

    def _others(self, *, clocks: bool = True) -> list[RawColumn]:
        others = [column for column in self._columns() if column.name not in self.layout.required]
        return [column for column in others if clocks or not self.layout.is_clock(column)]

    def _positions(self, column: RawColumn) -> list[int]:
        return self.layout.matches(self.file.names).get(column.name, [])

    def _text(self, column: RawColumn) -> str | None:
        texts = [f"c{position}" for position in self._positions(column)]
        return f"coalesce({', '.join(texts)})" if len(texts) > 1 else (texts[0] if texts else None)

    def _value(self, column: RawColumn) -> str:
        text = self._text(column)
        if text is None:
            return f"null::{column.duckdb_type}"
        value = self._plain_value(column, text)
        if not self.careful:
            return value
        if self.layout.is_clock(column):
            as_float = f"{_matches(text, FLOAT_CLOCK_TIME)} then lpad(split_part({text}, '.', 1), 4, '0')"
            return f"case when {_matches(text, CLOCK_TIME)} then {text} when {as_float} end"
        faults = _any(self._faults([column], self._text, missing=False))
        return value if faults == "false" else f"case when not ({faults}) then {value} end"

    def _plain_value(self, column: RawColumn, text: str) -> str:
        match column.data_type:
            case "text":
                return text
            case "bigint":
                # no source counts so high that a warehouse's integer would not hold it
                return f"try_cast(try_cast({text} as double) as integer)::bigint"
            case "date":
                return f"coalesce(try_cast({text} as date), try_strptime({text}, {US_DATES})::date)"
            case _:
                return f"try_cast({text} as {column.duckdb_type})"

    def _faults_of_rows(self) -> Iterator[Fault]:
        """All for which a row is rejected, over the texts of the file."""
        yield from self._faults(self._keys(), self._text)
        yield from self._faults_of_days(lambda column: self._value(column) if self._text(column) else None)

    def _faults(
        self, columns: Iterable[RawColumn], text_of: Callable[[RawColumn], str | None], *, missing: bool = True
    ) -> Iterator[Fault]:
        for column in columns:
            text = text_of(column)
            if text is None:
                continue
            marks = MARKS if self.file.marked.intersection(self._positions(column)) else {}
            if missing and column.name in self.layout.required:
                yield Fault(column.name, "is missing", f"{text} is null")
            is_marked = [f"starts_with({text}, '{mark}')" for mark in marks]
            for condition, rule in zip(is_marked, marks.values(), strict=True):
                yield Fault(column.name, rule, f"({text} is not null and {condition})", f"substr({text}, 2)")
            test = self._test(column, text)
            if test is not None:
                conditions = [f"{text} is not null", *(f"not {condition}" for condition in is_marked), test]
                wanted = NAMES_OF_TYPES.get(column.data_type, "clock time")
                yield Fault(column.name, f"is no {wanted}", f"({' and '.join(conditions)})", text)

    def _test(self, column: RawColumn, text: str) -> str | None:
        value = self._plain_value(column, text)
        match column.data_type:
            case "text" if self.layout.is_clock(column):
                plain = _matches(text, CLOCK_TIME)
                return f"not ({plain} or {_matches(text, FLOAT_CLOCK_TIME)})" if self.careful else f"not {plain}"
            case "text":
                return None
            case "bigint":
                return f"({value} is null or {value} <> try_cast({text} as double))"
            case "double":
                return f"({value} is null or not isfinite({value}))"
            case _:
                return f"{value} is null"

    def _faults_of_days(self, value_of: Callable[[RawColumn], str | None]) -> Iterator[Fault]:
        """What can be wrong with the day of a row whose columns can be read."""
        day = self._day(value_of)
        if day is None:
            return
        columns = [column for column in self._columns() if column.name in self._day_names()]
        texts = [self._text(column) or "null" for column in columns]
        subject, text = ", ".join(column.name for column in columns), f"concat_ws('-', {', '.join(texts)})"
        if self.layout.day_parts:
            known = " and ".join(f"{value_of(column)} is not null" for column in columns)
            yield Fault(subject, "are no date", f"({known} and {day} is null)", text)
        if self.layout.days:
            first, last = self.layout.days
            is_within = f"{day} between date '{first}' and date '{last}'"
            rule = f"{'are' if self.layout.day_parts else 'is'} not within {first} to {last}"
            yield Fault(subject, rule, f"not coalesce({is_within}, true)", text)

    def _day(self, value_of: Callable[[RawColumn], str | None]) -> str | None:
        """SQL of a row's day, or None if the file has none."""
        values = {column.name: value_of(column) for column in self._columns() if column.name in self._day_names()}
        found = [value for name in self._day_names() if (value := values.get(name))]
        if not found or len(found) < len(self._day_names()):
            return None
        return f"try(make_date({', '.join(found)}))" if self.layout.day_parts else found[0]

    def _day_names(self) -> tuple[str, ...]:
        return self.layout.day_parts or ((self.layout.day_column,) if self.layout.day_column else ())


def _name(column: RawColumn) -> str:
    return quoted(column.name)


def _matches(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, '{pattern}')"


def _any(faults: Iterable[Fault]) -> str:
    return " or ".join(fault.condition for fault in faults) or "false"
