"""`ontime ingest`: one source after another, from fetching to the row that tells of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engines.targets import engine as find_engine
from engines.targets import open_raw
from ingestion.landed_file import FileStatus, LandedFile
from ingestion.landing import Landing, half_written
from ingestion.ops import OPERATIONS_TABLES, IngestRun, RunStatus, new_run_id, record, utc_now
from ingestion.raw.database import RawDatabase
from ingestion.raw.lineage import BOOKKEEPING
from ingestion.registry import source as find_source
from ingestion.source import Context, Request, Source
from ingestion.working_folder import clear, forget
from ontime.errors import OntimeError
from ontime.locks import exclusive_lock
from ontime.redaction import without_secrets
from ontime.rights import make_data_folders
from ontime.schemas import OPERATIONS, SOURCES
from ontime.scratch import work_folder
from ontime.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from ingestion.package import FileOutcome
    from ingestion.raw.tables import RawTable

LOCK_FILE = "ingest.lock"
Progress = Callable[[str], None]


def ingest(settings: Settings, names: list[str], request: Request, progress: Progress) -> Iterator[IngestRun]:
    """Ingest sources in order; one that fails does not keep the next from being ingested.

    Args:
        settings: The run's settings.
        names: Names of the sources.
        request: What to ingest of each.
        progress: Shows one line of progress.

    Yields:
        The run of each source as it ends.

    Raises:
        OntimeError: If a name is unknown, or another ingest or reader stands in the way.
    """
    sources = [find_source(name) for name in dict.fromkeys(names)]
    run_id = new_run_id()
    make_data_folders(settings)
    with (
        exclusive_lock(settings.data_dir / LOCK_FILE, settings.lock_timeout_seconds, progress, "ingest"),
        work_folder(settings, "ingest"),
    ):
        _prepare(settings, progress)
        for source in sources:
            yield _SourceRun(settings, source, request, progress, run_id).run()


def _prepare(settings: Settings, progress: Progress) -> None:
    """See that all tables exist, and that nothing is left of loads that did not complete."""
    for path in half_written(settings):
        path.unlink()
    for pipeline in clear(settings):
        progress(f"{pipeline}: removed a package that was cut off")
    with open_raw(settings, progress) as connection:
        raw = RawDatabase(connection)
        was_incomplete = False
        schemas: dict[str, tuple[RawTable, ...]] = {OPERATIONS: OPERATIONS_TABLES}
        schemas |= {name: (*find_source(name).tables, *BOOKKEEPING) for name in SOURCES}
        for name, tables in schemas.items():
            if raw.incomplete_tables(name, tables):
                from ingestion.load import PIPELINE_NAME, create_tables  # noqa: PLC0415 - brings dlt

                progress(f"{name}: making the raw tables")
                was_incomplete = True
                # dlt keeps columns in the order in which it came to know them, writes files of another order anew, and
                # those without rows not at all: the tables would not get their columns
                forget(settings, PIPELINE_NAME.format(source=name))
                create_tables(settings, connection, name, tables)
            if name != OPERATIONS and (rows := raw.mend(name, tables)):
                progress(f"{name}: removed {rows:,} rows of a load that was cut off")
        if was_incomplete:
            raw.number_older_files(SOURCES)


class _SourceRun:
    """One source's part of a command."""

    def __init__(self, settings: Settings, source: Source, request: Request, progress: Progress, run_id: str) -> None:
        self._settings, self._source, self._request = settings, source, request
        self._progress, self._run_id = progress, run_id
        self._landing = Landing(settings)
        self._outcomes: list[FileOutcome] = []

    def run(self) -> IngestRun:
        """Fetch and load; always leaves a row in `raw_ops.ingest_runs`."""
        started_at, error = utc_now(), None
        try:
            self._ingest()
        except OntimeError as failure:
            error = str(failure)
        except BaseException as failure:
            self._record(started_at, f"{type(failure).__name__}: {failure}".splitlines()[0])
            raise
        return self._record(started_at, error)

    def _ingest(self) -> None:
        with self._open() as raw:
            versions = raw.loaded(self._source.name)
        coverage = self._request.coverage
        loaded = frozenset(
            version.sha256 for version in versions.values() if coverage is None or version.coverage == coverage
        )
        context = Context(self._settings, self._landing, self._progress, loaded, self._query)
        for batch in self._source.fetch(self._request, context):
            self._load(batch, context)

    def _load(self, batch: list[LandedFile], context: Context) -> None:
        wanted = []
        for file in batch:
            if file.status == "refused":
                self._outcomes.append(_refused(file))
            elif self._request.full_refresh or file.sha256 not in context.loaded:
                wanted.append(file)
            elif file.status != "loaded":
                self._landing.mark(file, "loaded")
        if not wanted:
            return
        from ingestion.load import load_package  # noqa: PLC0415 - brings dlt
        from ingestion.package import Package  # noqa: PLC0415

        tables = (*self._source.tables, *BOOKKEEPING)
        with self._open() as raw:
            last_rows = {file: version.rows for file, version in raw.loaded(self._source.name).items()}
            last_months = raw.whole_months(self._source.name)
            number = 1 + max(raw.newest_load_number(name) for name in SOURCES)
            package = Package(self._source, wanted, context, last_rows, last_months, number, force=self._request.force)
            load_package(self._settings, raw.connection, self._source.name, tables, package.export)
        for outcome in package.outcomes:
            status: FileStatus = "refused" if outcome.error else "loaded"
            self._landing.mark(outcome.file, status, rows=outcome.rows, error=outcome.error)
        self._outcomes += package.outcomes

    @contextmanager
    def _open(self) -> Iterator[RawDatabase]:
        with open_raw(self._settings, self._progress) as connection:
            yield RawDatabase(connection)

    def _query(self, sql: str) -> list[tuple[Any, ...]]:
        with self._open() as raw:
            return raw.rows(sql)

    def _record(self, started_at: datetime, error: str | None) -> IngestRun:
        loaded = [outcome for outcome in self._outcomes if outcome.error is None]
        errors = [outcome.error for outcome in self._outcomes if outcome.error]
        errors += [error] if error else []
        status: RunStatus = "failed" if errors else "loaded" if loaded else "unchanged"
        days = [day for outcome in loaded for day in outcome.period if day is not None]
        period = self._request.period
        run = IngestRun(
            run_id=self._run_id,
            source=self._source.name,
            period_start=min(days) if days else period.first.first_day if period else None,
            period_end=max(days) if days else period.last.last_day if period else None,
            started_at=started_at,
            ended_at=utc_now(),
            status=status,
            files=len(loaded),
            rows=sum(outcome.rows for outcome in loaded),
            rejected_rows=sum(outcome.rejected_rows for outcome in loaded),
            damaged_values=sum(outcome.damaged_values for outcome in loaded),
            bytes=sum(outcome.file.bytes for outcome in loaded),
            error=without_secrets("; ".join(errors)) or None,
        )
        with self._open() as raw:
            record(raw.connection, run, find_engine(self._settings))
        return run


def _refused(file: LandedFile) -> FileOutcome:
    from ingestion.package import FileOutcome  # noqa: PLC0415

    return FileOutcome(file, error=file.error or f"{file.name}: refused")
