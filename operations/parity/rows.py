"""The rows of a table on two engines, compared by a full join on its key; nothing is held in Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from engines.memory import connect_in_memory
from ontime.sql import quote_sql, quoted
from operations.parity.sides import FLOATS, Side

if TYPE_CHECKING:
    import duckdb

    from ontime.settings import Settings

FIRST_ROWS: Final = 3
FIRST_DIFFERENCES: Final = 5
IS_THERE: Final = "_is_there"
THERE, MISSING, ROW = "there", "missing", "(row)"
# a load is written as one of the microseconds from here on, which no flight and no load ever took place in
CODES_FROM: Final = datetime(1, 1, 1)  # noqa: DTZ001 - instants carry no zone and are UTC
LOAD_NAMES: Final = "load_names"


@dataclass(frozen=True)
class Difference:
    """Where a target differs from the reference.

    Attributes:
        target: The target.
        key: The row, as `carrier_code=AA, known_at=2013-01-01 05:00:00`; none of a difference of the whole table.
        column: The column; `(table)` or `(row)` of what is on one side only, or more than once.
        reference: What the reference holds: a value, a type, `there` or `missing`.
        other: What the target holds.
    """

    target: str
    key: str | None
    column: str
    reference: str
    other: str


def connect(settings: Settings, sides: Sequence[Side]) -> duckdb.DuckDBPyConnection:
    """A DuckDB to compare in, that has the tables and knows the loads of some sides.

    Args:
        settings: For the memory limit and the threads.
        sides: What will be compared.
    """
    connection = connect_in_memory(settings, preserve_insertion_order=False)
    names = sorted({name for side in sides for name in side.loads.values()})
    codes = {name: CODES_FROM + timedelta(microseconds=number) for number, name in enumerate(names)}
    connection.execute(
        f"set variable {LOAD_NAMES} = map(?::timestamp[], ?::varchar[])", [list(codes.values()), list(codes)]
    )
    for side in sides:
        connection.execute(f"attach {quote_sql(str(side.copy))} as {_database(side)} (read_only)")
        connection.execute(
            f"set variable {_codes(side)} = map(?::timestamp[], ?::timestamp[])",
            [list(side.loads), [codes[name] for name in side.loads.values()]],
        )
    return connection


def count_rows(connection: duckdb.DuckDBPyConnection, name: str, side: Side) -> int:
    """How many rows a table of a side has."""
    ((rows,),) = connection.execute(f"select count(*) from {_table(name, side)}").fetchall()
    return int(rows)


def compare_rows(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    reference: Side,
    other: Side,
    key: Sequence[str],
    columns: Mapping[str, str],
) -> tuple[int, list[Difference]]:
    """Compare the rows of a table on two sides.

    Args:
        connection: Of `connect`, for both sides.
        name: The table; both sides have it.
        reference: One side.
        other: The other.
        key: Its key, of columns that have the same type on both sides.
        columns: The types of all columns that have the same type on both sides, by name.

    Returns:
        How many keys have rows that differ, and the first differences of the first of them.
    """
    for view, side in (("reference", reference), ("other", other)):
        connection.execute(f"create or replace temporary view {view} as {_comparable(name, side, columns)}")
    repeated, first = _repeated(connection, other.target, key, columns)
    # rows of a key that is there more than once cannot be paired
    differing = (
        f"from (from reference anti join repeated on {_same_key(key, 'reference', 'repeated')}) as reference"
        f" full join (from other anti join repeated on {_same_key(key, 'other', 'repeated')}) as other"
        f" on {_same_key(key, 'reference', 'other')} where "
        + " or ".join(f"reference.{name} is distinct from other.{name}" for name in map(quoted, (IS_THERE, *columns)))
    )
    ((count,),) = connection.execute(f"select count(*) {differing}").fetchall()
    if count and len(first) < FIRST_ROWS:
        found = _first(connection, differing, key, columns, FIRST_ROWS - len(first))
        first += [Difference(other.target, *values) for values in found]
    return repeated + count, first[:FIRST_DIFFERENCES]


def _comparable(name: str, side: Side, columns: Mapping[str, str]) -> str:
    """A select in which the instant of a load is the load's code."""
    chosen = [f"true as {quoted(IS_THERE)}"]
    for column, kind in columns.items():
        own = quoted(column)
        code = f"coalesce(getvariable({quote_sql(_codes(side))})[{own}], {own}) as "
        chosen.append(f"{code if kind == 'TIMESTAMP' else ''}{own}")
    return f"select {', '.join(chosen)} from {_table(name, side)}"


