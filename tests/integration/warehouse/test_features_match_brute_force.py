"""The windowed features of random facts, at random instants, are what counting them one by one gives."""

from datetime import datetime, timedelta
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from macro_text import render

START = datetime(2013, 3, 9)
WINDOWS = {"1h": 60, "3h": 180, "2d": 2880}
TABLE = (
    "create or replace temp table facts (entity varchar, occurred_at timestamp, known_at timestamp,"
    " superseded_at timestamp, amount integer, number integer)"
)
EMPTY = [0, 0, None] * len(WINDOWS)
MACRO = """
{{ rolling_features('facts', ['entity'], {'total': 'amount', 'flights': 'number', 'mean': ['amount', 'number']},
                    ['1h', '3h', '2d']) }}
"""
CARRIED = MACRO.replace("'2d'])", "'2d'], carried='carried')")
SUMS = [f"pair_1_{window}" for window in WINDOWS]


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


@st.composite
def facts(draw):
    """Chains of versions: each holds from its correction until the next one, the first from when it occurred.

    A correction that comes before the fact, or at once with the next one, leaves a version that never holds; one that
    only takes away leaves none.
    """
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        entity = draw(st.sampled_from(["A", "B", None]))
        corrections = sorted(draw(st.lists(st.integers(0, 400).map(lambda n: n * 10), max_size=4)))
        for corrected_at, superseded_at in zip([None, *corrections], [*corrections, None], strict=True):
            if draw(st.integers(0, 3)) == 0:
                continue
            occurred_at = draw(st.integers(0, 400).map(lambda n: n * 10 if n % 2 else n))
            rows.append(
                (
                    entity,
                    minute(occurred_at),
                    minute(max(occurred_at, corrected_at or 0)),
                    None if superseded_at is None else minute(superseded_at),
                    draw(st.integers(-30, 300)),
                    draw(st.integers(0, 1)),
                )
            )
    return rows


def brute_force(rows, entity, window_minutes, at):
    counted = [
        (amount, number)
        for owner, occurred_at, known_at, superseded_at, amount, number in rows
        if owner == entity
        and known_at <= at
        and (superseded_at is None or at < superseded_at)
        and at - timedelta(minutes=window_minutes) < occurred_at
    ]
    total, flights = sum(amount for amount, _ in counted), sum(number for _, number in counted)
    return total, flights, total / flights if flights else None


@pytest.fixture(scope="module")
def steps_of():
    """The step function of facts."""
    sql = render(MACRO)
    with duckdb.connect() as connection:

        def steps(rows):
            connection.execute(TABLE)
            if rows:
                connection.executemany("insert into facts values (?, ?, ?, ?, ?, ?)", rows)
            return connection.execute(
                f"select * exclude (known_month) from ({sql}) order by entity, known_at"
            ).fetchall()

        yield steps


def in_force(steps, entity, at):
    rows = [row for row in steps if row[0] == entity and row[-1] <= at]
    return list(rows[-1][1:-1]) if rows else EMPTY


@settings(max_examples=150, deadline=None)
@given(rows=facts(), instants=st.lists(st.integers(-10, 7200), min_size=1, max_size=12))
def test_every_value_at_every_instant(steps_of, rows, instants):
    steps = steps_of(rows)
    edges = [known_at for _, _, known_at, *_ in rows]
    edges += [occurred_at + timedelta(minutes=w) for _, occurred_at, *_ in rows for w in WINDOWS.values()]
    edges += [superseded_at for _, _, _, superseded_at, *_ in rows if superseded_at]
    for at in {*edges, *(minute(n) for n in instants)}:
        for entity in ("A", "B"):
            expected = [v for minutes in WINDOWS.values() for v in brute_force(rows, entity, minutes, at)]
            assert in_force(steps, entity, at) == expected, (entity, at)


@settings(max_examples=50, deadline=None)
@given(rows=facts())
def test_a_row_stands_only_where_a_value_changes(steps_of, rows):
    before = {}
    for entity, *values, known_at in steps_of(rows):
        assert values != before.get(entity, EMPTY), (entity, known_at)
        before[entity] = values
    assert None not in before


@settings(max_examples=50, deadline=None)
@given(rows=facts(), build_from=st.integers(0, 4000))
def test_building_again_from_an_instant_needs_only_what_the_longest_window_reaches(steps_of, rows, build_from):
    reach = minute(build_from) - timedelta(minutes=max(WINDOWS.values()))
    whole = [row for row in steps_of(rows) if row[-1] >= minute(build_from)]
    within_reach = [row for row in rows if row[1] >= reach]
    again = [row for row in steps_of(within_reach) if row[-1] >= minute(build_from)]
    assert again == whole


@pytest.fixture(scope="module")
def steps_in_parts():
    """The step function of facts, computed from instant to instant on the sums of the part before."""
    sql = render(CARRIED, "--target=stream")
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} bigint" for name in SUMS)
        connection.execute(f"create temp table carried (entity varchar, known_at timestamp, {columns})")

        def steps(rows, instants):
            connection.execute(TABLE)
            connection.execute("delete from carried")
            if rows:
                connection.executemany("insert into facts values (?, ?, ?, ?, ?, ?)", rows)
            found = []
            for after, until in pairwise(["-infinity", *map(str, instants), "infinity"]):
                connection.execute(f"set variable features_after = timestamp '{after}'")
                connection.execute(f"set variable features_until = timestamp '{until}'")
                connection.execute(f"create or replace temp table part as from ({sql})")
                found += connection.execute(f"select * exclude (known_month, {', '.join(SUMS)}) from part").fetchall()
                connection.execute(
                    f"create or replace temp table carried as select entity, known_at, {', '.join(SUMS)}"
                    f" from (from part union all by name from carried)"
                    " qualify row_number() over (partition by entity order by known_at desc) = 1"
                )
            return sorted(found, key=lambda row: (row[0], row[-1]))

        yield steps


@settings(max_examples=80, deadline=None)
@given(rows=facts(), instants=st.lists(st.integers(-10, 7200).map(minute), max_size=6, unique=True).map(sorted))
def test_parts_on_carried_sums_are_the_whole(steps_of, steps_in_parts, rows, instants):
    assert steps_in_parts(rows, instants) == steps_of(rows)
