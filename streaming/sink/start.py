"""Where to consume on: after what landing holds, if the topic is still the one that it is of."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from confluent_kafka import Consumer

from ingestion.sources.events.landed import newest_records
from ingestion.sources.events.records import NewestRecord, fingerprint
from streaming.broker.client import consumer_options
from streaming.broker.log import Place, find_ends, first_messages
from streaming.sink.positions import Position

if TYPE_CHECKING:
    from ingestion.landing import Landing
    from ontime.settings import Settings
    from streaming.broker.topics import Topic

Tell = Callable[[str], None]


def starting_positions(
    settings: Settings, landing: Landing, topics: dict[str, Topic], made_again: set[str], tell: Tell
) -> list[Position]:
    """Where to begin in each partition of the topics.

    A topic is the one that landing holds if the record before the offset is the same: an offset alone would do for any
    topic of that name, and not every broker refuses one that is past its end.

    Args:
        settings: For the broker.
        landing: What it holds is what was consumed.
        topics: Those to consume.
        made_again: Those of which it is known already that they are others now.
        tell: Is told of topics that are, and of records that are gone.

    Raises:
        InUseError: If the broker does not answer.
    """
    newest = newest_records(landing)
    positions: list[Position] = []
    for name, topic in topics.items():
        generation = max((kept.generation for kept in newest if kept.topic == name), default=1)
        landed = {
            (name, kept.partition): record
            for kept, record in newest.items()
            if (kept.topic, kept.generation) == (name, generation)
        }
        offsets = None if name in made_again else _offsets_after(settings, landed, topic, tell)
        if offsets is None:
            generation += 1
            tell(f"{name} is another topic than the one in landing: it is read from its beginning")
        places = [(name, number) for number in range(topic.partitions)]
        positions += [Position(*place, generation, (offsets or {}).get(place, 0)) for place in places]
    return positions


def _offsets_after(
    settings: Settings, landed: dict[Place, NewestRecord], topic: Topic, tell: Tell
) -> dict[Place, int] | None:
    """The offsets after the newest records; None if they are of another topic."""
    if not landed:
        return {}
    if any(number >= topic.partitions for _, number in landed):
        return None
    ends = find_ends(settings, list(landed))
    if any(ends[place] < record.next_offset for place, record in landed.items()):
        return None
    offsets: dict[Place, int] = {}
    with closing(Consumer(consumer_options(settings))) as consumer:
        last = {place: record.offset for place, record in landed.items()}
        found = dict(first_messages(settings, consumer, last))
    for place, message in found.items():
        record, offset = landed[place], message.offset() or 0
        if message.error() is None and offset == record.offset:
            if fingerprint(message.key(), message.value()) != record.fingerprint:
                return None
            offset += 1
        elif offset > record.next_offset:
            tell(f"{place[0]}/{place[1]}: the broker no longer has records {record.next_offset:,} to {offset - 1:,}")
        offsets[place] = max(offset, record.next_offset)
    return offsets
