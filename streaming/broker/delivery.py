"""Sending records, and knowing which of them the broker has."""

from __future__ import annotations

from typing import Any, Final

from confluent_kafka import KafkaError, Message, Producer

from ontime.errors import OntimeError
from ontime.settings import Settings
from streaming.broker.client import bootstrap_servers, producer_options

POLL_SECONDS: Final = 0.1
# the client gives a record up after message.timeout.ms
FLUSH_SECONDS: Final = 330


class Delivery:
    """Sends records and waits until all were acknowledged.

    Attributes:
        next_offsets: The offset after the newest record that was acknowledged, by topic and partition.
    """

    def __init__(self, settings: Settings) -> None:
        self.next_offsets: dict[tuple[str, int], int] = {}
        self._servers = bootstrap_servers(settings)
        self._producer = Producer(producer_options(settings))
        self._failure: KafkaError | None = None

    def send(self, topic: str, key: bytes | None, value: bytes | None, **options: Any) -> None:  # noqa: ANN401
        """Send a record, soon.

        Args:
            topic: Where to.
            key: Decides on the partition.
            value: The document.
            options: `timestamp` in milliseconds since 1970, and `headers`.
        """
        while True:
            try:
                self._producer.produce(topic, value, key, on_delivery=self._note, **options)
            except BufferError:
                self._producer.poll(POLL_SECONDS)
            else:
                return

    def poll(self, seconds: float = 0) -> None:
        """Take notice of what was acknowledged."""
        self._producer.poll(seconds)

    def wait(self) -> None:
        """Wait until all that was sent is acknowledged.

        Raises:
            OntimeError: If something was not.
        """
        waiting = self._producer.flush(FLUSH_SECONDS)
        if self._failure is not None or waiting:
            reason = self._failure.str() if self._failure else f"{waiting:,} records wait for it"
            raise OntimeError(
                f"the broker did not take all records ({reason})",
                where=self._servers,
                remedy="see that it runs, then run the same command again",
            )

    def _note(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._failure = self._failure or error
            return
        place = (message.topic() or "", message.partition() or 0)
        self.next_offsets[place] = max(self.next_offsets.get(place, 0), (message.offset() or 0) + 1)
