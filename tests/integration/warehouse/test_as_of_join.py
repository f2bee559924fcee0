"""as_of_join finds what one search per row finds, in each of its forms."""

from datetime import datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from macro_text import render

START = datetime(2013, 3, 9)
FORMS = ("as_of_join", "default__as_of_join", "postgres__as_of_join")
CALL = (
    "{{{{ {form}('spine', 'features', {keys}, 'asked_at', ['value'], 'f', 'known_at', "
    "{event_at}, {max_age_minutes}) }}}}"
)
KEYS = "[('airport', 'airport'), ('line', 'carrier')]"

keys = st.tuples(st.sampled_from(["JFK", "EWR", None]), st.sampled_from(["AA", None, "UA"]))
minutes = st.integers(0, 40)


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


def join_text(form: str, event_at: str = "none", max_age_minutes: str = "none") -> str:
    pairs = KEYS if "__" in form else "{'airport': 'airport', 'line': 'carrier'}"
    return render(CALL.format(form=form, keys=pairs, event_at=event_at, max_age_minutes=max_age_minutes))


@pytest.fixture(scope="module", params=FORMS)
def joins(request):
    """Each kind of join as a function of spine and features, in one of its forms."""
    texts = {
        "plain": join_text(request.param),
        "aged": join_text(request.param, max_age_minutes="10"),
        "bitemporal": join_text(request.param, "'event_at'"),
    }
    with duckdb.connect() as connection:

        def join(kind, spine, features):
            connection.execute(
                "create or replace temp table spine"
                " (position integer, airport varchar, line varchar, asked_at timestamp);"
                "create or replace temp table features"
                " (airport varchar, carrier varchar, event_at timestamp, known_at timestamp, value integer)"
            )
            for table, rows in (("spine", spine), ("features", features)):
                for row in rows:
                    connection.execute(f"insert into {table} values ({', '.join('?' * len(row))})", row)
            return connection.execute(f"select * from ({texts[kind]}) order by position").fetchall()

        yield join


def visible(features, key, at):
    return [row for row in features if None not in key and row[:2] == key and max(row[2], row[3]) <= at]


spines = st.lists(st.tuples(keys, minutes), max_size=8).map(
    lambda rows: [(n, *key, minute(at)) for n, (key, at) in enumerate(rows + rows[:2])]
)
unique_features = st.lists(st.tuples(keys, minutes), max_size=12, unique=True).map(
    lambda rows: [(*key, minute(at), minute(at), value) for value, (key, at) in enumerate(rows)]
)
bitemporal_features = st.lists(st.tuples(keys, minutes, minutes), max_size=12, unique=True).map(
    lambda rows: [(*key, minute(event), minute(known), value) for value, (key, event, known) in enumerate(rows)]
)


@settings(max_examples=60, deadline=None)
@given(spine=spines, features=unique_features)
def test_finds_the_newest_row_known_by_then(joins, spine, features):
    found = joins("plain", spine, features)
    assert [row[:4] for row in found] == spine
    for (_, airport, line, at), row in zip(spine, found, strict=True):
        candidates = visible(features, (airport, line), at)
        newest = max(candidates, key=lambda feature: feature[3], default=None)
        assert row[4:] == ((newest[4], newest[3]) if newest else (None, None))


@settings(max_examples=60, deadline=None)
@given(spine=spines, features=unique_features)
def test_gives_nulls_and_the_age_where_the_row_is_too_old(joins, spine, features):
    found = joins("aged", spine, features)
    assert [row[:4] for row in found] == spine
    for (_, airport, line, at), row in zip(spine, found, strict=True):
        newest = max(visible(features, (airport, line), at), key=lambda feature: feature[3], default=None)
        if newest is None:
            assert row[4:] == (None, None, None)
        else:
            age = (at - newest[3]).seconds // 60
            assert row[4:] == (newest[4] if age <= 10 else None, age, newest[3])


@settings(max_examples=60, deadline=None)
@given(spine=spines, features=bitemporal_features)
def test_finds_the_latest_event_that_was_visible(joins, spine, features):
    found = joins("bitemporal", spine, features)
    assert [row[:4] for row in found] == spine
    for (_, airport, line, at), row in zip(spine, found, strict=True):
        candidates = visible(features, (airport, line), at)
        # of one event the version known last counts
        latest = max(candidates, key=lambda feature: (feature[2], feature[3]), default=None)
        assert row[4] == (latest[4] if latest else None)


def test_gives_rows_back_in_the_order_of_the_caller():
    call = "{{ as_of_join('spine', 'features', ['airport'], 'asked_at', ['value'], 'f', order_by='position') }}"
    with duckdb.connect() as connection:
        connection.execute(
            "create table spine as select n as position, 'JFK' as airport, timestamp '2013-03-09'"
            " + hash(n) % 5000 * interval 1 minute as asked_at from range(20000) as numbers (n)"
        )
        connection.execute(
            "create table features as select 'JFK' as airport, n as value,"
            " timestamp '2013-03-09' + n * interval 7 minute as known_at from range(500) as numbers (n)"
        )
        found = connection.execute(render(call)).fetchall()
    assert [row[0] for row in found] == list(range(20000))
    assert all(row[3] == int((row[2] - START).total_seconds()) // 420 for row in found if row[3] < 499)
