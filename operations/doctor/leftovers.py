"""What commands that were killed have left, whose it is and how big."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from engines.finding import Finding, ok
from engines.postgres.server import server_folder
from feature_store.training_sets.receipt import sets_folder
from ingestion.landing import half_written
from ingestion.run import LOCK_FILE as INGEST_LOCK
from ontime.locks import holder
from ontime.scratch import DBT, HELD, UNFINISHED_SET, UNFINISHED_STREAM, folders, maker
from ontime.settings import Settings
from publishing.published_file import LOCK_FILE as PUBLISH_LOCK

CHECK: Final = "leftovers"
# the command that removes what a command has left, by what the name of a folder begins with
COMMANDS: Final = {
    "ingest": "ontime ingest",
    "rebuild": "ontime training-set create or verify",
    "publish": "ontime publish",
    "parity": "ontime parity",
    "lake": "ontime lake merge or expire",
    "ui": "ontime features ui",
    DBT: "dbt build",
    UNFINISHED_SET.rstrip("-"): "ontime training-set create",
    UNFINISHED_STREAM.rstrip("-"): "ontime stream",
}


@dataclass(frozen=True)
class _Left:
    path: Path
    maker: str
    remover: str


def leftover_findings(settings: Settings) -> Iterator[Finding]:
    """Folders and files that are made for a time: those at work, and those that were left.

    Raises:
        OntimeError: If some are another user's.
    """
    left: list[_Left] = []
    beside = ((sets_folder(settings), UNFINISHED_SET), (settings.stream_file.parent, UNFINISHED_STREAM))
    for folder in chain(folders(settings.scratch_dir), *(folders(*place) for place in beside)):
        work = folder.name.rpartition("-")[0]
        command = COMMANDS.get(work)
        if command is None:
            continue
        if process := holder(folder / HELD):
            yield ok(CHECK, f"{folder}, {_size(folder)}: {process} is at work, or a program that it started")
        else:
            left.append(_Left(folder, f"{maker(folder)}, which is no more", command))
    left += _half_files(settings)
    for one in left:
        found = f"{one.path}, {_size(one.path)}: left by {one.maker}"
        yield Finding("warning", CHECK, found, f"remove it, or leave it to the next {one.remover}")
    if not left:
        yield ok(CHECK, f"none in {settings.scratch_dir} and beside the data")


def _half_files(settings: Settings) -> Iterator[_Left]:
    """Files that become what they are for when they are whole; nobody writes one without its lock."""
    published = settings.published_database.parent
    if not holder(published / PUBLISH_LOCK):
        yield from (_Left(path, "a publish", "ontime publish") for path in sorted(published.glob("*.new*")))
    if not holder(settings.data_dir / INGEST_LOCK):
        yield from (_Left(path, "an ingest", "ontime ingest") for path in half_written(settings))
    cluster = server_folder(settings) / "cluster.new"
    if cluster.exists():
        yield _Left(cluster, "a start of the server", "ontime server start")


def _size(path: Path) -> str:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file() and not file.is_symlink()]
    return f"{sum(file.stat().st_size for file in files) / 1e6:,.1f} MB"
