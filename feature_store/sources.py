"""Where features are read from: what a target built, or the published copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from engines.duckdb_file import open_duckdb
from engines.targets import open_warehouse
from ontime.errors import NotYetError, OntimeError
from ontime.near_names import choose_from
from ontime.setting_types import TARGETS

if TYPE_CHECKING:
    import duckdb

    from ontime.settings import Settings

PUBLISHED: Final = "published"
ICEBERG: Final = "iceberg"
SOURCES: Final = (*TARGETS, PUBLISHED)


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
        OntimeError: There is no such source, or it cannot be reached, or holds none.
    """
    if source == ICEBERG:
        raise OntimeError(
            "features are not retrieved from Iceberg tables, whose maximum ages governance.feature_tables tells",
            remedy=f"retrieve them from {', '.join(SOURCES)}",
        )
    if source is not None and source not in SOURCES:
        raise OntimeError(f"there is no source of features {source!r}", remedy=choose_from(source, SOURCES))
    if source == PUBLISHED:
        path = settings.published_database
        if not path.exists():
            raise NotYetError(f"{path} does not exist", remedy="make it with ontime publish")
        with open_duckdb(path, settings, tell, read_only=True) as connection:
            connection.execute("begin")
            yield connection
        return
    with open_warehouse(settings.model_copy(update={"target": source or settings.target}), tell) as connection:
        connection.execute("begin")
        yield connection
