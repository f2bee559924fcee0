"""The one place that knows which engine a target is; what an engine is stands in its folder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import duckdb
    from dlt.common.destination import Destination

    from engines.engine import Engine
    from ontime.settings import Settings

ENGINES: Final = {
    "dev": "engines.dev.destination:DevEngine",
    "postgres": "engines.postgres.destination:PostgresEngine",
    "lake": "engines.lake.destination:LakeEngine",
    "spark": "engines.spark.destination:SparkEngine",
}


def engine(settings: Settings) -> Engine:
    """The engine of the target; its module is imported when it is asked for."""
    module, _, name = ENGINES[settings.target].partition(":")
    found: Engine = getattr(import_module(module), name)()
    return found


def destination(settings: Settings, connection: duckdb.DuckDBPyConnection) -> Destination[Any, Any]:
    """The dlt destination of the target.

    Args:
        settings: For the target.
        connection: The open raw database (see `open_raw`).
    """
    return engine(settings).destination(settings, connection)


def open_raw(
    settings: Settings, progress: Callable[[str], None], *, read_only: bool = False
) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Open the raw schemas of the target, waiting while another process writes them.

    Args:
        settings: For the target, the limits and the longest wait.
        progress: Is told of the wait.
        read_only: Open them beside other readers; they must exist.

    Raises:
        OntimeError: If the raw schemas cannot be reached or are in use for too long.
    """
    return engine(settings).open_raw(settings, progress, read_only=read_only)


def open_warehouse(
    settings: Settings, progress: Callable[[str], None]
) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Open what dbt built on the target, read-only.

    Args:
        settings: For the target, the limits and the longest wait.
        progress: Is told of a wait.

    Raises:
        OntimeError: If the target cannot be reached, or nothing was built.
    """
    return engine(settings).open_warehouse(settings, progress)
