"""What dbt built and consumers may read, in an open warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ontime.errors import OntimeError
from ontime.schemas import READ_SCHEMAS
from ontime.sql import quote_sql, quoted

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Relation:
    """A table or view.

    Attributes:
        schema: Its schema.
        name: Its name in it.
        comment: What it holds, if the engine keeps comments.
        column_comments: What its columns hold, by name.
    """

    schema: str
    name: str
    comment: str | None
    column_comments: dict[str, str]

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        """The relation in SQL that runs in its database."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"


def public_relations(connection: duckdb.DuckDBPyConnection) -> list[Relation]:
    """The tables and views of the public schemas in a connection's current database.

    Raises:
        OntimeError: If there is none.
    """
    found = found_relations(connection)
    if not found:
        raise OntimeError(f"the warehouse holds none of the schemas {', '.join(READ_SCHEMAS)}", remedy="run dbt build")
    return found


def found_relations(connection: duckdb.DuckDBPyConnection) -> list[Relation]:
    """The same, which may be none."""
    schemas = ", ".join(map(quote_sql, READ_SCHEMAS))
    found = connection.execute(
        "select schema_name, table_name, comment from duckdb_tables()"
        f" where database_name = current_database() and schema_name in ({schemas}) union all "
        "select schema_name, view_name, comment from duckdb_views()"
        f" where database_name = current_database() and schema_name in ({schemas}) order by 1, 2"
    ).fetchall()
    return [
        Relation(schema, name, comment, _column_comments(connection, schema, name)) for schema, name, comment in found
    ]


def _column_comments(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> dict[str, str]:
    return dict(
        connection.execute(
            "select column_name, comment from duckdb_columns() where database_name = current_database()"
            " and schema_name = ? and table_name = ? and comment is not null",
            [schema, name],
        ).fetchall()
    )
