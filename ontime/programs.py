"""Programs that this process starts and waits for: they end with it, however it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

SET_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG of Linux' prctl
LIBC: Final = ctypes.CDLL(None)


@contextmanager
def running_program(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    stdout: int | IO[str],
    stderr: int,
    pass_fds: Sequence[int] = (),
) -> Iterator[subprocess.Popen[str]]:
    """A program that writes text; it has ended when the context does, and is ended where an error leaves the context.

    If this process is killed, the system ends the program with SIGTERM: whoever begins the work anew has not to wait
    for what nobody waits for any more.

    Args:
        command: The program and its arguments.
        environment: Of the process.
        stdout: As `subprocess.Popen` takes it.
        stderr: The same.
        pass_fds: Open files that the process is to keep.
    """
    with subprocess.Popen(
        command,
        env=dict(environment),
        stdout=stdout,
        stderr=stderr,
        text=True,
        errors="replace",
        pass_fds=tuple(pass_fds),
        preexec_fn=_ending_with(os.getpid()),  # noqa: PLW1509 - it takes no lock that a thread could hold
    ) as process:
        try:
            yield process
        except BaseException:
            process.terminate()
            raise


def _ending_with(parent: int) -> Callable[[], None]:
    def ask_the_system() -> None:
        LIBC.prctl(SET_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_system
