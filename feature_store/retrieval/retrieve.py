"""`retrieve`: the features in force at the instants of one's own rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from feature_store.registry.catalogue import SelectedTable, load_catalogue
from feature_store.registry.stored import read_catalogue
from feature_store.retrieval.instants import is_instant, read_instants
from feature_store.retrieval.joining import INSTANT, join_features, retrieved_columns
from feature_store.retrieval.spines import Rows, read_rows
from feature_store.sources import PUBLISHED, open_source
from ontime.errors import OntimeError
from ontime.settings import Settings

if TYPE_CHECKING:
    import duckdb

    from feature_store.retrieval.spines import Spine


def retrieve(
    spine: Spine,
    features: str | Sequence[str] | None = None,
    *,
    at: str | None = None,
    source: str | None = None,
    settings: Settings | None = None,
    tell: Callable[[str], None] = lambda _line: None,
) -> Spine:
    """The rows of a spine, each with the features in force at its instant: the newest known by then.

    Every row comes back once, in its place. A feature is null where none was known, where the newest is over the
    maximum age of its table, and where a key or the instant is null. The columns of features are called
    `<entity>__<feature>`; instants among them have `<entity>__<…_age_minutes>` beside them, in whole minutes.
    `<entity>__known_at` tells (UTC without zone) from when on the features of the entity hold.

    Args:
        spine: A frame of pandas, a table of Arrow or a relation of DuckDB, with the keys of all tables that are asked
            for under their own names.
        features: As `origin_departures:departures_3h,carrier_departures`, or a sequence of such texts; by default all.
        at: The column of the instants: timestamps or texts, with a zone or without, which means UTC. By default the
            spine's only column of timestamps.
        source: `dev`, `postgres`, `lake` or `spark`, by default the target of the settings; or `published`, the copy
            that needs neither the warehouse nor the project.
        settings: For the target; by default those of the environment.
        tell: Is told of a wait.

    Returns:
        What the spine is. In pandas integers are of its nullable types, and decimals floats.

    Raises:
        OntimeError: A feature, key or column is not there or of another type, a text is no instant, the features were
            not built, or they cannot be reached.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    rows = read_rows(spine)
    settings = settings or Settings.load()
    of_project = None if source == PUBLISHED else load_catalogue()
    with open_source(settings, source, tell) as connection:
        catalogue = of_project or read_catalogue(connection, settings.published_database)
        selected = catalogue.parse_selection(features)
        _verify_new(rows, selected)
        keys = _read_keys(connection, rows, selected, at or _only_instant(rows))
        try:
            found = join_features(connection, keys, selected)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            said = str(error).strip().splitlines()[0]
            raise OntimeError(f"what is built is not what the project says ({said})", remedy="run dbt build") from None
    with_features: Spine = rows.with_features(found)
    return with_features


def _read_keys(
    connection: duckdb.DuckDBPyConnection, rows: Rows, selected: Sequence[SelectedTable], at: str
) -> pa.Table:
    """The instants and keys of the rows, checked."""
    if at not in rows.names:
        raise OntimeError(f"the spine has no column {at}", remedy=f"its columns are {', '.join(rows.names)}")
    columns = {INSTANT: read_instants(connection, at, rows.column(at))}
    for table in (each.table for each in selected):
        for key in table.keys:
            if key.name not in rows.names:
                raise OntimeError(
                    f"the spine has no column {key.name}, a key of {table.short_name}",
                    remedy=f"its columns are {', '.join(rows.names)}",
                )
            columns.setdefault(key.name, _read_key(key.name, rows.column(key.name)))
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


def _read_key(name: str, column: pa.ChunkedArray[Any]) -> pa.ChunkedArray[Any]:
    data_type = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    if not any(is_text(data_type) for is_text in texts):
        raise OntimeError(f"holds {data_type}, and the key is text", where=f"column {name}")
    return column.cast(pa.string())


def _only_instant(rows: Rows) -> str:
    found = [name for name in rows.names if is_instant(rows.column(name).type)]
    if len(found) != 1:
        raise OntimeError(
            f"the spine has {len(found)} columns of instants{': ' if found else ''}{', '.join(found)}",
            remedy="name one of its columns as `at`",
        )
    return found[0]


def _verify_new(rows: Rows, selected: Sequence[SelectedTable]) -> None:
    taken = {name.lower() for name in rows.names}
    for name in (name for each in selected for name in retrieved_columns(each)):
        if name.lower() in taken:
            raise OntimeError(f"the spine has a column {name}, as a feature is called", remedy="give it another name")
