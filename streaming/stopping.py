"""Ending work when it is asked to, with what was begun brought to an end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def stop_on_signals() -> Iterator[Event]:
    """An event that SIGTERM or Ctrl-C sets, for as long as the context lasts; the second of them ends the process."""
    asked = Event()
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}

    def restore() -> None:
        for sign, handler in before.items():
            signal.signal(sign, handler)

    def ask(_sign: int, _frame: FrameType | None) -> None:
        asked.set()
        restore()

    for sign in before:
        signal.signal(sign, ask)
    try:
        yield asked
    finally:
        restore()
