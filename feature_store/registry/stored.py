"""The catalogue as tables beside the features, for those who have a copy of them and no project."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from feature_store.registry.catalogue import Catalogue, Feature, FeatureTable, Key
from ontime.errors import OntimeError
from ontime.sql import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

SCHEMA: Final = "governance"
TABLES: Final = "feature_tables"
COLUMNS: Final = "feature_columns"
MINUTE: Final = timedelta(minutes=1)
FEATURE: Final = tuple(field.name for field in fields(Feature))
COMMENTS: Final = {
    TABLES: "One row per table of features: its entity, its maximum age and whom to ask.",
    COLUMNS: "One row per key and feature of the tables of features: its type, unit and window.",
}
TEXT: Final[pa.DataType] = pa.string()
TABLES_SCHEMA: Final = pa.schema(
    {
        "name": TEXT,
        "schema_name": TEXT,
        "entity_name": TEXT,
        "maximum_age_minutes": pa.int64(),
        "owner": TEXT,
        "description": TEXT,
        "version": TEXT,
    }
)
COLUMNS_SCHEMA: Final = pa.schema(
    {"table_name": TEXT, "position": pa.int64(), "is_key": pa.bool_()}
    | dict.fromkeys(FEATURE, TEXT)
    | {"nullable": pa.bool_()}
)


def tabulate(catalogue: Catalogue) -> dict[str, pa.Table]:
    """The catalogue as two tables by name: of the tables of features, and of their columns, keys first."""
    return {
        TABLES: pa.Table.from_pylist([_table_row(table) for table in catalogue.tables], TABLES_SCHEMA),
        COLUMNS: pa.Table.from_pylist(
            [row for table in catalogue.tables for row in _column_rows(table)], COLUMNS_SCHEMA
        ),
    }


def write_catalogue(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, database: str) -> None:
    """Write the catalogue's tables.

    Args:
        connection: Has the database attached for writing.
        catalogue: What to write.
        database: The database's name.
    """
    connection.execute(f"create schema if not exists {quoted(database)}.{SCHEMA}")
    for name, rows in tabulate(catalogue).items():
        connection.register("rows_of_catalogue", rows)
        connection.execute(f"create table {quoted(database)}.{SCHEMA}.{name} as from rows_of_catalogue")
        connection.unregister("rows_of_catalogue")


def read_catalogue(connection: duckdb.DuckDBPyConnection, path: Path) -> Catalogue:
    """The catalogue that a copy carries.

    Args:
        connection: Has the copy in its current database.
        path: The copy, for messages.

    Raises:
        OntimeError: It carries none.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    try:
        tables = connection.execute(f"from {SCHEMA}.{TABLES} order by name").to_arrow_table().to_pylist()
        columns = (
            connection.execute(f"from {SCHEMA}.{COLUMNS} order by table_name, position").to_arrow_table().to_pylist()
        )
    except duckdb.CatalogException:
        raise OntimeError(f"{path} tells no maximum ages", remedy="publish it again with ontime publish") from None
    return Catalogue(
        tuple(_read_table(row, [each for each in columns if each["table_name"] == row["name"]]) for row in tables)
    )


def _table_row(table: FeatureTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "schema_name": table.schema,
        "entity_name": table.entity_name,
        "maximum_age_minutes": None if table.maximum_age is None else table.maximum_age // MINUTE,
        "owner": table.owner,
        "description": table.description,
        "version": table.version,
    }


def _column_rows(table: FeatureTable) -> Iterator[dict[str, Any]]:
    keys = [{"is_key": True, **dict.fromkeys(FEATURE), **asdict(key)} for key in table.keys]
    features = [{"is_key": False, **asdict(feature)} for feature in table.features]
    for position, column in enumerate([*keys, *features], 1):
        yield {"table_name": table.name, "position": position, **column}


def _read_table(row: dict[str, Any], columns: list[dict[str, Any]]) -> FeatureTable:
    minutes = row["maximum_age_minutes"]
    return FeatureTable(
        name=row["name"],
        schema=row["schema_name"],
        entity_name=row["entity_name"],
        keys=tuple(Key(each["name"], each["data_type"]) for each in columns if each["is_key"]),
        features=tuple(Feature(**{name: each[name] for name in FEATURE}) for each in columns if not each["is_key"]),
        maximum_age=None if minutes is None else minutes * MINUTE,
        owner=row["owner"],
        description=row["description"],
        tags=(),
        version=row["version"],
    )
