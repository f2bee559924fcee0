"""What Prometheus may ask of the live features."""

from __future__ import annotations

import time
from datetime import UTC
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from ontime.errors import OntimeError

if TYPE_CHECKING:
    from streaming.live.processor import Step


HOST: Final = "127.0.0.1"


class LiveMetrics:
    """The metrics of the processor; `registry` may hold others' as well."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._batch = Histogram("ontime_live_batch_seconds", "Time of a micro-batch.", registry=registry)
        self._late = Counter("ontime_live_late_facts", "Facts that changed what had been computed.", registry=registry)
        self._computed_until = float("nan")
        age = Gauge("ontime_live_newest_feature_age_seconds", "Since the features are computed.", registry=registry)
        age.set_function(lambda: time.time() - self._computed_until)

    def serve(self, port: int) -> int:
        """Answer on a port of 127.0.0.1, any free one for 0; which one.

        Raises:
            OntimeError: If the port is taken.
        """
        try:
            server, _thread = start_http_server(port, HOST, self._registry)
        except OSError as error:
            raise OntimeError(
                f"port {port} of {HOST} is not to be had ({error.strerror})",
                remedy="choose another with ONTIME_LIVE_METRICS_PORT",
            ) from None
        return int(server.server_port)

    def note(self, step: Step) -> None:
        """A step was done."""
        self._batch.observe(step.seconds)
        self._late.inc(step.outcome.late_facts)
        if step.computed_until is not None:
            self._computed_until = step.computed_until.replace(tzinfo=UTC).timestamp()
