"""Events a second of `ontime sink`, over those of a bare consumer that only counts, from the same broker; peak memory.

They take turns, each in a process of its own, and the best of each counts. The time of the sink is that of all its
work: from asking landing where to begin, to the last file with its manifest.
"""

import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from threading import Event
from typing import NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from prometheus_client import CollectorRegistry

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from streamed_events import send

from ontime.settings import Settings
from streaming.broker.client import consumer_options
from streaming.broker.demo import DemoBroker
from streaming.broker.log import is_end
from streaming.broker.topics import make_topics
from streaming.sink.metrics import Metrics
from streaming.sink.sink import Sink

EVENTS = 300_000
RUNS = 3
WANTED = 0.5
MOST_MEGABYTES = 500
PLACES = [("flight-events", number) for number in range(3)]


class Measured(NamedTuple):
    """One run of a consumer."""

    seconds: float
    processor_seconds: float
    peak_kilobytes: int


def main() -> None:
    processes = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="ontime-") as name:
        settings = Settings(data_dir=Path(name))
        broker = DemoBroker.of(settings)
        broker.start()
        try:
            make_topics(settings)
            send(settings, EVENTS)
            bare, sunk = [], []
            for _ in range(RUNS):
                for work, results in ((count_only, bare), (sink, sunk)):
                    with processes.Pool(1) as pool:
                        results.append(pool.apply(work, (settings,)))
        finally:
            broker.stop()
    bare_seconds, sink_seconds = (min(one.seconds for one in results) for results in (bare, sunk))
    megabytes = max(one.peak_kilobytes for one in sunk) / 1024
    print(f"bare consumer: {EVENTS / bare_seconds:>9,.0f} events/s (best of {RUNS}: {bare_seconds:.2f} s)")
    print(f"ontime sink:   {EVENTS / sink_seconds:>9,.0f} events/s (best of {RUNS}: {sink_seconds:.2f} s)")
    for name, results in (("bare consumer", bare), ("ontime sink", sunk)):
        print(f"processor time of the {name}, with its start: {min(one.processor_seconds for one in results):.2f} s")
    print(f"ratio: {bare_seconds / sink_seconds:.2f} (wanted: {WANTED})")
    print(f"peak memory of the sink: {megabytes:,.0f} MB (wanted: {MOST_MEGABYTES} at the most)")


def count_only(settings: Settings) -> Measured:
    started, counted, ended = time.perf_counter(), 0, 0
    consumer = Consumer(consumer_options(settings))
    consumer.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in PLACES])
    while ended < len(PLACES):
        for message in consumer.consume(10_000, 0.1):
            if message.error() is None:
                counted += 1
            else:
                ended += is_end(message)
    seconds = time.perf_counter() - started
    consumer.close()
    assert counted == EVENTS, counted
    return Measured(seconds, time.process_time(), _peak_memory())


def sink(settings: Settings) -> Measured:
    shutil.rmtree(settings.landing_url, ignore_errors=True)
    started = time.perf_counter()
    running = Sink(settings, Metrics(CollectorRegistry()), None, lambda _line: None, until_end=True)
    running.run(Event())
    seconds = time.perf_counter() - started
    assert running.landed == EVENTS, running.landed
    return Measured(seconds, time.process_time(), _peak_memory())


def _peak_memory() -> int:
    """Of this process, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
