"""Folders for work that may be killed: whoever works next removes them."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ontime.locks import exclusive_lock, holder

# examples that are built from raw, in the data folder; training sets that are written, beside those that stand
REBUILD: Final = "rebuild-"
UNFINISHED_SET: Final = ".unfinished-"
HELD: Final = "held"
WAIT_SECONDS: Final = 600


@dataclass(frozen=True)
class Scratch:
    """A folder for work.

    Attributes:
        path: The folder.
        lock: File descriptor of its lock: a program that inherits it holds the folder, too.
    """

    path: Path
    lock: int


@contextmanager
def scratch_folder(
    parent: Path, prefix: str, before_removal: Callable[[Path], None] = lambda _folder: None
) -> Iterator[Scratch]:
    """A new folder, removed after the work; those of processes that were killed are removed before it.

    Args:
        parent: Where it is made.
        prefix: What its name begins with.
        before_removal: Is given each folder of a process that was killed.

    Raises:
        InUseError: Another process keeps removing such folders for too long.
    """
    with exclusive_lock(parent / f"{prefix}lock", WAIT_SECONDS, lambda _line: None, "clean-up"):
        for folder in abandoned(parent, prefix):
            before_removal(folder)
            shutil.rmtree(folder)
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        stream = (path / HELD).open("w")
        fcntl.flock(stream, fcntl.LOCK_EX)
    try:
        with stream:
            yield Scratch(path, stream.fileno())
    finally:
        shutil.rmtree(path)


def abandoned(parent: Path, prefix: str) -> list[Path]:
    """The folders that nobody works in."""
    return [path for path in sorted(parent.glob(f"{prefix}*")) if path.is_dir() and holder(path / HELD) is None]
