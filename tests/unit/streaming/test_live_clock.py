"""Until when features can be computed, by what the sink and landing tell."""

from datetime import UTC, datetime, timedelta

from ingestion.sources.events.records import TopicPartition
from streaming.live.clock import complete_until
from streaming.live.landed_records import Position
from streaming.sink.positions import Position as SinkPosition

FIRST, SECOND = TopicPartition("flight-events", 1, 0), TopicPartition("flight-events", 1, 1)
HOLD_BACK = timedelta(seconds=2)
NOON = datetime(2013, 2, 8, 12)


def read(taken_at: datetime) -> Position:
    return Position(7, taken_at, "2013-02-08")


def sink(place: TopicPartition, **values) -> SinkPosition:
    return SinkPosition(place.topic, place.partition, place.generation, 7, **values)


def test_the_partition_that_is_furthest_behind_counts():
    behind = NOON - timedelta(minutes=5)
    positions = {FIRST: read(NOON), SECOND: read(behind)}
    told = [sink(FIRST, lag=3), sink(SECOND, lag=3)]
    assert complete_until(positions, told, set(), HOLD_BACK) == behind - HOLD_BACK


def test_a_partition_that_was_read_to_its_end_keeps_nobody_waiting():
    positions = {FIRST: read(NOON), SECOND: read(NOON - timedelta(hours=3))}
    told = [sink(FIRST, lag=3), sink(SECOND, end_seen_at=datetime(2026, 1, 1))]
    assert complete_until(positions, told, set(), HOLD_BACK) == NOON - HOLD_BACK


def test_without_events_time_goes_on():
    now = datetime.now(UTC).replace(tzinfo=None)
    positions = {FIRST: read(now - timedelta(hours=2))}
    told = [sink(FIRST, end_seen_at=now)]
    assert complete_until(positions, told, set(), HOLD_BACK) == now - HOLD_BACK


def test_a_clock_that_runs_ahead_moves_nothing_past_now():
    now = datetime.now(UTC).replace(tzinfo=None)
    positions = {FIRST: read(now - timedelta(hours=2))}
    until = complete_until(positions, [sink(FIRST, end_seen_at=now + timedelta(hours=5))], set(), HOLD_BACK)
    assert until is not None
    assert until < now + timedelta(minutes=1)


def test_what_landed_and_was_not_read_is_waited_for():
    assert complete_until({FIRST: read(NOON)}, [], {SECOND}, HOLD_BACK) is None
    assert complete_until({FIRST: read(NOON)}, [], {FIRST}, HOLD_BACK) == NOON - HOLD_BACK


def test_without_records_there_is_no_clock():
    assert complete_until({}, [sink(FIRST, end_seen_at=NOON)], set(), HOLD_BACK) is None
