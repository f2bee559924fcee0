"""Where features are read from to fill or to check the online store: what a target built, or the published copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from engines.builds import MODEL_BUILDS, SCHEMA
from engines.duckdb_file import open_duckdb
from engines.targets import open_warehouse
from ontime.errors import NotYetError
from ontime.setting_types import TARGETS

if TYPE_CHECKING:
    import duckdb

    from ontime.settings import Settings

PUBLISHED: Final = "published"
SOURCES: Final = (*TARGETS, PUBLISHED)
# a build number's place in a version, below that of the newest loaded file
BUILD_BITS: Final = 20


@contextmanager
def open_source(
    settings: Settings, source: str | None, tell: Callable[[str], None]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open tables of features, all in one state whoever builds meanwhile.

    Args:
        settings: For the target.
        source: One of `SOURCES`; none for the target of the settings.
        tell: Is told of a wait.

    Raises:
        OntimeError: They cannot be reached, or are not there.
    """
    if source == PUBLISHED:
        path = settings.published_database
        if not path.exists():
            raise NotYetError(f"{path} does not exist", remedy="make it with ontime publish")
        with closing(open_duckdb(path, settings, tell, read_only=True)) as connection:
            connection.execute("begin")
            yield connection
        return
    with open_warehouse(settings.model_copy(update={"target": source or settings.target}), tell) as connection:
        connection.execute("begin")
        yield connection


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
