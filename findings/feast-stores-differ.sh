#!/usr/bin/env bash
# Feast 0.67.0: the same history asked from two offline stores of the same parquet file, file (dask) and DuckDB.
# Expected: a row for each row asked; and with `created_timestamp_column`, a value known by then.
# Seen: dask gives one row where a pair of key and instant is asked twice, and none for an instant before the first value;
# DuckDB gives three of three. Both hand out, for 11:00, a value that was created at 15:00: the column only chooses among
# rows of one event time (filter_by_created_timestamp=True, off at first, is what looks at the clock).
# Why it matters: rows dropped without a word misalign features with labels; values of the afternoon leak into the morning.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv feast[duckdb]==0.67.0 duckdb==1.5.5 pandas==2.3.3 pyarrow==26.0.1
export FEAST_USAGE=False PYTHONWARNINGS=ignore

venv/bin/python - <<'PYTHON'
import sys
import warnings
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Int64

warnings.filterwarnings("ignore")


def at(clock):
    return pd.Timestamp(f"2024-01-01 {clock}", tz="UTC")


pd.DataFrame({
    "tail": [1, 1], "event_at": [at("10:00"), at("10:00")], "created_at": [at("10:05"), at("15:00")], "delay": [10, 99],
}).to_parquet("facts.parquet")
tail = Entity(name="tail", join_keys=["tail"], value_type=ValueType.INT64)
source = FileSource(path=str(Path("facts.parquet").absolute()), timestamp_field="event_at", created_timestamp_column="created_at")
fields = [Field(name="tail", dtype=Int64), Field(name="delay", dtype=Int64)]
view = FeatureView(name="facts", entities=[tail], schema=fields, source=source)
asked = pd.DataFrame({"tail": [1, 1, 1], "event_timestamp": [at("09:00"), at("11:00"), at("11:00")]})

seen = {}
for kind in ("dask", "duckdb"):
    store = FeatureStore(config=RepoConfig(
        project="flights", provider="local", registry=f"{kind}.db", offline_store={"type": kind},
        online_store={"type": "sqlite", "path": f"{kind}_online.db"}, entity_key_serialization_version=3,
    ))
    store.apply([tail, view])
    frame = store.get_historical_features(asked, ["facts:delay"]).to_df().sort_values("event_timestamp")
    seen[kind] = [None if pd.isna(delay) else int(delay) for delay in frame.delay]
    print(f"{kind}: 3 rows asked, {seen[kind]}")
known = {"dask": [99], "duckdb": [None, 99, 99]}
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
