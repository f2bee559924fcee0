"""The topic of dead letters: records that cannot be events, byte for byte, until they are sent again.

A dead letter's key is the place of the record that it was. A mark of the same key follows one that was sent again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sources.events.columns import RECORD_KEY
from streaming.broker.delivery import Delivery
from streaming.broker.log import read_from
from streaming.broker.topics import DEAD_LETTERS, find_topics

if TYPE_CHECKING:
    from confluent_kafka import Message

    from ontime.settings import Settings

REASON: Final = "reason"
KEY: Final = "key"
SENT_AGAIN: Final = "sent-again"
SENT_AGAIN_FROM: Final = "sent-again-from"


@dataclass(frozen=True)
class DeadLetter:
    """A record that cannot be an event.

    Attributes:
        place: Topic, generation, partition and offset, as `flight-events/1/0/42`.
        taken_at: When the broker took the record (UTC).
        reason: Why it cannot be one.
        key: The record's own key.
        value: What it holds.
    """

    place: str
    taken_at: datetime
    reason: str
    key: bytes | None
    value: bytes | None

    @property
    def topic(self) -> str:
        """The topic that it was sent to."""
        return self.place.partition("/")[0]


def send_dead_letters(delivery: Delivery, consumed: pa.Table, examined: pa.Table) -> int:
    """Send those of a batch to their topic, and wait until the broker has them; how many.

    Args:
        delivery: The producer.
        consumed: Columns of `CONSUMED`.
        examined: The same rows, with the columns of `LANDED`.

    Raises:
        OntimeError: If the broker does not take them.
    """
    is_dead = pc.is_valid(examined["reason"])
    dead = consumed.filter(is_dead).append_column(REASON, examined["reason"].filter(is_dead))
    for row in dead.to_pylist():
        headers = [(REASON, row[REASON].encode()), *([(KEY, row["key"])] if row["key"] is not None else [])]
        place = "/".join(str(row[name]) for name in RECORD_KEY)
        stamp = int(row["taken_at"].replace(tzinfo=UTC).timestamp() * 1000)
        delivery.send(DEAD_LETTERS, place.encode(), row["value"], headers=headers, timestamp=stamp)
    if dead.num_rows:
        delivery.wait()
    return dead.num_rows


def read_dead_letters(settings: Settings) -> list[DeadLetter]:
    """Those that were not sent again, in the order of their instants; each once, however often it was sent here.

    Raises:
        OntimeError: If the broker does not answer.
    """
    letters: dict[str, DeadLetter] = {}
    for message in _messages(settings):
        place, headers = (message.key() or b"").decode(), _headers(message)
        if SENT_AGAIN in headers:
            letters.pop(place, None)
        else:
            taken_at = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
            reason = (headers.get(REASON) or b"").decode()
            letters[place] = DeadLetter(place, taken_at, reason, headers.get(KEY), message.value())
    return sorted(letters.values(), key=lambda letter: (letter.taken_at, letter.place))


def send_again(settings: Settings, letters: list[DeadLetter]) -> None:
    """Send letters to the topics that they were sent to first: they get a new place there.

    Raises:
        OntimeError: If the broker does not take them.
    """
    delivery = Delivery(settings)
    for letter in letters:
        stamp = int(letter.taken_at.timestamp() * 1000)
        headers = [(SENT_AGAIN_FROM, letter.place.encode())]
        delivery.send(letter.topic, letter.key, letter.value, headers=headers, timestamp=stamp)
    delivery.wait()
    for letter in letters:
        delivery.send(DEAD_LETTERS, letter.place.encode(), None, headers=[(SENT_AGAIN, b"")])
    delivery.wait()


def _headers(message: Message) -> dict[str, bytes]:
    """The headers, as they were sent above."""
    pairs = cast("list[tuple[str, bytes]]", message.headers() or [])
    return dict(pairs)


def _messages(settings: Settings) -> Iterator[Message]:
    topic = (find_topics(settings, (DEAD_LETTERS,)) or {}).get(DEAD_LETTERS)
    places = [(DEAD_LETTERS, number) for number in range(topic.partitions if topic else 0)]
    return read_from(settings, dict.fromkeys(places, 0))
