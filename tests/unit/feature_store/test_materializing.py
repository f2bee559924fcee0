"""The online store is filled from what was built, beside the stream, and excluded aircraft leave it."""

import time
from datetime import timedelta
from uuid import uuid4

import duckdb
import pytest
from online_fixture import AIRCRAFT, CATALOGUE, SCHEMA, START, aircraft_rows, running_redis

from feature_store.online.excluded import MOMENT_SECONDS, SEED, ExcludedAircraft
from feature_store.online.features import OnlineFeatures, Status
from feature_store.online.live_writer import OnlineWriter
from feature_store.online.materialize import materialize
from feature_store.online.parity import Comparison
from feature_store.online.records import RowFormat
from feature_store.online.redis_store import RedisStore
from feature_store.online.sqlite_store import SqliteStore
from streaming.live.feature_tables import FeatureTable as StreamedTable
from streaming.live.output import FeatureBatch, FeatureRows

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
RELATION = RowFormat(AIRCRAFT).relation
STREAMED = StreamedTable("feat_aircraft", ("tail_number",), "fct_flight_events", {})


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


class Online:
    """A warehouse of one table, and the store that is filled from it."""

    def __init__(self, settings, store, folder):
        self.settings, self.store = settings, store
        self.builds = 0
        (folder / SEED).parent.mkdir()
        self.seed = folder / SEED
        self.seed.write_text("tail_number,excluded_on,reason\n")
        self.excluded = ExcludedAircraft(folder)
        self.features = OnlineFeatures(CATALOGUE, store, self.excluded)
        self.writer = OnlineWriter(store, CATALOGUE)
        settings.data_dir.mkdir()

    def build(self, *rows):
        self.builds += 1
        built = aircraft_rows(*rows)
        with duckdb.connect(str(self.settings.warehouse_database)) as connection:
            connection.execute("create schema if not exists features; create schema if not exists governance")
            connection.execute("create or replace table features.feat_aircraft as from built")
            connection.execute(
                "create or replace table governance.model_builds as select 'feat_aircraft' as model_name,"
                f" {self.builds} as build_number, 1 as load_number"
            )
        assert built.num_rows == len(rows)

    def fill(self, at=START):
        (done,) = materialize(self.settings, CATALOGUE, self.store, self.excluded, at)
        return done.rows

    def stream(self, number, *rows, replaced=(), generation=None):
        marks = aircraft_rows(*replaced).select(["tail_number", "known_at"])
        generation = generation or self.__dict__.setdefault("generation", uuid4())
        self.writer.write(FeatureBatch(generation, number, [FeatureRows(STREAMED, aircraft_rows(*rows), marks)]))

    def legs(self, tail="N1AA", at=START):
        return self.features.read([{"tail_number": tail}], "aircraft:legs", at)[0].values["aircraft__legs"]

    def differences(self, at=START):
        comparison = Comparison(self.settings, self.features, self.excluded, at, None, print)
        return list(comparison.differences(100))


@pytest.fixture(params=["sqlite", "redis"])
def online(request, settings, redis_url, tmp_path):
    store = SqliteStore(tmp_path / "online.sqlite") if request.param == "sqlite" else RedisStore(redis_url)
    for relation in store.relations():
        store.drop(relation)
    if request.param == "redis":
        store._client.flushall()
    return Online(settings, store, tmp_path)


def row(tail="N1AA", at=START, legs=None):
    return {"tail_number": tail, "known_at": at, "legs": legs}


def test_the_row_in_force_is_written_and_none_of_the_future_or_past_its_maximum_age(online):
    online.build(row(legs=1), row(at=START + HOUR, legs=2), row("N2AA", START - 2 * HOUR, 3), row("N3AA", legs=None))
    assert online.fill() == 2
    assert online.legs() == 1
    assert len(dict(online.store.scan(RELATION))) == 2
    assert online.features.read([row("N3AA")], at=START)[0].statuses["aircraft__legs"] == Status.NULL_VALUE


