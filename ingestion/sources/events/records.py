"""Records of topics: their place, and what one is known again by."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from ontime.errors import OntimeError

NUL: Final = "\0"
WRITTEN_NUL: Final = r"\x00"


class TopicPartition(NamedTuple):
    """A partition of a topic; a topic that was made again is of another generation."""

    topic: str
    generation: int
    partition: int


class NewestRecord(NamedTuple):
    """The newest record of a partition that landing holds: its offset, and its fingerprint."""

    offset: int
    fingerprint: str

    @property
    def next_offset(self) -> int:
        """Where to consume on."""
        return self.offset + 1


def as_text(value: bytes | None) -> str | None:
    """Bytes as text; what is not UTF-8, and what not every engine stores as text, is written out."""
    return None if value is None else value.decode(errors="backslashreplace").replace(NUL, WRITTEN_NUL)


def fingerprint(key: bytes | str | None, value: bytes | str | None) -> str:
    """What a record is known again by, whether consumed or read from landing."""
    texts = (as_text(part) if isinstance(part, bytes) else part for part in (key, value))
    return hashlib.sha256(repr(tuple(texts)).encode()).hexdigest()


def verify_partition(partition: TopicPartition) -> None:
    """See that a partition can be named in a file's name.

    Raises:
        OntimeError: If the topic's name holds other characters than brokers allow.
    """
    if not partition.topic or not all(letter.isalnum() or letter in "._-" for letter in partition.topic):
        raise OntimeError(f"{partition.topic!r} is no name of a topic")
