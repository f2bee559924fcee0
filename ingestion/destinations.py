"""The one place that knows the engines: target to dlt destination, and the connection for bookkeeping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ingestion.duckdb_file import open_duckdb
from ingestion.settings import Settings
from ingestion.source import IngestError

if TYPE_CHECKING:
    import duckdb
    from dlt.common.destination import Destination

LOADER_FILE_FORMAT: Final = "parquet"
TARGETS = ("dev",)


def destination(settings: Settings, connection: duckdb.DuckDBPyConnection) -> Destination[Any, Any]:
    """The dlt destination of the target.

    The loader's file format is a capability of the destination: dlt ignores it in `config.toml`, and without
    it loads rows as SQL text, a hundred times slower.

    Args:
        settings: For the target.
        connection: The open raw database (see `open_raw`): nobody can lock it between two steps of a load.

    Raises:
        IngestError: If the target is unknown.
    """
    _verify_target(settings)
    import dlt  # noqa: PLC0415 - takes a second, and a run that finds nothing new does not need it

    return dlt.destinations.duckdb(connection, preferred_loader_file_format=LOADER_FILE_FORMAT)


@contextmanager
def open_raw(
    settings: Settings, progress: Callable[[str], None], *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the raw database of the target, waiting while another process has it.

    Args:
        settings: For the target, the limits and the longest wait.
        progress: Is told of the wait.
        read_only: Open it beside other readers; the file must exist.

    Raises:
        IngestError: If the target is unknown, or the database in use for too long.
    """
    _verify_target(settings)
    settings.raw_database.parent.mkdir(parents=True, exist_ok=True)
    connection = open_duckdb(settings.raw_database, settings, progress, read_only=read_only)
    try:
        yield connection
    finally:
        connection.close()


def _verify_target(settings: Settings) -> None:
    if settings.target not in TARGETS:
        raise IngestError(f"setting ONTIME_TARGET: {settings.target!r} is not one of {', '.join(TARGETS)}")
