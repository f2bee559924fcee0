"""A program that goes on running when the command that started it has ended."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ontime.errors import OntimeError
from ontime.locks import holder, wait_until

START_SECONDS: Final = 60
STOP_SECONDS: Final = 20


@dataclass(frozen=True)
class Daemon:
    """A program with a folder, where its log stands and the lock that it holds for as long as it lives.

    The lock tells whether it runs: a process id alone may by now be another's.
    """

    name: str
    folder: Path

    @property
    def log(self) -> Path:
        """What the program says."""
        return self.folder / f"{self.name}.log"

    def process_id(self) -> int | None:
        """The process, None while it does not run."""
        text = self._lock.read_text().strip() if holder(self._lock) else ""
        return int(text) if text else None

    def start(self, command: list[str], variables: Mapping[str, str], answers: Callable[[], bool]) -> int:
        """Start the program and wait until it answers; its process id.

        Args:
            command: The program and its arguments.
            variables: Of its environment, beside those of this process.
            answers: Tells whether it does what it is for.

        Raises:
            OntimeError: If it ends at once, or does not answer; the message has the last line of its log.
        """
        with self._lock.open("w") as lock, self.log.open("w") as log:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            process = subprocess.Popen(
                command,
                env={**os.environ, **variables},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock.fileno(),),
                start_new_session=True,
            )
            lock.write(f"{process.pid}\n")
        wait_until(lambda: process.poll() is not None or answers(), START_SECONDS, lambda: None)
        if process.poll() is not None or not answers():
            self.stop()
            raise OntimeError(f"{self.name} did not start: {self._last_line()}", remedy=f"see {self.log}")
        return process.pid

    def stop(self) -> int | None:
        """Ask the program to end, end it where it does not, and tell which process ended, if one ran."""
        running = self.process_id()
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self.process_id() is None:
                break
            os.kill(self.process_id() or 0, sign)
            wait_until(lambda: self.process_id() is None, STOP_SECONDS, lambda: None)
        return running

    @property
    def _lock(self) -> Path:
        return self.folder / f"{self.name}.lock"

    def _last_line(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"
