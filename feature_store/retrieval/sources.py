"""Where features are retrieved from: the target's warehouse or the published copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engines.duckdb_file import open_duckdb
from engines.targets import open_warehouse
from feature_store.registry.catalogue import Catalogue, load_catalogue
from feature_store.registry.stored import read_catalogue
from ontime.errors import NotYetError

if TYPE_CHECKING:
    import duckdb

    from ontime.settings import Settings


@contextmanager
def open_features(
    settings: Settings, *, from_published: bool, tell: Callable[[str], None]
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Catalogue]]:
    """Open the tables of features, all in one state whoever builds meanwhile, with the catalogue of them.

    Args:
        settings: For the target.
        from_published: The published copy, whose catalogue stands in it.
        tell: Is told of a wait.

    Raises:
        OntimeError: They cannot be reached, or are not there.
    """
    if not from_published:
        catalogue = load_catalogue()
        with open_warehouse(settings, tell) as connection:
            connection.execute("begin")
            yield connection, catalogue
        return
    path = settings.published_database
    if not path.exists():
        raise NotYetError(f"{path} does not exist", remedy="make it with ontime publish")
    with open_duckdb(path, settings, tell, read_only=True) as connection:
        connection.execute("begin")
        yield connection, read_catalogue(connection, path)
