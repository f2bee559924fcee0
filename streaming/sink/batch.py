"""Messages of the broker, gathered into a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pyarrow as pa
from confluent_kafka import KafkaError, Message

from ingestion.sources.events.columns import CONSUMED
from streaming.broker.log import Place, is_end

MILLISECONDS: Final = pa.timestamp("ms")


class Batch:
    """What was consumed since the last batch was landed.

    Attributes:
        records: How many records.
        bytes: The size of their values.
        ended: Where a partition's end was reached, with the instant (UTC, without zone), whatever came after it.
        faults: What the client told of the broker and of partitions.
    """

    def __init__(self) -> None:
        self.records = 0
        self.bytes = 0
        self.ended: dict[Place, datetime] = {}
        self.faults: list[tuple[Place, KafkaError]] = []
        self._chunks: list[pa.RecordBatch] = []

    def add(self, messages: list[Message], generations: dict[str, int]) -> None:
        """Take messages in.

        Args:
            messages: As the consumer gave them; those of a partition are in the order of their offsets.
            generations: Of each topic, for the records' key.
        """
        told = [message for message in messages if message.error() is not None]
        if told:
            messages = [message for message in messages if message.error() is None]
            self._listen(told)
        if not messages:
            return
        topics = list(map(Message.topic, messages))
        values = list(map(Message.value, messages))
        value_array = pa.array(values, pa.binary())
        columns = [
            pa.array(topics, pa.string()),
            pa.array(list(map(generations.__getitem__, topics)), pa.int64()),
            pa.array(list(map(Message.partition, messages)), pa.int64()),
            pa.array(list(map(Message.offset, messages)), pa.int64()),
            pa.array([stamp for _, stamp in map(Message.timestamp, messages)], MILLISECONDS).cast(pa.timestamp("us")),
            pa.array(list(map(Message.key, messages)), pa.binary()),
            value_array,
        ]
        self._chunks.append(pa.RecordBatch.from_arrays(columns, schema=CONSUMED))
        self.records += len(messages)
        self.bytes += value_array.nbytes

    def table(self) -> pa.Table:
        """The records, with the columns of `CONSUMED`."""
        return pa.Table.from_batches(self._chunks, CONSUMED)

    def _listen(self, told: list[Message]) -> None:
        now = datetime.now(UTC).replace(tzinfo=None)
        for message in told:
            place, error = (message.topic() or "", message.partition() or 0), message.error()
            if is_end(message):
                self.ended[place] = now
            elif error is not None:
                self.faults.append((place, error))
