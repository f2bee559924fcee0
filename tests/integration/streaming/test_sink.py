import json
import shutil
import signal
import time
from threading import Event, Thread
from urllib.request import urlopen

import pyarrow.parquet as pq
import pytest
from broker_fixture import run_sink, running_broker
from sample_files import query, run_ingest, run_ontime, start_ontime
from small_disk import small_disk

from ingestion.landing import Landing
from ingestion.sources.events.landed import landed_ranges
from streaming.broker.topics import Topic, find_topics
from streaming.sink import sink as sink_module
from streaming.sink.positions import positions_file, read_state


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def broker(running):
    """A broker whose topics are new and empty."""
    running.empty()
    return running


@pytest.fixture
def settings(broker, tmp_path):
    return broker.of(tmp_path / "data")


def landed_places(settings):
    """Topic, generation, partition and offset of each record in landing."""
    paths = sorted((settings.data_dir / "landing" / "events").rglob("*.parquet"))
    columns = ["topic", "topic_generation", "topic_partition", "topic_offset"]
    return [tuple(row.values()) for path in paths for row in pq.read_table(path, columns=columns).to_pylist()]


def landed_numbers(settings):
    """The numbers in the documents in landing, which tell events apart wherever they stand."""
    paths = sorted((settings.data_dir / "landing" / "events").rglob("*.parquet"))
    documents = [text for path in paths for text in pq.read_table(path, columns=["document"])["document"].to_pylist()]
    return sorted(json.loads(text)["number"] for text in documents)


def wait_for(happened, seconds=30):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_each_record_lands_once_over_any_number_of_runs(broker, settings):
    broker.send(2_000)
    assert run_sink(settings, records=500).landed == 2_000
    assert run_sink(settings).landed == 0
    broker.send(1_000, first=2_000)
    assert run_sink(settings).landed == 1_000
    assert landed_numbers(settings) == list(range(3_000))


def test_what_landing_lost_is_landed_again_at_the_same_places(broker, settings, tmp_path):
    broker.send(1_000)
    run_sink(settings)
    shutil.copytree(settings.data_dir / "landing", tmp_path / "old")
    broker.send(1_000, first=1_000)
    run_sink(settings)
    run_ingest(settings, "events")
    shutil.rmtree(settings.data_dir / "landing")
    (tmp_path / "old").rename(settings.data_dir / "landing")
    broker.send(500, first=2_000)
    run_sink(settings)
    run_ingest(settings, "events")
    counts = query(
        settings.raw_database,
        "select count(distinct (topic_generation, topic_partition, topic_offset)), count(distinct document)"
        " from raw_events.flight_events",
    )
    assert counts == [(2_500, 2_500)]


@pytest.mark.parametrize("count", [300, 3_000], ids=["shorter", "longer"])
def test_a_topic_made_again_is_another_generation(broker, settings, count):
    broker.send(1_000)
    run_sink(settings)
    broker.make_again("flight-events")
    broker.send(count, first=10_000)
    run_sink(settings)
    assert landed_numbers(settings) == [*range(1_000), *range(10_000, 10_000 + count)]
    assert {generation for _, generation, *_ in landed_places(settings)} == {1, 2}
    assert run_sink(settings).landed == 0


def test_a_topic_made_again_while_the_sink_runs_is_another_generation(broker, tmp_path):
    """The client's library may not survive it; a sink that is started again, as a supervisor does, goes on."""
    settings = broker.of(tmp_path / "data")
    broker.send(200)
    process = start_ontime(settings.data_dir, "sink", "--batch-seconds", "0.2", env=broker.variables())
    wait_for(lambda: len(landed_places(settings)) == 200)
    broker.make_again("flight-events")
    broker.send(1_000, first=10_000)
    try:
        wait_for(lambda: len(landed_places(settings)) == 1_200 or process.poll() is not None)
    finally:
        process.kill()
        process.communicate()
    run_sink(settings)
    assert landed_numbers(settings) == [*range(200), *range(10_000, 11_000)]
    assert len(set(landed_places(settings))) == 1_200


def test_a_partition_that_is_added_is_read_from_its_beginning(broker, settings, monkeypatch):
    """No broker that a test can start adds partitions, so one is kept from the sink's eyes at first."""
    hidden = 1

    def find_some(settings):
        return {name: Topic(topic.topic_id, topic.partitions - hidden) for name, topic in find_topics(settings).items()}

    monkeypatch.setattr(sink_module, "find_topics", find_some)
    broker.send(1_000)
    stop = Event()
    thread = Thread(target=run_sink, args=(settings, stop))
    thread.start()
    try:
        wait_for(lambda: len(landed_places(settings)) > 0)
        assert len(landed_places(settings)) < 1_000
        hidden = 0
        wait_for(lambda: len(landed_places(settings)) == 1_000)
    finally:
        stop.set()
        thread.join()
    assert landed_numbers(settings) == list(range(1_000))


def test_the_positions_tell_how_far_the_sink_is(broker, settings):
    broker.send(600)
    broker.send_value(b"no JSON")
    run_sink(settings)
    state = read_state(positions_file(settings))
    ranges = {(one.partition.topic, one.partition.partition): one.last for one in landed_ranges(Landing(settings))}
    told = {position.place: position for position in state.positions}
    assert {place: told[place].next_offset for place in ranges} == {place: last + 1 for place, last in ranges.items()}
    assert len(told) == 6
    assert all(position.end_seen_at is not None and position.lag == 0 for position in told.values())
    assert sum(position.dead_letters for position in told.values()) == 1
    # the poison's instant is before those of the events
    assert sum(position.late for position in told.values()) == 1


def test_a_sink_that_is_asked_to_stop_lands_what_it_has_and_ends_well(broker, tmp_path):
    broker.send(1_000)
    data_dir = tmp_path / "data"
    process = start_ontime(data_dir, "sink", env=broker.variables())
    wait_for(lambda: positions_file(broker.of(data_dir)).exists())
    wait_for(
        lambda: sum(position.next_offset for position in read_state(positions_file(broker.of(data_dir))).positions)
    )
    port = read_state(positions_file(broker.of(data_dir))).metrics_port
    metrics = urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
    assert 'ontime_stream_lag_records{partition="0",topic="flight-events"}' in metrics
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Landed 1,000 records" in output
    assert landed_numbers(broker.of(data_dir)) == list(range(1_000))


def test_a_sink_without_a_broker_waits_for_one_and_ends_well_when_asked(settings, tmp_path):
    variables = {"ONTIME_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    process = start_ontime(tmp_path / "data", "sink", env=variables)
    for line in process.stderr:
        if "waiting: the broker at 127.0.0.1:1 does not answer" in line:
            break
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Landed 0 records" in output


def test_a_full_disk_ends_the_sink_and_what_was_landed_is_whole(broker, tmp_path):
    broker.send(20_000)
    with small_disk(tmp_path / "disk") as disk:
        settings = broker.of(disk.folder / "data")
        disk.leave(300_000)
        command = ("sink", "--until-end", "--batch-records", "2000")
        full = run_ontime(settings.data_dir, *command, env=broker.variables())
        assert full.returncode == 1
        assert "is full: free space there, then run the same command again" in full.stderr
        disk.make_room()
        assert 0 < run_sink(settings).landed <= 20_000
        assert landed_numbers(settings) == list(range(20_000))