def _repeated(
    connection: duckdb.DuckDBPyConnection, target: str, key: Sequence[str], columns: Mapping[str, str]
) -> tuple[int, list[Difference]]:
    """Put the keys that a side has more than once into a table; give their number, and the first of them."""
    names = ", ".join(map(quoted, key))
    times = [f"count(*) filter (_side = {quote_sql(side)}) as _{side}_times" for side in ("reference", "other")]
    connection.execute(
        f"create or replace temporary table repeated as select {names}, {', '.join(times)}"
        f" from (select {names}, 'reference' as _side from reference union all"
        f" select {names}, 'other' from other) group by {names}"
        " having _reference_times > 1 or _other_times > 1"
    )
    ((count,),) = connection.execute("select count(*) from repeated").fetchall()
    text = _key_text({column: (quoted(column), columns[column]) for column in key})
    found = connection.execute(
        f"select {text}, _reference_times, _other_times from repeated order by {names} limit {FIRST_ROWS}"
    ).fetchall()
    return count, [Difference(target, row, ROW, f"{ours} times", f"{theirs} times") for row, ours, theirs in found]


def _first(
    connection: duckdb.DuckDBPyConnection, differing: str, key: Sequence[str], columns: Mapping[str, str], rows: int
) -> Iterator[tuple[str, str, str, str]]:
    """Key, column and both values of each difference of the first rows, by key."""
    either = {column: f"coalesce(reference.{quoted(column)}, other.{quoted(column)})" for column in key}
    text = _key_text({column: (value, columns[column]) for column, value in either.items()})
    compared = {IS_THERE: "BOOLEAN", **columns}
    sides = ("reference", "other")
    values = [_text(f"{side}.{quoted(name)}", kind) for side in sides for name, kind in compared.items()]
    found = connection.execute(
        f"select {text}, {', '.join(values)} {differing} order by {', '.join(either.values())} limit {rows}"
    ).fetchall()
    for row, *both in found:
        ours, theirs = both[: len(compared)], both[len(compared) :]
        if None in (ours[0], theirs[0]):
            yield row, ROW, THERE if ours[0] else MISSING, THERE if theirs[0] else MISSING
            continue
        for name, our, their in zip(compared, ours, theirs, strict=True):
            if our != their:
                yield row, name, "null" if our is None else our, "null" if their is None else their


def _same_key(key: Sequence[str], one: str, another: str) -> str:
    return " and ".join(f"{one}.{quoted(column)} is not distinct from {another}.{quoted(column)}" for column in key)


def _key_text(key: Mapping[str, tuple[str, str]]) -> str:
    """A key as text, from the SQL and the type of each of its columns."""
    return " || ', ' || ".join(
        f"{quote_sql(f'{column}=')} || coalesce({_text(value, kind)}, 'null')" for column, (value, kind) in key.items()
    )


def _text(value: str, kind: str) -> str:
    """A value as text, different for different values; of a load its name."""
    if kind in FLOATS:
        return f"cast(cast(cast({value} as bit) as double) as varchar)"
    text = f"cast({value} as varchar)"
    return f"coalesce(getvariable({quote_sql(LOAD_NAMES)})[{value}], {text})" if kind == "TIMESTAMP" else text


def _table(name: str, side: Side) -> str:
    return f"{_database(side)}.main.{quoted(name)}"


def _database(side: Side) -> str:
    return f"tables_of_{side.target}"


def _codes(side: Side) -> str:
    return f"load_codes_of_{side.target}"
