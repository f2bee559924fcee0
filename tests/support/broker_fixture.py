"""A real broker, its topics, and what a test does to them."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from confluent_kafka.admin import AdminClient
from prometheus_client import CollectorRegistry
from streamed_events import flight_events

from ontime.settings import Settings
from streaming.broker.client import client_options
from streaming.broker.delivery import Delivery
from streaming.broker.demo import DemoBroker
from streaming.broker.topics import ALL_TOPICS, make_topics
from streaming.sink.metrics import Metrics
from streaming.sink.sink import BatchLimits, Sink


@dataclass(frozen=True)
class Broker:
    """A running broker and settings of a data folder that need not be its own."""

    own: DemoBroker
    settings: Settings

    def variables(self) -> dict[str, str]:
        """The environment in which `ontime` finds it; like its own clients, they do not rely on idempotence."""
        return {"ONTIME_KAFKA_BOOTSTRAP_SERVERS": str(self.own.address), "ONTIME_KAFKA_IDEMPOTENCE": "false"}

    def of(self, data_dir: Path) -> Settings:
        """Settings of a data folder, for this broker."""
        return Settings(data_dir=data_dir, kafka_bootstrap_servers=self.own.address, kafka_idempotence=False)

    def empty(self) -> None:
        """Make all topics again."""
        admin = AdminClient(client_options(self.settings))
        for future in admin.delete_topics(list(ALL_TOPICS)).values():
            future.result()
        make_topics(self.settings)

    def make_again(self, topic: str, partitions: int = 3) -> None:
        admin = AdminClient(client_options(self.settings))
        admin.delete_topics([topic])[topic].result()
        make_topics(self.settings.model_copy(update={"kafka_partitions": partitions}), (topic,))

    def send(self, count: int, first: int = 0) -> None:
        """Flight events, by their numbers."""
        delivery = Delivery(self.settings)
        for number, (taken_at, key, document) in enumerate(flight_events(first + count)):
            if number >= first:
                stamp = int(taken_at.timestamp() * 1000)
                delivery.send("flight-events", key.encode(), document.encode(), timestamp=stamp)
        delivery.wait()

    def send_value(self, value: bytes | None, topic: str = "flight-events", key: bytes = b"poison") -> None:
        delivery = Delivery(self.settings)
        delivery.send(topic, key, value, timestamp=1_356_000_000_000)
        delivery.wait()

    def kill(self) -> None:
        """End it at once, and start it again on what it has kept."""
        process = self.own.process_id()
        assert process is not None
        os.kill(process, signal.SIGKILL)
        while self.own.process_id() is not None:
            time.sleep(0.01)
        self.own.start()


@contextmanager
def running_broker(data_dir: Path) -> Iterator[Broker]:
    """A broker with its topics, for as long as the context lasts."""
    settings = Settings(data_dir=data_dir)
    broker = DemoBroker.of(settings)
    broker.start()
    try:
        make_topics(settings)
        yield Broker(broker, settings)
    finally:
        broker.stop()


def run_sink(settings: Settings, stop: Event | None = None, **options) -> Sink:
    """One run of the sink in this process, to the end of all partitions."""
    limits = BatchLimits(records=options.pop("records", 50_000), seconds=options.pop("seconds", 0.3))
    sink = Sink(
        settings,
        Metrics(CollectorRegistry()),
        None,
        lambda _line: None,
        limits=limits,
        until_end=stop is None,
        **options,
    )
    sink.run(stop or Event())
    return sink
