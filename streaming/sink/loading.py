"""Loading what the sink has landed, by the ordinary `ontime ingest events` in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from ontime.console import report


class Loading:
    """Starts a load now and then; the sink goes on meanwhile.

    Attributes:
        every_seconds: How often; None if only at the end.
    """

    def __init__(self, every_seconds: float | None) -> None:
        self.every_seconds = every_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = time.monotonic()
        self._has_news = False

    def note_landed(self) -> None:
        """There is something to load."""
        self._has_news = True

    def start_if_due(self) -> None:
        """Load, if it is time to, there is something to load, and no load runs."""
        due = self.every_seconds is not None and time.monotonic() - self._started_at >= self.every_seconds
        if due and self._has_news and (self._process is None or self._process.poll() is not None):
            self._start()

    def finish(self) -> bool:
        """Load what is left and wait; whether that went well."""
        if self._process is not None:
            self._process.wait()
        self._start()
        return self._process is not None and self._process.wait() == 0

    def _start(self) -> None:
        self._has_news, self._started_at = False, time.monotonic()
        if self._process is not None and self._process.returncode:
            report("the last load failed; what was landed stays, and is loaded now")
        command = [str(Path(sys.executable).parent / "ontime"), "ingest", "events"]
        # a signal to the sink's terminal is not meant for it: the sink waits for it
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
