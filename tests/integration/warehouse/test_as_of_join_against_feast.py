"""as_of_join and Feast's historical retrieval find the same values."""

import random
from datetime import datetime, timedelta

import duckdb
import pandas as pd
import pytest
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Int64
from macro_text import render

START = datetime(2013, 3, 9)
CASES = {
    "no maximum age": (None, "{{ as_of_join('spine', 'features', ['airport'], 'event_timestamp', ['value'], 'f') }}"),
    "a maximum age": (
        timedelta(minutes=90),
        "{{ as_of_join('spine', 'features', ['airport'], 'event_timestamp', ['value'], 'f', max_age_minutes=90) }}",
    ),
    "events known later": (
        None,
        "{{ as_of_join('spine', 'features', ['airport'], 'event_timestamp', ['value'], 'f', event_at='event_at') }}",
    ),
}


def feature_rows(known_later: bool) -> pd.DataFrame:
    chance = random.Random(7)
    seen = set()
    while len(seen) < 600:
        event = chance.randrange(3000)
        known = event + (chance.randrange(400) if known_later else 0)
        seen.add((chance.choice(["JFK", "EWR", "LGA"]), event, known))
    return pd.DataFrame(
        [
            {
                "airport": airport,
                "event_at": START + timedelta(minutes=event),
                "known_at": START + timedelta(minutes=known),
                "value": number,
            }
            for number, (airport, event, known) in enumerate(sorted(seen))
        ]
    )


def spine_rows(features: pd.DataFrame) -> pd.DataFrame:
    chance = random.Random(8)
    instants = [START + timedelta(minutes=chance.randrange(-100, 4000)) for _ in range(700)]
    instants += list(features["known_at"].sample(100, random_state=1)) + instants[:20]
    return pd.DataFrame(
        {
            "position": range(len(instants)),
            "airport": [chance.choice(["JFK", "EWR", "LGA", "LAX"]) for _ in instants],
            "event_timestamp": instants,
        }
    )


@pytest.mark.parametrize("case", CASES)
def test_finds_what_feast_finds(tmp_path, monkeypatch, case):
    monkeypatch.setenv("FEAST_USAGE", "False")
    maximum_age, call = CASES[case]
    features = feature_rows(known_later=case == "events known later")
    spine = spine_rows(features)
    with duckdb.connect() as connection:
        connection.register("features", features)
        connection.register("spine", spine)
        ours = connection.execute(f"select position, f__value from ({render(call)}) order by position").df()

    path = tmp_path / "features.parquet"
    features.assign(
        event_at=features["event_at"].dt.tz_localize("UTC"), known_at=features["known_at"].dt.tz_localize("UTC")
    ).to_parquet(path)
    store = FeatureStore(
        config=RepoConfig(
            project="test",
            provider="local",
            registry=str(tmp_path / "registry.db"),
            offline_store={"type": "duckdb"},
            online_store={"type": "sqlite", "path": str(tmp_path / "online.db")},
            entity_key_serialization_version=3,
        )
    )
    airport = Entity(name="airport", join_keys=["airport"], value_type=ValueType.STRING)
    view = FeatureView(
        name="f",
        entities=[airport],
        ttl=maximum_age,
        schema=[Field(name="value", dtype=Int64)],
        source=FileSource(path=str(path), timestamp_field="event_at", created_timestamp_column="known_at"),
    )
    store.apply([airport, view])
    theirs = (
        store.get_historical_features(
            entity_df=spine.assign(event_timestamp=spine["event_timestamp"].dt.tz_localize("UTC")),
            features=["f:value"],
            filter_by_created_timestamp=True,
        )
        .to_df()
        .sort_values("position")
    )
    assert len(theirs) == len(ours) == len(spine)
    assert theirs["value"].astype("Int64").tolist() == ours["f__value"].astype("Int64").tolist()
    assert ours["f__value"].notna().sum() > 300
