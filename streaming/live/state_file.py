"""The file of the stream's state: what stands in it beside the views, and how it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engines.duckdb_file import open_duckdb
from engines.stream.raw_tables import DATABASE, attach_raw
from streaming.live.facts import FACT_TABLES
from streaming.live.feature_tables import read_columns, read_feature_tables
from streaming.live.landed_records import create_record_tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

    from ontime.settings import Settings
    from streaming.live.feature_tables import FeatureTable
    from streaming.live.views import FeatureModel

SOURCE: Final = "events"
CLOCK: Final = """
    create table live.clock (
        generation uuid, batch_number bigint, computed_until timestamp, history_from timestamp
    )
"""


def make_state(path: Path, settings: Settings, models: list[FeatureModel], made_of: str, excluded: str) -> None:
    """Add to a file of views the tables of the state, empty.

    Args:
        path: The file.
        settings: For the target whose raw tables the views read.
        models: What `build_views` returned.
        made_of: What the file is made of, to be known again by.
        excluded: The list of excluded aircraft that it is made with, to be known again by.

    Raises:
        OntimeError: If raw cannot be reached.
    """
    with open_state(path, settings, lambda _line: None, attach=False) as connection:
        attach_raw(connection, settings, lambda _line: None)
        connection.execute("create schema live")
        connection.execute(
            "create table live.raw_tables as select sql from duckdb_tables() where database_name = 'raw'"
        )
        connection.execute("create table live.feature_tables (name varchar, entity varchar[], facts varchar)")
        connection.executemany("insert into live.feature_tables values (?, ?, ?)", [list(model) for model in models])
        connection.execute("create table live.made_of as select ? as hash, ? as excluded_aircraft", [made_of, excluded])
        connection.execute(CLOCK)
        connection.execute("insert into live.clock values (uuid(), 0, '-infinity', '-infinity')")
        for facts in FACT_TABLES:
            connection.execute(f"create table {facts.stored} as from {facts.view} limit 0")
        create_record_tables(connection)
        for table in read_feature_tables(connection):
            columns = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
            keys = ", ".join(f"{name} {table.columns[name]}" for name in table.entity)
            connection.execute(f"create table {table.stored} ({columns}, batch_number bigint)")
            connection.execute(f"create table {table.replaced} ({keys}, known_at timestamp, batch_number bigint)")
        _see_one_load(connection)


def open_state(
    path: Path, settings: Settings, progress: Callable[[str], None], *, attach: bool = True
) -> duckdb.DuckDBPyConnection:
    """Open the file, with the relations that a micro-batch fills.

    Args:
        path: The file.
        settings: For the limits and the longest wait.
        progress: Is told of a wait.
        attach: Make those relations; they are known once the state is made.
    """
    # most of a micro-batch is to plan small queries: a second thread makes it no faster, and takes the other's time
    config = {"memory_limit": settings.stream_memory_limit, "threads": 1}
    connection = open_duckdb(path, settings, progress, config=config)
    connection.execute("set preserve_insertion_order = false")
    if attach:
        _create_batch_relations(connection, read_feature_tables(connection))
    return connection


def _create_batch_relations(connection: duckdb.DuckDBPyConnection, tables: list[FeatureTable]) -> None:
    connection.execute(f"attach ':memory:' as {DATABASE}")
    connection.execute(f"use {DATABASE}")
    for (statement,) in connection.execute("select sql from stream.live.raw_tables").fetchall():
        schema = statement.split("(")[0].split()[-1].split(".")[0]
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(statement)
    connection.execute("use stream")
    for facts in FACT_TABLES:
        connection.execute(f"create temp table {facts.due} as from {facts.stored} limit 0")
        connection.execute(f"create temp table {facts.incoming} as from {facts.stored} limit 0")
        connection.execute(
            f"create temp table {facts.changed} as select *, known_at as changed_at, false as comes"
            f" from {facts.stored} limit 0"
        )
        connection.execute(f"create temp table {facts.touched} as select {facts.subject} from {facts.stored} limit 0")
    for table in tables:
        if table.sums:
            columns = ", ".join((*table.entity, "known_at", *table.sums))
            connection.execute(f"create temp table {table.carried} as select {columns} from {table.stored} limit 0")


def _see_one_load(connection: duckdb.DuckDBPyConnection) -> None:
    """What builds choose of loaded files is here one file that is always there."""
    columns = read_columns(connection, "governance", "visible_files")
    connection.execute("drop view governance.visible_files")
    connection.execute(
        f"create table governance.visible_files ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
    )
    connection.execute(
        "insert into governance.visible_files by name select ? as source_name, 'stream' as load_id, 'stream' as file,"
        " 1 as load_number, timestamp 'epoch' as loaded_at",
        [SOURCE],
    )


def read_made_of(connection: duckdb.DuckDBPyConnection) -> str:
    """What the file is made of; another text where it is no such file."""
    found = connection.execute("select 1 from duckdb_tables() where schema_name = 'live' and table_name = 'made_of'")
    if not found.fetchall():
        return ""
    ((made_of,),) = connection.execute("select hash from live.made_of").fetchall()
    return str(made_of)
