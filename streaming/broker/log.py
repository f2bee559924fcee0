"""Reading parts of partitions, whose ends are found by reaching them: not every broker tells them rightly."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from ontime.errors import InUseError
from ontime.settings import Settings
from streaming.broker.client import bootstrap_servers, consumer_options

Place = tuple[str, int]
BATCH: Final = 1_000
POLL_SECONDS: Final = 0.1
ANSWER_SECONDS: Final = 30


def find_ends(settings: Settings, places: list[Place]) -> dict[Place, int]:
    """The offset that the next record of each partition will have.

    Raises:
        InUseError: If the broker does not answer.
    """
    ends: dict[Place, int] = {}
    with closing(Consumer(consumer_options(settings))) as consumer:
        for place, message in first_messages(settings, consumer, dict.fromkeys(places, OFFSET_BEGINNING)):
            _, high = consumer.get_watermark_offsets(TopicPartition(*place), cached=True)
            ends[place] = max(high, message.offset() or 0)
    return ends


def read_from(settings: Settings, offsets: dict[Place, int]) -> Iterator[Message]:
    """The records from an offset on, of each partition, to its present end.

    Raises:
        InUseError: If the broker does not answer.
    """
    ends = find_ends(settings, list(offsets))
    waiting = {place for place, offset in offsets.items() if offset < ends[place]}
    with closing(Consumer(consumer_options(settings))) as consumer:
        consumer.assign([TopicPartition(*place, offsets[place]) for place in waiting])
        deadline = time.monotonic() + ANSWER_SECONDS
        while waiting:
            for message in consumer.consume(BATCH, POLL_SECONDS):
                place = (message.topic() or "", message.partition() or 0)
                if message.error() is None:
                    yield message
                    deadline = time.monotonic() + ANSWER_SECONDS
                if (message.offset() or 0) + 1 >= ends[place] or is_end(message):
                    waiting.discard(place)
            if time.monotonic() > deadline:
                raise _silence(settings)


def is_end(message: Message) -> bool:
    """Whether a message tells that its partition has no more."""
    error = message.error()
    return error is not None and error.code() == KafkaError._PARTITION_EOF


def first_messages(
    settings: Settings, consumer: Consumer, offsets: dict[Place, int]
) -> Iterator[tuple[Place, Message]]:
    """The first record of each partition from an offset on, or the news that there is none.

    Raises:
        InUseError: If the broker does not answer.
    """
    waiting = set(offsets)
    consumer.assign([TopicPartition(*place, offset) for place, offset in offsets.items()])
    deadline = time.monotonic() + ANSWER_SECONDS
    while waiting:
        message = consumer.poll(POLL_SECONDS)
        if message is not None and (message.error() is None or is_end(message)):
            place = (message.topic() or "", message.partition() or 0)
            if place in waiting:
                waiting.remove(place)
                consumer.pause([TopicPartition(*place)])
                yield place, message
        if time.monotonic() > deadline:
            raise _silence(settings)


def _silence(settings: Settings) -> InUseError:
    return InUseError(
        "the broker does not answer",
        where=bootstrap_servers(settings),
        remedy="start it, or see ONTIME_KAFKA_BOOTSTRAP_SERVERS",
    )
