"""Both stores keep the newest row of each entity, whatever comes in which order, and give the same answers."""

import time
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from online_fixture import AIRCRAFT, CATALOGUE, START, aircraft_rows, running_redis

from feature_store.online.excluded import MOMENT_SECONDS, SEED, ExcludedAircraft
from feature_store.online.features import OnlineFeatures, Status
from feature_store.online.records import STREAMED, RowFormat, pack_header, read_record, to_microseconds
from feature_store.online.redis_store import RedisStore
from feature_store.online.sqlite_store import SqliteStore
from ontime.errors import OntimeError

FORMAT = RowFormat(AIRCRAFT)
N1 = FORMAT.pack_key({"tail_number": "N1AA"})


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="module")
def both(redis_url, tmp_path_factory):
    stores = [SqliteStore(tmp_path_factory.mktemp("sqlite") / "online.sqlite"), RedisStore(redis_url)]
    yield stores
    for store in stores:
        store.close()


@pytest.fixture(params=["sqlite", "redis"])
def store(request, both):
    chosen = both[request.param == "redis"]
    chosen.drop(FORMAT.relation)
    return chosen


@pytest.fixture
def project(tmp_path):
    (tmp_path / SEED).parent.mkdir()
    (tmp_path / SEED).write_text("tail_number,excluded_on,reason\n")
    return tmp_path


def write(store, *rows, version=1):
    store.write(FORMAT.relation, FORMAT.pack_rows(aircraft_rows(*rows), version))


def read(store, project, entity, at=START, features=None):
    (answer,) = OnlineFeatures(CATALOGUE, store, ExcludedAircraft(project)).read([entity], features, at)
    return answer


def test_values_come_back_exactly(store, project):
    write(
        store,
        {
            "tail_number": "N1AA",
            "known_at": START,
            "legs": 2**53 + 1,
            "share": 0.1,
            "last_at": START - timedelta(minutes=3, microseconds=1),
            "celsius": Decimal("-3.5"),
            "is_old": False,
        },
    )
    found = read(store, project, {"tail_number": "N1AA"}, START + timedelta(microseconds=5))
    assert found.values == {
        "aircraft__legs": 2**53 + 1,
        "aircraft__share": 0.1,
        "aircraft__last_at": START - timedelta(minutes=3, microseconds=1),
        "aircraft__celsius": Decimal("-3.5"),
        "aircraft__is_old": False,
        "aircraft__last_age_minutes": 3,
        "aircraft__known_at": START,
    }
    assert set(found.statuses.values()) == {Status.PRESENT}


def test_each_kind_of_nothing_has_its_own_answer(store, project):
    write(store, {"tail_number": "N1AA", "known_at": START})
    entity, legs = {"tail_number": "N1AA"}, "aircraft:legs"
    hour = timedelta(hours=1)
    assert read(store, project, entity, START, legs).statuses["aircraft__legs"] == Status.NULL_VALUE
    assert read(store, project, entity, START + hour, legs).statuses["aircraft__known_at"] == Status.PRESENT
    old = read(store, project, entity, START + hour + timedelta(microseconds=1), legs)
    assert set(old.statuses.values()) == {Status.OUTSIDE_MAX_AGE}
    assert set(old.values.values()) == {None}
    before = read(store, project, entity, START - timedelta(microseconds=1), legs)
    assert set(before.statuses.values()) == {Status.NOT_FOUND}
    for other in ("N2AA", None):
        assert set(read(store, project, {"tail_number": other}, START).statuses.values()) == {Status.NOT_FOUND}


@pytest.mark.parametrize(("value", "named"), [(7, "int"), (True, "bool"), (b"N1AA", "bytes"), (7.5, "float")])
def test_a_key_of_a_wrong_type_is_refused(store, project, value, named):
    with pytest.raises(OntimeError, match=f"tail_number: expected a text, not {named}"):
        read(store, project, {"tail_number": value})


