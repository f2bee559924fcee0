"""Opening a DuckDB file that another process may have open."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_exponential

from ontime.disk_faults import disk_fault
from ontime.errors import InUseError, OntimeError
from ontime.scratch import spill_folder
from ontime.settings import Settings
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 2.0
# Every DuckDB since 1.4 reads it; text takes a third less time to append than in the format of 1.0, the default.
STORAGE_VERSION = "v1.4.0"
SIGNS_OF_DAMAGE = ("not a valid DuckDB", "Corrupt database", "Could not read enough bytes")


def open_duckdb(
    path: Path,
    settings: Settings,
    progress: Callable[[str], None],
    *,
    read_only: bool = False,
    config: dict[str, Any] | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, waiting while another process has it: one may write, or many may read.

    Args:
        path: The file; it is made if it is missing, unless `read_only`.
        settings: For the memory limit, the threads and the longest wait.
        progress: Is told of the wait.
        read_only: Open it beside other readers.
        config: DuckDB's settings, in the place of the project's: those that others of this process have it open with.

    Raises:
        InUseError: If another still has it after `settings.lock_timeout_seconds`.
        OntimeError: If it is no database, is damaged, or a newer DuckDB wrote it.
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
    if config is None:
        config = {
            "memory_limit": settings.memory_limit,
            "threads": settings.threads,
            "storage_compatibility_version": STORAGE_VERSION,
        }
    try:
        connection = tries(duckdb.connect, str(path), read_only=read_only, config=config)
    except duckdb.Error as error:
        if _is_lock_conflict(error):
            raise InUseError(_in_use(path, error), remedy="wait for it to end and try again") from None
        raise _refusal(path, error) from None
    connection.execute("set TimeZone = 'UTC'")
    if config is None:
        connection.execute(f"set temp_directory = {quote_sql(spill_folder())}")
    return connection


def _is_lock_conflict(error: BaseException) -> bool:
    return "Could not set lock on file" in str(error)


def _refusal(path: Path, error: duckdb.Error) -> OntimeError:
    reason = str(error).strip().splitlines()[0]
    if newer := re.search(r"file with version number (\d+)", reason):
        return OntimeError(
            f"{path} is of storage version {newer[1]}, which the installed DuckDB does not read",
            remedy="use the release of this project that wrote it, or a newer one",
        )
    if any(sign in reason for sign in SIGNS_OF_DAMAGE):
        return OntimeError(
            f"{path} is damaged ({reason})", remedy="restore it as docs/runbook.md says under A database is lost"
        )
    if full := disk_fault(error):
        return OntimeError(full)
    todo = "see that you may read and write it" if reason.startswith("IO Error") else "correct the setting"
    return OntimeError(f"{path} cannot be opened ({reason})", remedy=todo)


def _in_use(path: Path, error: BaseException | None) -> str:
    match = re.search(r"\(PID (\d+)\)", str(error))
    return f"{path} is in use by {f'process {match[1]}' if match else 'another process'}"
