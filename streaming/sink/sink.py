"""`ontime sink`: consumes the topics in batches, and lands each before the next."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from ingestion.landing import Landing
from ingestion.sources.events.landed import land_batch
from ontime.errors import InUseError
from streaming.broker.client import bootstrap_servers, consumer_options
from streaming.broker.delivery import Delivery
from streaming.broker.topics import Topic, find_topics
from streaming.events.examining import examine
from streaming.sink.batch import Batch
from streaming.sink.dead_letters import send_dead_letters
from streaming.sink.positions import Position, SinkState, positions_file, write_state
from streaming.sink.progress import advance
from streaming.sink.start import starting_positions

if TYPE_CHECKING:
    import pyarrow as pa

    from ontime.settings import Settings
    from streaming.broker.log import Place
    from streaming.sink.loading import Loading
    from streaming.sink.metrics import Metrics

CHUNK: Final = 2_000
POLL_SECONDS: Final = 0.1
WAIT_SECONDS: Final = 0.5
OBJECTS_OF_A_BATCH: Final = 200_000


@dataclass(frozen=True)
class BatchLimits:
    """When a batch is landed: as soon as one of the limits is reached."""

    records: int = 50_000
    seconds: float = 1.0
    bytes: int = 32_000_000


class Sink:
    """Takes records from the broker to landing; what landing holds is what was taken, and nothing else counts."""

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        loading: Loading | None,
        tell: Callable[[str], None],
        *,
        limits: BatchLimits | None = None,
        until_end: bool = False,
        metrics_port: int = 0,
    ) -> None:
        """Make ready.

        Args:
            settings: For the broker, landing and the data folder.
            metrics: Are kept up to date.
            loading: Loads what was landed, if wanted.
            tell: Is told what happens.
            limits: Of batches.
            until_end: End when all partitions are at their ends, instead of waiting for more.
            metrics_port: Where the metrics are, for others to know.
        """
        self.landed = 0
        self._settings, self._metrics, self._loading, self._tell = settings, metrics, loading, tell
        self._limits, self._until_end, self._metrics_port = limits or BatchLimits(), until_end, metrics_port
        self._landing = Landing(settings)
        self._delivery = Delivery(settings)
        self._topics: dict[str, Topic] = {}
        self._ids: dict[str, str] = {}
        self._positions: dict[Place, Position] = {}
        self._at_end: set[Place] = set()

    def run(self, stop: Event) -> None:
        """Work until asked to stop; what was consumed by then is landed.

        Raises:
            OntimeError: If landing cannot be written, or the broker does not take dead letters.
        """
        # documents know nothing that knows them: to look for circles takes a tenth of the time
        gc.set_threshold(OBJECTS_OF_A_BATCH)
        while not self._is_over(stop):
            topics = self._look(stop)
            if topics is not None and self._find_start(topics):
                self._consume(stop)

    def _consume(self, stop: Event) -> None:
        """Take and land batches until it is over, or all must begin again."""
        options = consumer_options(self._settings) | {"auto.offset.reset": "error"}
        with closing(Consumer(options)) as consumer:
            consumer.assign([_assigned(position) for position in self._positions.values()])
            self._publish(consumer)
            while not self._is_over(stop) and self._step(consumer, stop):
                pass

    def _step(self, consumer: Consumer, stop: Event) -> bool:
        """Take and land a batch; False if all must begin again with another consumer."""
        began_at = datetime.now(UTC).replace(tzinfo=None)
        batch = self._collect(consumer, stop)
        topics = self._look(stop)
        if topics is None:
            return True
        if batch.must_start_over or self._made_again(topics) or topics.keys() != self._topics.keys():
            return False
        self._add_partitions(consumer, topics)
        self._land(consumer, batch)
        self._note_ends(batch, began_at)
        self._publish(consumer)
        if self._loading is not None:
            self._loading.start_if_due()
        return True

    def _collect(self, consumer: Consumer, stop: Event) -> Batch:
        """What comes until a limit is reached."""
        batch, deadline = Batch(), time.monotonic() + self._limits.seconds
        generations = {position.topic: position.generation for position in self._positions.values()}
        while not stop.is_set() and time.monotonic() < deadline:
            batch.add(consumer.consume(CHUNK, POLL_SECONDS), generations)
            if batch.records >= self._limits.records or batch.bytes >= self._limits.bytes:
                break
            if self._until_end and (self._at_end | batch.ended.keys()) >= self._positions.keys():
                break
        return batch

    def _look(self, stop: Event) -> dict[str, Topic] | None:
        """The topics as they are now; None if stopped while no broker answers, or there is nothing to read."""
        is_told = False
        while not (topics := find_topics(self._settings)):
            if not is_told:
                found = "does not answer" if topics is None else "has none of the topics: ontime broker topics"
                self._tell(f"waiting: the broker at {bootstrap_servers(self._settings)} {found}")
                is_told = True
            if stop.wait(WAIT_SECONDS):
                return None
        return topics

    def _made_again(self, topics: dict[str, Topic]) -> set[str]:
        """Names of topics that are others than they were: nothing read of late is of a place that is known."""
        return {name for name, topic in topics.items() if self._ids.get(name, topic.topic_id) != topic.topic_id}

    def _find_start(self, topics: dict[str, Topic]) -> bool:
        """Begin, or begin again, after what landing holds; False if the broker fell silent."""
        made_again = self._made_again(topics)
        try:
            found = starting_positions(self._settings, self._landing, topics, made_again, self._tell)
        except InUseError as error:
            self._tell(str(error))
            return False
        self._topics, self._positions, self._at_end = topics, {one.place: one for one in found}, set()
        self._ids |= {name: topic.topic_id for name, topic in topics.items()}
        self._tell(f"reading {len(found)} partitions of {', '.join(topics)} at {bootstrap_servers(self._settings)}")
        return True

    def _add_partitions(self, consumer: Consumer, topics: dict[str, Topic]) -> None:
        generations = {position.topic: position.generation for position in self._positions.values()}
        added = [
            Position(name, number, generations[name], 0)
            for name, topic in topics.items()
            for number in range(self._topics[name].partitions, topic.partitions)
        ]
        if added:
            self._positions |= {position.place: position for position in added}
            consumer.incremental_assign([_assigned(position) for position in added])
            self._tell("new partitions: " + ", ".join(f"{one.topic}/{one.partition}" for one in added))
        self._topics = topics

    def _land(self, consumer: Consumer, batch: Batch) -> None:
        if not batch.records:
            return
        began, consumed = time.monotonic(), batch.table()
        examined = examine(consumed)
        send_dead_letters(self._delivery, consumed, examined)
        land_batch(self._landing, examined)
        self._advance(examined)
        self._metrics.note_batch(batch.records, time.monotonic() - began)
        self.landed += batch.records
        if self._loading is not None:
            self._loading.note_landed()
        # only shows others how far this is
        reached = [_assigned(position) for position in self._positions.values() if position.next_offset]
        consumer.commit(offsets=reached, asynchronous=True)

    def _advance(self, examined: pa.Table) -> None:
        for place, (position, records) in advance(self._positions, examined).items():
            self._metrics.note_progress(self._positions[place], position, records)
            self._positions[place] = position
            self._at_end.discard(place)
        self._metrics.note_newest(max(one.newest_taken_at for one in self._positions.values() if one.newest_taken_at))

    def _note_ends(self, batch: Batch, began_at: datetime) -> None:
        """A partition that was at its end, and of which nothing came since, is at its end still."""
        self._at_end |= {place for place, offset in batch.ended.items() if offset >= self._positions[place].next_offset}
        for place in self._at_end:
            self._positions[place] = replace(self._positions[place], end_seen_at=began_at)

    def _publish(self, consumer: Consumer) -> None:
        for place, position in self._positions.items():
            _, high = consumer.get_watermark_offsets(TopicPartition(*place), cached=True)
            lag = 0 if place in self._at_end else max(0, high - position.next_offset)
            self._positions[place] = replace(position, lag=lag)
        self._metrics.note_positions(self._positions.values())
        state = SinkState(
            datetime.now(UTC).replace(tzinfo=None),
            self._metrics_port,
            self._metrics.records_per_second(),
            list(self._positions.values()),
        )
        write_state(positions_file(self._settings), state)

    def _is_over(self, stop: Event) -> bool:
        is_at_end = bool(self._positions) and self._at_end >= self._positions.keys()
        return stop.is_set() or (self._until_end and is_at_end)


def _assigned(position: Position) -> TopicPartition:
    return TopicPartition(*position.place, position.next_offset or OFFSET_BEGINNING)
