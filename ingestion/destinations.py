"""The one place that knows the engines: target to dlt destination, and the connection for bookkeeping."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_exponential

from ingestion.settings import Settings
from ingestion.source import IngestError

if TYPE_CHECKING:
    import duckdb
    from dlt.common.destination import Destination

LOADER_FILE_FORMAT: Final = "parquet"
TARGETS = ("dev",)
LONGEST_WAIT_SECONDS = 5.0


def destination(settings: Settings, connection: duckdb.DuckDBPyConnection) -> Destination[Any, Any]:
    """The dlt destination of the target.

    The loader's file format is given here because dlt ignores it in `config.toml`; without it rows would be
    loaded as SQL text, a hundred times slower.

    Args:
        settings: For the target.
        connection: The open raw database (see `open_raw`): nobody can lock it between two steps of a load.

    Raises:
        IngestError: If the target is unknown.
    """
    _verify_target(settings)
    import dlt  # noqa: PLC0415 - takes a second, and a run that finds nothing new does not need it

    return dlt.destinations.duckdb(connection, loader_file_format=LOADER_FILE_FORMAT)


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
        IngestError: If it is still in use after `settings.lock_timeout_seconds`, or is no database.
    """
    _verify_target(settings)
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    path = settings.raw_database
    path.parent.mkdir(parents=True, exist_ok=True)
    told = False

    def tell(state: RetryCallState) -> None:
        nonlocal told
        if not told and state.outcome:
            progress(f"waiting: {_in_use(path.as_posix(), state.outcome.exception())}")
            told = True

    tries = Retrying(
        stop=stop_after_delay(settings.lock_timeout_seconds),
        wait=wait_exponential(multiplier=0.1, max=LONGEST_WAIT_SECONDS),
        retry=retry_if_exception(_is_lock_conflict),
        before_sleep=tell,
        reraise=True,
    )
    try:
        connection = tries(
            duckdb.connect,
            str(path),
            read_only=read_only,
            config={"memory_limit": settings.memory_limit, "threads": settings.threads},
        )
    except duckdb.IOException as error:
        if _is_lock_conflict(error):
            raise IngestError(
                f"{_in_use(path.as_posix(), error)}: wait for it to end and try again"
            ) from None
        raise IngestError(f"{path}: {_first_line(error)}") from None
    try:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def _verify_target(settings: Settings) -> None:
    if settings.target not in TARGETS:
        raise IngestError(f"setting ONTIME_TARGET: {settings.target!r} is not one of {', '.join(TARGETS)}")


def _is_lock_conflict(error: BaseException) -> bool:
    return "Could not set lock on file" in str(error)


def _in_use(path: str, error: BaseException | None) -> str:
    match = re.search(r"\(PID (\d+)\)", str(error))
    return f"{path} is in use by {f'process {match[1]}' if match else 'another process'}"


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0]
