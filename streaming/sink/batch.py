"""Messages of the broker, gathered into a table."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
from confluent_kafka import KafkaError, Message

from ingestion.sources.events.columns import CONSUMED
from streaming.broker.log import Place, is_end

# what else goes wrong the client mends by itself
LOST: Final = (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE, KafkaError.UNKNOWN_TOPIC_OR_PART)
MILLISECONDS: Final = pa.timestamp("ms")


class Batch:
    """What was consumed since the last batch was landed.

    Attributes:
        records: How many records.
        bytes: The size of their values.
        ended: Partitions whose end was reached, with the offset that their next record will have.
        must_start_over: The broker does not have what was asked of it.
    """

    def __init__(self) -> None:
        self.records = 0
        self.bytes = 0
        self.ended: dict[Place, int] = {}
        self.must_start_over = False
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
        topics = [message.topic() or "" for message in messages]
        values = list(map(Message.value, messages))
        value_array = pa.array(values, pa.binary())
        columns: list[pa.Array[Any]] = [
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
        for message in told:
            error = message.error()
            if is_end(message):
                self.ended[message.topic() or "", message.partition() or 0] = message.offset() or 0
            elif error is not None and error.code() in LOST:
                self.must_start_over = True