def test_filling_again_reads_what_is_new_and_another_build_all(online):
    online.build(row(legs=1), row("N2AA", legs=1), row(at=START + MINUTE, legs=2))
    assert [online.fill(), online.fill(), online.fill(START + MINUTE)] == [2, 0, 1]
    assert online.legs(at=START + MINUTE) == 2
    online.build(row(legs=7), row("N2AA", legs=8))
    assert online.fill(START + MINUTE) == 2
    # the row that the new build lacks is gone, and the one that it corrected at the same instant is in its place
    assert (online.legs(at=START + MINUTE), online.legs("N2AA")) == (7, 8)


def test_a_fresher_streamed_row_stays_and_a_fresher_built_one_comes(online):
    online.build(row(legs=1), row("N2AA", START, legs=1))
    online.stream(1, row(legs=5), row("N2AA", START - MINUTE, 5))
    online.fill()
    assert (online.legs(), online.legs("N2AA")) == (5, 1)
    online.build(row(legs=2))
    online.fill()
    assert online.legs() == 5


def test_a_streamed_row_that_was_taken_back_gives_way_to_the_one_before(online):
    online.stream(1, row(legs=1))
    online.stream(2, row(at=START + MINUTE, legs=2))
    online.stream(3, row(legs=3), replaced=[row()])
    assert online.legs(at=START + HOUR) == 3
    online.stream(1, row(legs=9), generation=uuid4())
    assert online.legs() == 9


def test_a_batch_that_comes_twice_counts_once(online):
    for _ in range(2):
        online.stream(4, row(legs=1))
        held = dict(online.store.scan(RELATION))
    assert dict(online.store.scan(RELATION)) == held
    assert online.writer.last_written(online.generation) == 4
    assert online.writer.last_written(uuid4()) is None


def test_an_excluded_aircraft_leaves_the_store_with_the_next_filling(online):
    online.build(row(legs=1), row("N2AA", legs=2))
    online.fill()
    online.stream(1, row(legs=3))
    online.seed.write_text("tail_number,excluded_on,reason\nn1-aa,2013-01-01,asked\n")
    time.sleep(2 * MOMENT_SECONDS)
    online.fill()
    assert all(b"1AA" not in key + record for key, record in online.store.scan(RELATION))
    assert len(dict(online.store.scan(RELATION))) == 1


def test_an_aircraft_that_is_excluded_already_is_not_even_written(online, monkeypatch):
    # as spreadsheets save it
    online.seed.write_text("tail_number,excluded_on,reason\n1AA,2013-01-01,asked\n", encoding="utf-8-sig")
    time.sleep(2 * MOMENT_SECONDS)
    online.build(row(legs=1), row("N2AA", legs=2))
    monkeypatch.setattr(online.store, "remove", None)
    assert online.fill() == 1


def test_rows_of_another_definition_are_dropped(online):
    online.store.write("feat_aircraft@0", [(b"a", b"b")])
    online.build(row(legs=1))
    online.fill()
    assert online.store.relations() == {RELATION}


def test_a_feature_that_is_served_as_another_value_is_told_with_its_entity_and_both_values(online):
    online.build(row(legs=1), row("N2AA", START - 2 * HOUR, 2))
    online.fill()
    assert online.differences() == []
    wrong = aircraft_rows(row(legs=4))
    online.store.write(RELATION, RowFormat(AIRCRAFT).pack_rows(wrong, 2**61))
    assert list(map(str, online.differences())) == ["aircraft:legs of tail_number N1AA: online 4, offline 1"]


def test_an_entity_that_is_not_served_at_all_is_a_difference(online):
    online.build(row(legs=1))
    assert "aircraft:known_at of tail_number N1AA: online None" in str(online.differences()[0])
    assert SCHEMA.names[0] in online.differences()[0].entity