def test_an_excluded_aircraft_is_as_one_that_was_never_written(store, project):
    write(store, {"tail_number": "N1AA", "known_at": START, "legs": 1})
    features = OnlineFeatures(CATALOGUE, store, ExcludedAircraft(project))
    assert features.read([{"tail_number": "N1AA"}], at=START)[0].values["aircraft__legs"] == 1
    time.sleep(2 * MOMENT_SECONDS)
    (project / SEED).write_text("tail_number,excluded_on,reason\nn-1aa,2013-01-01,asked\n")
    (found,) = features.read([{"tail_number": "N1AA"}], at=START)
    assert found == features.read([{"tail_number": "N9ZZ"}], at=START)[0]


def test_a_withdrawn_row_goes_unless_it_is_as_new_as_its_withdrawal(store):
    write(store, {"tail_number": "N1AA", "known_at": START, "legs": 1}, version=4)
    start = pack_header(to_microseconds(START), 0)
    store.withdraw(FORMAT.relation, [(N1, start, 4)])
    assert store.read([(FORMAT.relation, N1)]) != [None]
    store.withdraw(FORMAT.relation, [(N1, pack_header(to_microseconds(START) + 1, 0), 5)])
    assert store.read([(FORMAT.relation, N1)]) != [None]
    store.withdraw(FORMAT.relation, [(N1, start, 5)])
    assert store.read([(FORMAT.relation, N1)]) == [None]


def test_rows_are_scanned_removed_and_dropped_and_notes_kept(store):
    write(store, *({"tail_number": f"N{number}", "known_at": START} for number in range(1200)))
    assert len(dict(store.scan(FORMAT.relation))) == 1200
    assert FORMAT.relation in store.relations()
    store.remove(FORMAT.relation, FORMAT.pack_keys(aircraft_rows({"tail_number": "N7"}, {"tail_number": "N8"})))
    assert len(dict(store.scan(FORMAT.relation))) == 1198
    store.drop(FORMAT.relation)
    assert FORMAT.relation not in store.relations()
    store.write_note("one", "a")
    store.write_note("one", "b")
    assert (store.read_note("one"), store.read_note("none")) == ("b", None)


def test_the_file_is_for_its_owner_alone(tmp_path):
    SqliteStore(tmp_path / "online.sqlite")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["N1AA", "N2AA"]),
        st.integers(0, 2),  # hours of known_at
        st.sampled_from([1, 2, STREAMED + 1, STREAMED + 2]),  # two loads' and two micro-batches' versions
        st.one_of(st.none(), st.integers(0, 2)),
    ),
    min_size=1,
    max_size=6,
)


@given(rows=ROWS, data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_with_duplicates_gives_one_state_on_both_stores(both, rows, data):
    """Versions below `STREAMED` are what materialising writes between the stream's."""
    records = [
        next(
            FORMAT.pack_rows(aircraft_rows({"tail_number": tail, "known_at": START + timedelta(hours=h), "legs": n}), v)
        )
        for tail, h, v, n in rows
    ]
    expected = {}
    for key, record in records:
        expected[key] = max(record, expected.get(key, b""))
    order = data.draw(st.permutations(records + data.draw(st.lists(st.sampled_from(records), max_size=3))))
    cut = data.draw(st.integers(0, len(order)))
    for store in both:
        store.drop(FORMAT.relation)
        store.write(FORMAT.relation, order[:cut])
        store.write(FORMAT.relation, order[cut:])
        assert dict(store.scan(FORMAT.relation)) == expected
    for key, tail in ((key, FORMAT.read_key(key)["tail_number"]) for key in expected):
        of_entity = [row for row in rows if row[0] == tail]
        newest = max((hours, version) for _, hours, version, _ in of_entity)
        held = read_record(expected[key])
        assert (held.known_at, held.version) == (to_microseconds(START + timedelta(hours=newest[0])), newest[1])
