"""What is known of aircraft from random movements, at random instants, is what looking at them one by one gives."""

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from macro_text import render

START = datetime(2013, 3, 9)
DAY, REACH = timedelta(days=1), timedelta(days=28)
MINUTE = timedelta(minutes=1)
TABLE = (
    "create or replace temp table facts (flight_key varchar, version_number integer, event_type varchar,"
    " tail_number varchar, departure_delay_minutes integer, arrival_delay_minutes integer, occurred_at timestamp,"
    " known_at timestamp, superseded_at timestamp)"
)
# stands for an instant that a test puts in
FROM = "from then on"
NOTHING_KNOWN = (0, None, None, None, None)
# few, and a window's length apart: many of them meet each other and the ends of windows
INSTANTS = st.builds(
    lambda day, minutes: START + timedelta(days=day, minutes=minutes),
    st.sampled_from([0, 1, 2, 27, 28, 29, 56]),
    st.sampled_from([0, 1, 719, 720]),
)


@dataclass(frozen=True)
class Movement:
    """A version of a departure or an arrival."""

    flight: str
    version: int
    kind: str
    tail: str | None
    departure_delay: int | None
    arrival_delay: int | None
    occurred_at: datetime
    known_at: datetime
    superseded_at: datetime | None

    def stands(self, at: datetime, window: timedelta) -> bool:
        return (
            self.known_at <= at
            and (self.superseded_at is None or at < self.superseded_at)
            and at - window < self.occurred_at <= at
        )

    @property
    def edges(self) -> set[datetime]:
        ends = {self.occurred_at + DAY, self.occurred_at + REACH}
        return {self.known_at, *ends} | ({self.superseded_at} if self.superseded_at else set())


@st.composite
def movements(draw):
    """Flights with their versions: each holds until the next correction, and some corrections only take away.

    A correction that comes before the movement, or at once with the next one, leaves a version that never holds.
    """
    found = []
    for flight in range(draw(st.integers(1, 5))):
        corrections = sorted(draw(st.lists(INSTANTS, max_size=3)))
        chain = zip([None, *corrections], [*corrections, None], strict=True)
        for version, (corrected_at, superseded_at) in enumerate(chain, start=1):
            tail = draw(st.sampled_from(["A", "B", None]))
            for kind in draw(st.sets(st.sampled_from(["departure", "arrival"]))):
                occurred_at, delay = draw(INSTANTS), draw(st.integers(-2, 2))
                found.append(
                    Movement(
                        f"f{flight}",
                        version,
                        kind,
                        tail,
                        delay if kind == "departure" else None,
                        # a diverted flight may arrive with no delay reported
                        draw(st.sampled_from([delay, None])) if kind == "arrival" else None,
                        occurred_at,
                        max(occurred_at, corrected_at or occurred_at),
                        superseded_at,
                    )
                )
    return found


def brute_force(facts: list[Movement], tail: str, at: datetime) -> tuple:
    """What is known of an aircraft at an instant: in the order of the columns."""
    own = [fact for fact in facts if fact.tail == tail]
    legs = sum(fact.kind == "departure" and fact.stands(at, DAY) for fact in own)
    last = {}
    for kind in ("departure", "arrival"):
        standing = [fact for fact in own if fact.kind == kind and fact.stands(at, REACH)]
        last[kind] = max(standing, key=lambda f: (f.occurred_at, f.known_at, f.flight, f.version), default=None)
    departure, arrival = last["departure"], last["arrival"]
    return (
        legs,
        departure and departure.departure_delay,
        arrival and arrival.arrival_delay,
        departure and departure.occurred_at,
        arrival and arrival.occurred_at,
    )


@pytest.fixture(scope="module")
def steps_of():
    """The step function of movements, from an instant on or whole."""
    whole = render("{{ aircraft_rotation('facts') }}")
    part = render(f"{{{{ aircraft_rotation('facts', '{FROM}') }}}}")
    assert part.count(FROM) == 1
    with duckdb.connect() as connection:

        def steps(facts: list[Movement], build_from: datetime | None = None) -> list[tuple]:
            connection.execute(TABLE)
            if facts:
                connection.executemany(f"insert into facts values ({', '.join('?' * 9)})", [astuple(f) for f in facts])
            sql = part.replace(FROM, str(build_from)) if build_from else whole
            return connection.execute(
                f"select * exclude (known_month) from ({sql}) order by tail_number, known_at"
            ).fetchall()

        yield steps


def in_force(steps: list[tuple], tail: str, at: datetime) -> tuple:
    rows = [row for row in steps if row[0] == tail and row[-1] <= at]
    return rows[-1][1:-1] if rows else NOTHING_KNOWN


@settings(max_examples=250, deadline=None)
@given(facts=movements(), instants=st.lists(INSTANTS, max_size=5))
def test_every_value_at_every_instant(steps_of, facts, instants):
    steps = steps_of(facts)
    edges = {edge for fact in facts for edge in fact.edges}
    for at in {*edges, *(edge - MINUTE for edge in edges), *instants}:
        for tail in ("A", "B"):
            assert in_force(steps, tail, at) == brute_force(facts, tail, at), (tail, at)


@settings(max_examples=80, deadline=None)
@given(facts=movements())
def test_a_row_stands_only_where_a_value_changes(steps_of, facts):
    before = {}
    for tail, *values, known_at in steps_of(facts):
        assert tuple(values) != before.get(tail, NOTHING_KNOWN), (tail, known_at)
        before[tail] = tuple(values)
    assert None not in before


@settings(max_examples=80, deadline=None)
@given(facts=movements(), build_from=INSTANTS)
def test_building_again_from_an_instant_needs_only_what_the_longest_window_reaches(steps_of, facts, build_from):
    whole = [row for row in steps_of(facts) if row[-1] >= build_from]
    within_reach = [fact for fact in facts if fact.occurred_at >= build_from - REACH]
    assert steps_of(within_reach, build_from) == whole
