"""`raw_ops.ingest_runs`: one row for each source and run, whatever came of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

from ingestion.raw.lineage import INGEST_RUNS, LOAD_ID
from ingestion.raw.loads import COMPLETED
from ontime.schemas import OPERATIONS, dataset_name
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb

    from engines.engine import Engine

RunStatus = Literal["loaded", "unchanged", "failed"]
OPERATIONS_TABLES = (INGEST_RUNS,)


@dataclass(frozen=True)
class IngestRun:
    """What a run did for one source.

    Attributes:
        run_id: Shared by the sources of one command.
        source: Name of the source.
        period_start: First local day of what was loaded, else of what was asked for.
        period_end: Last local day of it.
        started_at: UTC, without zone.
        ended_at: UTC, without zone.
        status: `loaded`, `unchanged` (nothing new) or `failed` (of all or some files; `error` says why).
        files: Files loaded.
        rows: Rows loaded.
        rejected_rows: Rows put in quarantine.
        bytes: Bytes of the loaded files, as fetched.
        error: One line, for a failed run.
        damaged_values: Values of loaded rows that could not be read and are null; the raw schema tells of each load's.
    """

    run_id: str
    source: str
    period_start: date | None
    period_end: date | None
    started_at: datetime
    ended_at: datetime
    status: RunStatus
    files: int = 0
    rows: int = 0
    rejected_rows: int = 0
    bytes: int = 0
    error: str | None = None
    damaged_values: int = 0

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return (self.ended_at - self.started_at).total_seconds()


def new_run_id() -> str:
    """An id for one command."""
    return uuid.uuid4().hex


def utc_now() -> datetime:
    """The present instant, UTC without zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def record(connection: duckdb.DuckDBPyConnection, run: IngestRun, engine: Engine) -> None:
    """Add a run's row.

    It is a row by itself, not a package: a run that finds nothing new must stay cheap. Its load id is that of the
    load that made the table, which completed.
    """
    dataset = dataset_name(OPERATIONS)
    values = ", ".join(
        f"cast({'null' if value is None else quote_sql(str(value))} as {column.duckdb_type}) as {column.name}"
        for column, value in ((column, getattr(run, column.name)) for column in INGEST_RUNS.columns)
    )
    load_id = f"(select max(load_id) from ({COMPLETED.format(dataset=dataset)}))"
    select = f"select {values}, {load_id} as {LOAD_ID.name}"
    engine.append(connection, f"{dataset}.{INGEST_RUNS.name}", select)
