"""Who works now, and what a load that was cut off has left."""

from __future__ import annotations

from collections.abc import Iterator

from engines.finding import Finding, ok
from engines.targets import open_raw
from ingestion.raw.database import RawDatabase
from ingestion.run import LOCK_FILE as INGEST_LOCK
from ingestion.working_folder import left_behind
from ontime.errors import NotYetError
from ontime.locks import holder
from ontime.schemas import SOURCES
from ontime.settings import Settings
from operations.status.day import LOCK_FILE as DAILY_LOCK
from operations.status.state import SourceStatus, source_statuses
from publishing.published_file import LOCK_FILE as PUBLISH_LOCK


def lock_findings(settings: Settings) -> Iterator[Finding]:
    """Who runs the day, ingests or publishes in the data folder now."""
    locks = {
        "daily run": settings.data_dir / DAILY_LOCK,
        "ingest": settings.data_dir / INGEST_LOCK,
        "publish": settings.published_database.parent / PUBLISH_LOCK,
    }
    holders = {work: found for work, path in locks.items() if (found := holder(path))}
    for work, process in holders.items():
        found = f"{locks[work]}: {process} is at work"
        yield Finding("warning", "locks", found, f"wait for that {work} to end before the next")
    if not holders:
        yield ok("locks", f"nobody ingests or publishes in {settings.data_dir}")


def working_findings(settings: Settings) -> Iterator[Finding]:
    """Packages of dlt that were not loaded."""
    check, left = "dlt packages", left_behind(settings)
    where = f"pending in {settings.working_url}: {', '.join(left)}"
    if not left:
        yield ok(check, f"none pending in {settings.working_url}")
    elif process := holder(settings.data_dir / INGEST_LOCK):
        yield ok(check, f"{where}, which {process} is loading")
    else:
        yield Finding("warning", check, where, "run ontime ingest: it removes them and loads their files again")


def load_findings(settings: Settings) -> Iterator[Finding]:
    """How the last loads of each source ended.

    Raises:
        OntimeError: If raw cannot be read, or nothing is loaded.
    """
    with open_raw(settings, lambda _line: None, read_only=True) as connection:
        statuses = source_statuses(RawDatabase(connection))
    if not any(status.loaded and status.loaded.files for status in statuses):
        raise NotYetError("the raw schemas are empty", remedy="nothing is loaded yet, run ontime ingest")
    running = holder(settings.data_dir / INGEST_LOCK)
    unwell = [finding for status in statuses for finding in _source_findings(status, running)]
    yield from unwell or [ok("raw", f"all loads of {len(SOURCES)} sources are complete")]


def _source_findings(status: SourceStatus, running: str | None) -> Iterator[Finding]:
    check = f"raw {status.name}"
    if status.unfinished_rows:
        found = f"{status.unfinished_rows:,} rows of a load that "
        if running:
            yield ok(check, f"{found}{running} may be at work on")
        else:
            todo = "run ontime ingest: it removes them and loads the file again"
            yield Finding("warning", check, f"{found}was cut off", todo)
    if status.last_run and status.last_run["status"] == "failed":
        todo = f"see to that, then run ontime ingest {status.name}"
        yield Finding("warning", check, f"its last run failed: {status.last_run['error']}", todo)
