"""Feast reads and writes the online stores in order, and tells each kind of nothing by its status, on both."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from feast import Entity, FeatureStore, FeatureView, Field, FileSource
from feast.repo_config import RepoConfig
from feast.types import Float64, Int64, String, UnixTimestamp
from feast.value_type import ValueType
from online_fixture import AIRCRAFT, aircraft_rows, running_redis

from feature_store.online.records import RowFormat

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(params=["SqliteFile", "RedisServer"])
def store(request, tmp_path, redis_url):
    online = {"type": f"feature_store.feast_api.online_stores.{request.param}OnlineStore"}
    online |= {"path": "online.sqlite"} if request.param == "SqliteFile" else {"url": redis_url}
    made = FeatureStore(
        config=RepoConfig(
            project="ontime",
            provider="local",
            registry=str(tmp_path / "registry.db"),
            online_store=online,
            entity_key_serialization_version=3,
            repo_path=tmp_path,
        )
    )
    pd.DataFrame({"known_at": pd.to_datetime([]), "tail_number": []}).to_parquet(tmp_path / "empty.parquet")
    aircraft = Entity(name="aircraft", join_keys=["tail_number"], value_type=ValueType.STRING)
    view = FeatureView(
        name="aircraft",
        entities=[aircraft],
        ttl=timedelta(hours=1),
        schema=[
            Field(name="tail_number", dtype=String),
            Field(name="legs", dtype=Int64),
            Field(name="share", dtype=Float64),
            Field(name="last_at", dtype=UnixTimestamp),
            Field(name="celsius", dtype=Float64),
        ],
        source=FileSource(path=str(tmp_path / "empty.parquet"), timestamp_field="known_at"),
        tags={"version": request.param},
    )
    made.apply([aircraft, view])
    return made


def write(store, *rows):
    frame = pd.DataFrame(rows, columns=["tail_number", "known_at", "legs"]).astype({"legs": "Int64"})
    frame["share"], frame["celsius"] = None, None
    frame["last_at"] = pd.Series([pd.NaT] * len(frame), dtype="datetime64[ns, UTC]")
    store.write_to_online_store("aircraft", frame, allow_registry_cache=False)


def read(store, *tails):
    features = ["aircraft:legs", "aircraft:share"]
    found = store.get_online_features(features, [{"tail_number": tail} for tail in tails])
    statuses = [vector.statuses for vector in found.proto.results]
    names = found.proto.metadata.feature_names.val
    return found.to_dict()["legs"], list(statuses[list(names).index("legs")])


def test_an_older_row_never_replaces_a_newer_one_and_each_kind_of_nothing_has_its_status(store):
    write(store, ("N1AA", NOW, 1), ("N1AA", NOW - timedelta(minutes=1), 2), ("N2AA", NOW - timedelta(days=3), 3))
    write(store, ("N1AA", NOW - timedelta(minutes=2), 4), ("N3AA", NOW, 2**53 + 1))
    legs, statuses = read(store, "N1AA", "N2AA", "N3AA", "N9ZZ")
    # PRESENT 1, NOT_FOUND 3 and OUTSIDE_MAX_AGE 4 of Feast's FieldStatus
    assert (legs, statuses) == ([1, None, 2**53 + 1, None], [1, 4, 1, 3])


def test_what_feast_reads_is_what_the_project_writes(store):
    (view,) = store.list_feature_views()
    online = store._get_provider().online_store._opened(store.config)
    rows = aircraft_rows({"tail_number": "N5AA", "known_at": NOW.replace(tzinfo=None), "legs": None, "share": 0.5})
    packed = RowFormat(AIRCRAFT).pack_rows(rows.drop_columns(["is_old"]).append_column("is_old", rows["is_old"]), 1)
    short = [(key, record) for key, record in packed]
    assert len(short) == 1
    online.write(f"feat_aircraft@{view.tags['version']}", short)
    with pytest.raises(ValueError, match="zip"):
        # another layout than the view's: nothing is read as what it is not
        read(store, "N5AA")
