"""What Prometheus may ask of the sink."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from streaming.sink.positions import Position

RATE_SECONDS: Final = 10
PLACE: Final = ("topic", "partition")


class Metrics:
    """The sink's metrics; `registry` may hold others' as well."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Gauge("ontime_stream_lag_records", "Records not landed yet.", PLACE, registry=registry)
        self._records = Counter("ontime_stream_records", "Records landed.", PLACE, registry=registry)
        self._late = Counter(
            "ontime_stream_late_records",
            "Records of an earlier instant than one before them.",
            PLACE,
            registry=registry,
        )
        self._dead = Counter("ontime_stream_dead_letters", "Records that cannot be events.", PLACE, registry=registry)
        self._batch = Histogram("ontime_stream_batch_seconds", "Time to land a batch.", registry=registry)
        rate = Gauge("ontime_stream_records_per_second", "Records landed, of late.", registry=registry)
        rate.set_function(self.records_per_second)
        age = Gauge("ontime_stream_newest_event_age_seconds", "Since the newest event was taken.", registry=registry)
        age.set_function(lambda: time.time() - self._newest)
        self._newest = float("nan")
        self._landed: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])

    def note_batch(self, records: int, seconds: float) -> None:
        """A batch was landed."""
        self._batch.observe(seconds)
        self._landed.append((time.monotonic(), records))

    def note_progress(self, before: Position, after: Position, records: int) -> None:
        """A partition's part of a batch was landed."""
        place = (after.topic, str(after.partition))
        self._records.labels(*place).inc(records)
        self._late.labels(*place).inc(after.late - before.late)
        self._dead.labels(*place).inc(after.dead_letters - before.dead_letters)

    def note_positions(self, positions: Iterable[Position]) -> None:
        """How far the sink has come."""
        for position in positions:
            self._lag.labels(position.topic, str(position.partition)).set(position.lag)

    def note_newest(self, taken_at: datetime) -> None:
        """The newest event's instant (UTC, without zone)."""
        self._newest = taken_at.replace(tzinfo=UTC).timestamp()

    def records_per_second(self) -> float:
        """Records landed, of the last seconds."""
        now = time.monotonic()
        while len(self._landed) > 1 and self._landed[0][0] < now - RATE_SECONDS:
            self._landed.popleft()
        return sum(records for _, records in self._landed) / RATE_SECONDS
