"""The state of the target as text for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest

if TYPE_CHECKING:
    from operations.status.state import SourceStatus, Status

Sample = tuple[str, str, dict[str, str], float]


def metrics_text(state: Status) -> str:
    """The metrics; what never happened has none."""
    registry = CollectorRegistry()
    gauges: dict[str, Gauge] = {}
    for name, said, labels, value in _samples(state):
        if name not in gauges:
            gauges[name] = Gauge(f"ontime_{name}", said, list(labels), registry=registry)
        (gauges[name].labels(**labels) if labels else gauges[name]).set(value)
    return generate_latest(registry).decode()


def _samples(state: Status) -> Iterator[Sample]:
    for source in state.sources:
        yield from _of_source(source)
    if state.built_at:
        yield "warehouse_built_timestamp_seconds", "When the warehouse was last built.", {}, _seconds(state.built_at)
    if state.published_at:
        yield "published_timestamp_seconds", "When the marts were published.", {}, _seconds(state.published_at)
    if state.stream:
        for place in state.stream.positions:
            labels = {"topic": place.topic, "partition": str(place.partition)}
            yield "stream_lag_records", "Records that landing has not yet.", labels, place.lag
    if state.live and state.live.computed_until:
        until = _seconds(state.live.computed_until)
        yield "live_features_until_timestamp_seconds", "Until when live features are computed.", {}, until
    if state.day:
        for name, step in state.day.steps.items():
            yield "daily_step_is_done", "Whether the day's step ended well.", {"step": name}, step.status == "done"
        if state.day.succeeded_at:
            succeeded = datetime.fromisoformat(state.day.succeeded_at).timestamp()
            yield "daily_success_timestamp_seconds", "When all steps of a day last ended well.", {}, succeeded
    yield "alerts", "Problems that people were told of.", {}, len(state.alerts)


def _of_source(source: SourceStatus) -> Iterator[Sample]:
    labels = {"source": source.name}
    if source.last_run:
        ended, well = _seconds(source.last_run["ended_at"]), source.last_run["status"] != "failed"
        yield "source_run_timestamp_seconds", "When the last ingest of a source ended.", labels, ended
        yield "source_run_is_well", "Whether it ended well.", labels, well
    if source.loaded:
        yield "source_rows", "Rows that were loaded, in all versions.", labels, source.loaded.rows
        yield "source_rejected_rows", "Rows in quarantine.", labels, source.loaded.rejected_rows
    yield "source_unfinished_rows", "Rows of a load that was cut off.", labels, source.unfinished_rows


def _seconds(instant: datetime) -> float:
    """Seconds since 1970 of an instant that is UTC without zone."""
    return instant.replace(tzinfo=UTC).timestamp()
