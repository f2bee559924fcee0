"""One ingest, and one publish, at a time for each data folder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ontime.errors import InUseError

POLL_SECONDS = 0.2


@contextmanager
def exclusive_lock(path: Path, timeout_seconds: float, progress: Callable[[str], None], what: str) -> Iterator[None]:
    """Hold the lock while the context lasts; the system frees it when the process ends, however it ends.

    Args:
        path: The lock file; it holds the process id of its holder.
        timeout_seconds: How long to wait for another holder.
        progress: Is told whom it waits for.
        what: The work that the lock is for, in messages.

    Raises:
        InUseError: If the lock is still held after the wait.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + timeout_seconds
    told = False
    with path.open("a+") as stream:
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                other = f"another {what} ({_process(path)})"
                if time.monotonic() >= deadline:
                    raise InUseError(
                        f"{other} works on {path.parent}", remedy="wait for it to end and try again"
                    ) from None
                if not told:
                    progress(f"waiting for {other} to end")
                    told = True
                time.sleep(POLL_SECONDS)
        stream.seek(0)
        stream.truncate()
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield


def holder(path: Path) -> str | None:
    """The process that holds a lock, None if it is free."""
    if not path.exists():
        return None
    with path.open() as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _process(path)
    return None


def _process(path: Path) -> str:
    text = path.read_text().strip()
    return f"process {text}" if text else "a process that just started"
