"""Sends a plan's rows when the simulated clock says so, and goes on where the broker's records end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from streaming.broker.delivery import Delivery
from streaming.broker.log import find_ends, read_from
from streaming.broker.topics import find_topics
from streaming.replay.clock import SimulatedClock
from streaming.replay.plan import Plan, Progress

if TYPE_CHECKING:
    from ontime.settings import Settings
    from streaming.broker.log import Place

# so much may have to be looked up in the broker after a kill
CHECKPOINT_ROWS: Final = 20_000
CHECKPOINT_SECONDS: Final = 1.0
LONGEST_NAP_SECONDS: Final = 0.2

# topic, key, document, and the instant in milliseconds since 1970
Row = tuple[str, bytes, bytes, int]


class Player:
    """Plays a plan.

    Attributes:
        sent: Rows sent by this run.
        instant: The newest instant that was sent (milliseconds since 1970), None before the first.
    """

    def __init__(self, settings: Settings, plan: Plan, speed: float | None, tell: Callable[[str], None]) -> None:
        self.sent = 0
        self.instant: int | None = None
        self._settings, self._plan, self._speed, self._tell = settings, plan, speed, tell
        self._delivery = Delivery(settings)
        self._checked_at = time.monotonic()

    def play(self, total: int, stop: Event) -> bool:
        """Send what the broker does not have yet, and tell whether that was all; False if it was stopped before.

        Raises:
            OntimeError: If the broker does not take it.
        """
        progress = self._plan.read_progress() or self._begin()
        there, clock, checked = self._already_there(progress), None, progress.delivered
        for row in _rows(self._plan.rows_from(progress.delivered)):
            if there[row]:
                there[row] -= 1
            else:
                clock = clock or SimulatedClock(row[3], self._speed)
                if not self._wait_until(row[3], clock, stop):
                    break
                topic, key, document, instant = row
                self._delivery.send(topic, key, document, timestamp=instant)
                self.sent += 1
                self.instant = instant
            progress.delivered += 1
            if progress.delivered - checked >= CHECKPOINT_ROWS or self._is_time():
                self._check(progress, total)
                checked = progress.delivered
        self._check(progress, total)
        return progress.delivered == total

    def _begin(self) -> Progress:
        topics = find_topics(self._settings) or {}
        places = [(name, number) for name, topic in topics.items() for number in range(topic.partitions)]
        ends = find_ends(self._settings, places) if places else {}
        progress = Progress(0, {f"{topic}/{number}": offset for (topic, number), offset in ends.items()})
        self._plan.write_progress(progress)
        return progress

    def _already_there(self, progress: Progress) -> Counter[Row]:
        """What a run that was killed had sent after it wrote down how far it was."""
        offsets: dict[Place, int] = {}
        for place, offset in progress.offsets.items():
            topic, _, number = place.rpartition("/")
            offsets[topic, int(number)] = offset
        return Counter(
            (message.topic() or "", message.key() or b"", message.value() or b"", message.timestamp()[1])
            for message in read_from(self._settings, offsets)
        )

    def _wait_until(self, instant: int, clock: SimulatedClock, stop: Event) -> bool:
        while not stop.is_set():
            seconds = clock.seconds_until(instant)
            if seconds <= 0:
                return True
            self._delivery.poll(min(seconds, LONGEST_NAP_SECONDS))
        return False

    def _is_time(self) -> bool:
        return time.monotonic() - self._checked_at >= CHECKPOINT_SECONDS

    def _check(self, progress: Progress, total: int) -> None:
        """See that all was delivered, and write down how far it is."""
        self._delivery.wait()
        reached = self._delivery.next_offsets
        progress.offsets |= {f"{topic}/{number}": offset for (topic, number), offset in reached.items()}
        self._plan.write_progress(progress)
        self._checked_at = time.monotonic()
        when = f"{utc(self.instant)}: " if self.instant is not None else ""
        self._tell(f"{when}{progress.delivered:,} of {total:,} events")


def _rows(batches: Iterator[pa.RecordBatch]) -> Iterator[Row]:
    for batch in batches:
        instants = batch["known_at"].cast(pa.timestamp("ms"), safe=False).cast(pa.int64())
        columns = (batch["topic"], batch["key"].cast(pa.binary()), batch["document"].cast(pa.binary()), instants)
        yield from zip(*(column.to_pylist() for column in columns), strict=True)


def utc(instant: int) -> str:
    """An instant as people read it."""
    return f"{datetime.fromtimestamp(instant / 1000, UTC):%Y-%m-%d %H:%M:%S}"
