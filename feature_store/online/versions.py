"""In which version tables of features are, where they were built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engines.builds import MODEL_BUILDS, SCHEMA

if TYPE_CHECKING:
    import duckdb

# a build number's place in a version, below that of the newest loaded file
BUILD_BITS: Final = 20


def read_versions(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """In which version each table of features is: by the newest file that it holds, and by its build.

    The published copy tells none: what it holds gives way to all that is known at the same instant.

    Args:
        connection: Of `open_source`.
    """
    ((is_there,),) = connection.execute(
        "select count(*) from information_schema.tables where table_catalog = current_database()"
        " and table_schema = ? and table_name = ?",
        [SCHEMA, MODEL_BUILDS],
    ).fetchall()
    if not is_there:
        return {}
    found = connection.execute(
        f"select model_name, load_number, build_number from {SCHEMA}.{MODEL_BUILDS} order by build_number"
    ).fetchall()
    return {name: (load << BUILD_BITS) | (build % (1 << BUILD_BITS)) for name, load, build in found}
