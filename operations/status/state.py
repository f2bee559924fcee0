"""`ontime status`: what is loaded, when it was, and what is in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engines.builds import built_at, last_build
from engines.targets import open_raw, open_warehouse
from ingestion.raw.database import LoadedSummary, RawDatabase
from ingestion.raw.lineage import BOOKKEEPING
from ingestion.registry import source as find_source
from ingestion.run import LOCK_FILE
from ontime.errors import InUseError, NotYetError
from ontime.locks import holder
from ontime.schemas import SOURCES
from operations.alerts.alerts import open_alerts
from operations.status.day import DayState, day_file
from streaming.live.status import LiveState, read_live_state, state_file
from streaming.sink.positions import LOCK_FILE as SINK_LOCK
from streaming.sink.positions import SinkState, positions_file, read_state

if TYPE_CHECKING:
    from pathlib import Path

    from ontime.settings import Settings


@dataclass(frozen=True)
class SourceStatus:
    """The state of one source.

    Attributes:
        name: The source.
        last_run: Its newest row in `raw_ops.ingest_runs`, by column name, if it ever ran.
        loaded: What completed loads hold, None before the first ingest of any source.
        unfinished_rows: Rows of a load that was cut off; the next ingest removes them.
    """

    name: str
    last_run: dict[str, Any] | None
    loaded: LoadedSummary | None
    unfinished_rows: int


@dataclass(frozen=True)
class Status:
    """The state of the target.

    Attributes:
        sources: One for each source.
        running: The process that is ingesting, if one is.
        built_at: When the last dbt command that wrote the warehouse ended, UTC without zone.
        last_build: The last dbt command that wrote it and how it ended, or why that cannot be told; none before it.
        published_at: When the marts were last published, UTC without zone.
        stream: How far the sink of the stream has come, None if none ever ran.
        sinking: The process of the sink, if one runs.
        live: How far the live features are, None if none were ever computed.
        day: How far the newest day's run came, None if none ever ran.
        alerts: Names of the problems that people were told of, with what is wrong.
    """

    sources: list[SourceStatus]
    running: str | None
    built_at: datetime | None
    last_build: str | None
    published_at: datetime | None
    stream: SinkState | None
    sinking: str | None
    live: LiveState | None
    day: DayState | None
    alerts: dict[str, str]


def read_status(settings: Settings, progress: Callable[[str], None]) -> Status:
    """Read the state of the target.

    Raises:
        OntimeError: If nothing was ever ingested, or the raw database is being written.
    """
    running = holder(settings.data_dir / LOCK_FILE)
    with open_raw(settings, progress, read_only=True) as connection:
        sources = source_statuses(RawDatabase(connection))
    stream, sinking = read_state(positions_file(settings)), holder(settings.data_dir / SINK_LOCK)
    live = read_live_state(state_file(settings))
    day = DayState.read(day_file(settings))
    alerts = {name: alert.problem for name, alert in open_alerts(settings).items() if not alert.is_over}
    published_at = _modified_at(settings.published_database)
    return Status(sources, running, *_builds(settings), published_at, stream, sinking, live, day, alerts)


def source_statuses(raw: RawDatabase) -> list[SourceStatus]:
    """The state of each source in the open raw schemas."""
    runs = raw.last_runs()
    return [
        SourceStatus(
            name,
            runs.get(name),
            raw.summary(name),
            max(0, raw.unfinished_rows(name, (*find_source(name).tables, *BOOKKEEPING))),
        )
        for name in SOURCES
    ]


def _builds(settings: Settings) -> tuple[datetime | None, str | None]:
    at_once = settings.model_copy(update={"lock_timeout_seconds": 0})
    try:
        with open_warehouse(at_once, lambda _line: None) as connection:
            last = last_build(connection)
            return built_at(connection), f"{last}, {last.fault or 'ended well'}" if last else None
    except NotYetError:
        return None, None
    except InUseError as error:
        return None, str(error)


def _modified_at(path: Path) -> datetime | None:
    if not path.exists():
        return None
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
