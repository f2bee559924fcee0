import time

from streaming.replay.clock import SimulatedClock


def test_a_clock_of_600_needs_a_second_for_ten_minutes():
    clock = SimulatedClock(started_at=1_000_000, speed=600)
    assert 0.9 < clock.seconds_until(1_000_000 + 600_000) <= 1.0


def test_what_is_past_is_due_at_once():
    clock = SimulatedClock(started_at=1_000_000, speed=600)
    assert clock.seconds_until(999_000) == 0
    time.sleep(0.01)
    assert clock.seconds_until(1_000_000 + 5_000) == 0


def test_the_fastest_clock_never_waits():
    assert SimulatedClock(started_at=0, speed=None).seconds_until(10**15) == 0
