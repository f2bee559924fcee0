"""Folders for work that may be killed: the next run of the same command removes them."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ontime.locks import exclusive_lock, holder
from ontime.rights import make_folder

if TYPE_CHECKING:
    from ontime.settings import Settings

# a training set that is written stands beside those that it is to join: a folder moves whole on one disk alone
UNFINISHED_SET: Final = ".unfinished-"
# and so does the file of the stream
UNFINISHED_STREAM: Final = ".stream-"
# what dbt works in
DBT: Final = "dbt"
HELD: Final = "held"
WAIT_SECONDS: Final = 600
# names, to this process and those that it starts, the folder of what does not fit into memory
SPILL_VARIABLE: Final = "_ONTIME_SPILL_DIR"


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
def work_folder(settings: Settings, work: str) -> Iterator[Scratch]:
    """A new folder for a command's work in the folder of all scratch; temporary files are made there meanwhile.

    Args:
        settings: Say where scratch is.
        work: The command, as `ingest`; what it left when it was killed is removed.

    Raises:
        OntimeError: The folder of all scratch cannot be used, or another process cleans up for too long.
    """
    make_folder(settings.scratch_dir, settings)
    with scratch_folder(settings.scratch_dir, f"{work}-") as scratch:
        before, tempfile.tempdir = tempfile.tempdir, str(scratch.path.absolute())
        try:
            yield scratch
        finally:
            tempfile.tempdir = before


def spill_folder() -> str:
    """Where a DuckDB may put what does not fit into memory: a folder that it makes when it needs it, and removes."""
    return str(Path(os.environ.get(SPILL_VARIABLE, tempfile.gettempdir()), f"spill-{uuid.uuid4().hex}"))


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
        stream.write(f"{os.getpid()}\n")
        stream.flush()
    try:
        with stream:
            yield Scratch(path, stream.fileno())
    finally:
        shutil.rmtree(path, ignore_errors=True)


def abandoned(parent: Path, prefix: str) -> list[Path]:
    """The folders that nobody works in."""
    return [path for path in folders(parent, prefix) if holder(path / HELD) is None]


def folders(parent: Path, prefix: str = "") -> list[Path]:
    """The folders for work, whether anybody works in them or not."""
    return [path for path in sorted(parent.glob(f"{prefix}*")) if path.is_dir()]


def at_work(settings: Settings, work: str) -> str | None:
    """The process that is at work on this machine in a work folder of a command, None where there is none.

    Raises:
        OntimeError: If a folder is another user's.
    """
    return next(filter(None, (holder(path / HELD) for path in folders(settings.scratch_dir, f"{work}-"))), None)


def maker(folder: Path) -> str:
    """Who made a folder for work, as `process 4242`; one that was killed at its start or its end is not known."""
    held = folder / HELD
    text = held.read_text().strip() if held.exists() else ""
    return f"process {text}" if text else "a process"
