"""Opening a DuckDB file that another process may have open."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_exponential

from ingestion.settings import Settings
from ingestion.source import IngestError

if TYPE_CHECKING:
    import duckdb

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 2.0


def open_duckdb(
    path: Path, settings: Settings, progress: Callable[[str], None], *, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, waiting while another process has it: one may write, or many may read.

    Args:
        path: The file; it is made if it is missing, unless `read_only`.
        settings: For the memory limit, the threads and the longest wait.
        progress: Is told of the wait.
        read_only: Open it beside other readers.

    Raises:
        IngestError: If it is still in use after `settings.lock_timeout_seconds`, or is no database.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    told = False

    def tell(state: RetryCallState) -> None:
        nonlocal told
        if not told and state.outcome:
            progress(f"waiting: {_in_use(path, state.outcome.exception())}")
            told = True

    tries = Retrying(
        stop=stop_after_delay(settings.lock_timeout_seconds),
        wait=wait_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
        retry=retry_if_exception(_is_lock_conflict),
        before_sleep=tell,
        reraise=True,
    )
    config = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    try:
        connection = tries(duckdb.connect, str(path), read_only=read_only, config=config)
    except duckdb.Error as error:
        if _is_lock_conflict(error):
            raise IngestError(f"{_in_use(path, error)}: wait for it to end and try again") from None
        raise IngestError(f"{path}: {str(error).strip().splitlines()[0]}") from None
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _is_lock_conflict(error: BaseException) -> bool:
    return "Could not set lock on file" in str(error)


def _in_use(path: Path, error: BaseException | None) -> str:
    match = re.search(r"\(PID (\d+)\)", str(error))
    return f"{path} is in use by {f'process {match[1]}' if match else 'another process'}"
