"""The as-of join of keys and instants to tables of features."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from feature_store.registry.feature_tables import KNOWN_AT, Feature, FeatureTable, SelectedTable
from ontime.sql import quote_sql, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

POSITION: Final = "spine_position"
INSTANT: Final = "spine_instant"
SPINE: Final = "retrieval_spine"
MINUTE: Final = timedelta(minutes=1)


def join_features(connection: duckdb.DuckDBPyConnection, keys: pa.Table, selected: Sequence[SelectedTable]) -> pa.Table:
    """The features in force at each row of a spine, in the order of its rows.

    Args:
        connection: Has the tables of features in its current database; nothing else is open on it.
        keys: The spine: the columns of all keys, and `INSTANT`, UTC in microseconds.
        selected: What to find.

    Returns:
        One row per row of `keys`; the columns as `retrieved_columns` names them.
    """
    _write_spine(connection, keys)
    first, last = _bounds(connection)
    columns: dict[str, pa.ChunkedArray[Any]] = {}
    for each in selected:
        found = connection.execute(_join(each, first, last)).to_arrow_table()
        columns |= dict(zip(found.column_names, found.columns, strict=True))
    connection.execute(f"drop table {SPINE}")
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


def retrieved_columns(selected: SelectedTable) -> list[str]:
    """What a selected table's columns are called once they are retrieved."""
    return [name for name, _ in _columns(selected)]


def _write_spine(connection: duckdb.DuckDBPyConnection, keys: pa.Table) -> None:
    """As a table, and never joined in a loop: DuckDB would do so where it takes the spine for a handful of rows."""
    connection.execute("set asof_loop_join_threshold = 0")
    numbered = keys.append_column(POSITION, pa.array(range(len(keys)), pa.int64()))
    connection.register("retrieval_keys", numbered)
    connection.execute(f"create temp table {SPINE} as from retrieval_keys")
    connection.unregister("retrieval_keys")


def _bounds(connection: duckdb.DuckDBPyConnection) -> tuple[datetime | None, datetime | None]:
    ((first, last),) = connection.execute(
        f"select min({INSTANT}), max({INSTANT}) from {SPINE} where isfinite({INSTANT})"
    ).fetchall()
    return first, last


def _join(selected: SelectedTable, first: datetime | None, last: datetime | None) -> str:
    table = selected.table
    keys = ", ".join(map(quoted, table.key_names))
    features = ", ".join(quoted(feature.name) for feature in selected.features)
    conditions = [f"({keys}) in (select {keys} from {SPINE})", *_time_conditions(table, first, last)]
    equal = " and ".join(f"spine.{quoted(name)} = feature.{quoted(name)}" for name in table.key_names)
    columns = ", ".join(f"{expression} as {quoted(name)}" for name, expression in _columns(selected))
    return (
        f"select {columns} from (select {POSITION}, {INSTANT}, {keys} from {SPINE}) as spine"
        f" asof left join (select {keys}, {features}, {KNOWN_AT} from {table.relation}"
        f" where {' and '.join(conditions)}) as feature"
        f" on {equal} and spine.{INSTANT} >= feature.{KNOWN_AT} order by spine.{POSITION}"
    )


def _time_conditions(table: FeatureTable, first: datetime | None, last: datetime | None) -> Iterator[str]:
    """Leave out rows that can be in force at no instant of the spine; an infinite one finds nothing of an age."""
    if last is not None and table.maximum_age is not None:
        yield f"{KNOWN_AT} <= timestamp {quote_sql(str(last))}"
    if first is not None and table.maximum_age is not None and first - datetime.min > table.maximum_age:  # noqa: DTZ901
        yield f"{KNOWN_AT} >= timestamp {quote_sql(str(first - table.maximum_age))}"


def _columns(selected: SelectedTable) -> Iterator[tuple[str, str]]:
    """The retrieved columns with their SQL: each instant with its age beside it, `known_at` last."""
    table = selected.table
    for feature in selected.features:
        value = _fresh(table, f"feature.{quoted(feature.name)}")
        yield table.retrieved_name(feature.name), f"cast({value} as {feature.data_type})"
        if feature.age_name is not None:
            yield table.retrieved_name(feature.age_name), _fresh(table, _age_minutes(feature))
    yield table.known_at_column, _fresh(table, f"feature.{KNOWN_AT}")


def _fresh(table: FeatureTable, expression: str) -> str:
    if table.maximum_age is None:
        return expression
    minutes = table.maximum_age // MINUTE
    in_force = f"spine.{INSTANT} <= feature.{KNOWN_AT} + to_minutes({minutes})"
    return f"case when {in_force} then {expression} end"


def _age_minutes(feature: Feature) -> str:
    """Whole minutes, as the macro `age_minutes` counts them."""
    seconds = f"extract(epoch from spine.{INSTANT}) - extract(epoch from feature.{quoted(feature.name)})"
    return f"cast(floor(({seconds}) / 60) as integer)"
