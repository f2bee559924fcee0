"""One ingest at a time for each data folder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.source import IngestError

POLL_SECONDS = 0.2


@contextmanager
def ingest_lock(path: Path, timeout_seconds: float, progress: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock while the context lasts; the system frees it when the process ends, however it ends.

    Args:
        path: The lock file; it holds the process id of its holder.
        timeout_seconds: How long to wait for another holder.
        progress: Is told whom it waits for.

    Raises:
        IngestError: If the lock is still held after the wait.
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
                holder = _holder(path)
                if time.monotonic() >= deadline:
                    raise IngestError(
                        f"another ingest ({holder}) works on {path.parent}: wait for its end and try again"
                    ) from None
                if not told:
                    progress(f"waiting for another ingest ({holder}) to end")
                    told = True
                time.sleep(POLL_SECONDS)
        stream.seek(0)
        stream.truncate()
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield


def _holder(path: Path) -> str:
    text = path.read_text().strip()
    return f"process {text}" if text else "a process that just started"
