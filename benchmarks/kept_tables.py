"""What commands make, kept in a DuckDB file of its own, to be compared."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
from fault_places import Place
from s3_fixture import S3

from engines.targets import engine
from ontime.sql import quoted

# of a load alone, of an invocation, or of the moment at which a history was taken
OF_THE_RUN: Final = r"^_dlt_.*|loaded_at|fetched_at|dbt_.*"
# all but what is told of runs
SCHEMAS: Final = (
    r"^(raw_(asos|bts|events|nycflights13|reference)|marts|reports|features|training|intermediate|snapshots)$"
)
BOOKKEEPING: Final = r"^_dlt_.*"
SIDES: Final = ("expected", "found")


def differing(expected: Path, found: Path) -> Iterator[tuple[str, int, int]]:
    """Of each table that differs in two files its name, the rows that are lost and those that are too many."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{found}' as found (read_only); attach '{expected}' as expected (read_only)")
        names = {side: set(_tables(connection, side)) for side in SIDES}
        for name in sorted(set().union(*names.values())):
            lost, doubled = (_rows_beside(connection, names, name, *sides) for sides in (SIDES, SIDES[::-1]))
            if lost or doubled:
                yield name, lost, doubled


def keep_raw(place: Place, file: Path) -> None:
    """The raw tables."""
    settings = place.settings
    with engine(settings).open_raw(settings, _hush, read_only=True) as connection:
        _keep_tables(connection, _current(connection), file)


def keep_warehouse(place: Place, file: Path) -> None:
    """The tables that dbt built."""
    settings = place.settings
    with engine(settings).open_warehouse(settings, _hush) as connection:
        _keep_tables(connection, _current(connection), file)


def keep_published(place: Place, file: Path) -> None:
    """The tables of the published file."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{place.settings.published_database}' as published (read_only)")
        _keep_tables(connection, "published", file)


def keep_set(place: Place, file: Path) -> None:
    """The parts of the training sets."""
    with duckdb.connect(str(file)) as connection:
        for part in sorted((place.settings.data_dir / "training_sets").glob("*/*.parquet")):
            connection.execute(f"create table {quoted(part.stem)} as from '{part}'")


def keep_iceberg(s3: S3, _place: Place, file: Path) -> None:
    """The tables of the catalog."""
    with duckdb.connect() as connection:
        s3.attach(connection, "ice")
        connection.execute(f"attach '{file}' as kept")
        for schema, table in connection.execute(
            "select schema, name from (show all tables) where database = 'ice'"
        ).fetchall():
            source = f"ice.{quoted(schema)}.{quoted(table)}"
            connection.execute(f"create table kept.{quoted(f'{schema}.{table}')} as from {source}")


def _keep_tables(connection: duckdb.DuckDBPyConnection, database: str, file: Path) -> None:
    """Copy the tables of a database that commands make, less what tells of the load alone."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ?"
        " and regexp_matches(schema_name, ?) and not regexp_matches(table_name, ?)",
        [database, SCHEMAS, BOOKKEEPING],
    ).fetchall()
    columns = f"columns(c -> not regexp_full_match(c, '{OF_THE_RUN}'))"
    with duckdb.connect(str(file)) as kept:
        for schema, table in tables:
            source = f"{quoted(database)}.{quoted(schema)}.{quoted(table)}"
            kept.register("rows", connection.sql(f"select {columns} from {source}").to_arrow_table())
            kept.execute(f"create table {quoted(f'{schema}.{table}')} as from rows")


def _rows_beside(
    connection: duckdb.DuckDBPyConnection, names: dict[str, set[str]], name: str, side: str, other: str
) -> int:
    """Rows of a table on one side that the other lacks."""
    if name not in names[side]:
        return 0
    less = f" except all from {other}.{quoted(name)}" if name in names[other] else ""
    return len(connection.sql(f"from {side}.{quoted(name)}{less}"))


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    query = "select table_name from duckdb_tables() where database_name = ?"
    return [name for (name,) in connection.execute(query, [database]).fetchall()]


def _hush(_line: str) -> None:
    pass


def _current(connection: duckdb.DuckDBPyConnection) -> str:
    return str(connection.execute("select current_database()").fetchall()[0][0])
