"""What Prometheus may ask of the live features."""

from __future__ import annotations

import time
from datetime import UTC
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from streaming.live.processor import Step


class LiveMetrics:
    """The metrics of the processor; `registry` may hold others' as well."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._batch = Histogram("ontime_live_batch_seconds", "Time of a micro-batch.", registry=registry)
        self._late = Counter("ontime_live_late_facts", "Facts that changed what had been computed.", registry=registry)
        self._computed_until = float("nan")
        age = Gauge("ontime_live_newest_feature_age_seconds", "Since the features are computed.", registry=registry)
        age.set_function(lambda: time.time() - self._computed_until)

    def note(self, step: Step) -> None:
        """A step was done."""
        self._batch.observe(step.seconds)
        self._late.inc(step.outcome.late_facts)
        if step.computed_until is not None:
            self._computed_until = step.computed_until.replace(tzinfo=UTC).timestamp()
