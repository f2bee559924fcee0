import signal
import time

import pytest
from broker_fixture import running_broker
from sample_files import query, run_ontime, start_ontime

from streaming.broker.log import read_from

DAYS = ("--start", "2013-02-08", "--end", "2013-02-09")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def broker(running):
    running.empty()
    return running


@pytest.fixture
def settings(broker, dev_warehouse, tmp_path):
    """Settings of a data folder whose warehouse is that of the first quarter."""
    settings = broker.of(tmp_path / "data")
    settings.data_dir.mkdir()
    settings.warehouse_database.symlink_to(dev_warehouse.settings.warehouse_database)
    return settings


def sent(broker, topics=("flight-events", "weather-reports")):
    """What the broker holds: topic, partition, offset, instant, key and document."""
    places = {(topic, number): 0 for topic in topics for number in range(3)}
    return [
        (message.topic(), message.partition(), message.offset(), message.timestamp()[1], message.key(), message.value())
        for message in read_from(broker.settings, places)
    ]


@pytest.mark.slow
def test_two_days_reach_raw_through_kills_of_all_that_moves_them(broker, settings):
    """Each is killed once; a broken message, a tombstone and one of a newer version stand among the events."""
    environment = broker.variables()
    sink = start_ontime(settings.data_dir, "sink", "--batch-seconds", "0.2", env=environment)
    replay = start_ontime(settings.data_dir, "replay", *DAYS, "--speed", "7200", env=environment)
    broker.send_value(b"{broken")
    deadline = time.monotonic() + 60
    while len(sent(broker)) < 500:
        assert time.monotonic() < deadline
    replay.kill()
    replay.communicate()
    broker.kill()
    sink.kill()
    sink.communicate()
    broker.send_value(None)
    broker.send_value(b'{"schema_version": 99}')
    resumed = run_ontime(settings.data_dir, "replay", *DAYS, "--speed", "max", env=environment)
    assert resumed.returncode == 0, resumed.stderr
    last = run_ontime(settings.data_dir, "sink", "--until-end", "--load", env=environment)
    assert last.returncode == 0, last.stderr

    records = sent(broker)
    documents = {(topic, key, value) for topic, *_, key, value in records}
    assert len(documents) == len(records), "nothing is sent twice"
    rows = query(
        settings.raw_database,
        """
        select topic, topic_generation, topic_partition, topic_offset from raw_events.flight_events
        union all select topic, topic_generation, topic_partition, topic_offset from raw_events.weather_reports
        union all select topic, topic_generation, topic_partition, topic_offset from raw_events.dead_letters
        """,
    )
    assert sorted(rows) == sorted((topic, 1, partition, offset) for topic, partition, offset, *_ in records)
    assert query(settings.raw_database, "select count(*) from raw_events.dead_letters") == [(3,)]


def test_a_replay_keeps_to_its_clock_and_goes_on_where_it_was_stopped(broker, settings):
    environment = broker.variables()
    process = start_ontime(settings.data_dir, "replay", "--start", "2013-02-08", "--speed", "3600", env=environment)
    deadline = time.monotonic() + 60
    while len(sent(broker)) < 100:
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Run the same command again to go on" in output
    before = len(sent(broker))
    whole = run_ontime(settings.data_dir, "replay", "--start", "2013-02-08", "--speed", "max", env=environment)
    assert whole.returncode == 0, whole.stderr
    records = sent(broker)
    assert before < len(records) == len({(topic, key, value) for topic, *_, key, value in records})
    for topic in ("flight-events", "weather-reports"):
        for partition in range(3):
            instants = [stamp for name, number, _, stamp, *_ in records if (name, number) == (topic, partition)]
            assert instants == sorted(instants)


def test_a_day_that_is_none_is_refused(tmp_path):
    refused = run_ontime(tmp_path, "replay", "--start", "2013-02-30")
    assert refused.returncode == 2
    assert "is no day" in refused.stderr
