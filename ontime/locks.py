"""One ingest, and one publish, at a time for each data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from ontime.errors import InUseError
from ontime.rights import refusal, user_name

POLL_SECONDS = 0.2


@contextmanager
def exclusive_lock(path: Path, timeout_seconds: float, progress: Callable[[str], None], what: str) -> Iterator[int]:
    """Hold the lock while the context lasts; the system frees it when the process ends, however it ends.

    Args:
        path: The lock file; it holds the process id of its holder.
        timeout_seconds: How long to wait for another holder.
        progress: Is told whom it waits for.
        what: The work that the lock is for, in messages.

    Yields:
        Its file descriptor: a program that inherits it holds the lock, too.

    Raises:
        InUseError: If the lock is still held after the wait.
        OntimeError: If the file is another user's, who is named.
    """
    with _opened(path, "a+") as stream:

        def other() -> str:
            return f"another {what} ({_process(path)})"

        def waiting() -> None:
            progress(f"waiting for {other()} to end")

        if not wait_until(lambda: _locked(stream), timeout_seconds, waiting):
            raise InUseError(f"{other()} works on {path.parent}", remedy="wait for it to end and try again")
        stream.seek(0)
        stream.truncate()
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield stream.fileno()


def wait_until(happened: Callable[[], bool], timeout_seconds: float, waiting: Callable[[], None]) -> bool:
    """Try something again and again, and tell whether it happened.

    Args:
        happened: Tries it, and tells whether it did.
        timeout_seconds: How long; it is tried once at least.
        waiting: Is called once, when it did not happen at once.
    """
    tries = Retrying(
        stop=stop_after_delay(timeout_seconds),
        wait=wait_fixed(POLL_SECONDS),
        retry=retry_if_result(lambda done: not done),
        before_sleep=lambda state: waiting() if state.attempt_number == 1 else None,
        retry_error_callback=lambda _state: False,
    )
    return tries(happened)


def holder(path: Path) -> str | None:
    """The process that holds a lock, None if it is free.

    Raises:
        OntimeError: If the file is another user's, who is named.
    """
    try:
        if not path.exists():
            return None
    except PermissionError:
        raise refusal(path) from None
    with _opened(path, "r") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _process(path)
    return None


def _opened(path: Path, mode: str) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open(mode)
    except PermissionError:
        raise refusal(path) from None


def _locked(stream: IO[str]) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _process(path: Path) -> str:
    text = path.read_text().strip()
    if not text:
        return "a process that just started"
    owner = path.stat().st_uid
    return f"process {text}" if owner == os.geteuid() else f"process {text} of {user_name(owner)}"
