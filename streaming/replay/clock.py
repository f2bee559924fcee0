"""A clock that runs as much faster than real time as one likes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class SimulatedClock:
    """A clock that shows the instant it was started at, and goes on from there.

    Attributes:
        started_at: What it shows at first, in milliseconds since 1970.
        speed: Simulated seconds a second; None if it always shows what it is asked for, which is as fast as can be.
    """

    started_at: int
    speed: float | None
    _origin: float = field(default_factory=time.monotonic)

    def seconds_until(self, instant: int) -> float:
        """How long, in real seconds, until it shows an instant (milliseconds since 1970); 0 if it is past."""
        if self.speed is None:
            return 0
        return max(0, (instant - self.started_at) / 1000 / self.speed - (time.monotonic() - self._origin))
