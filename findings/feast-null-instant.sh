#!/usr/bin/env bash
# Feast 0.67.0: a row with a null instant and a null number beside a row that has both, written to the online store (SQLite)
# and read back as what its servers send.
# Expected: no value for either null, and the instant as it was written.
# Seen: the number has no value, the instant is -9223372036854775808 seconds (292 billion years before 1970), with status
# PRESENT; 10:00:00.250 comes back as 10:00:00. `to_dict()` in Python turns that number into None, so only readers of the
# message itself (other languages, other clocks) meet it.
# Why it matters: "minutes since the last departure" of an aircraft that never departed becomes a huge number and not a gap.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv feast==0.67.0 pandas==2.3.3 pyarrow==26.0.1
export FEAST_USAGE=False PYTHONWARNINGS=ignore

venv/bin/python - <<'PYTHON'
import sys
import warnings
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float64, UnixTimestamp

warnings.filterwarnings("ignore")

asked_at = pd.Timestamp("2026-01-01", tz="UTC")
rows = pd.DataFrame({
    "tail": ["N1AA", "N2AA"],
    "known_at": [asked_at, asked_at],
    "last_departed_at": pd.to_datetime([None, "2025-12-31T10:00:00.250Z"], utc=True, format="ISO8601"),
    "mean_delay": [None, 2.0],
})
rows.to_parquet("rows.parquet")
tail = Entity(name="tail", join_keys=["tail"], value_type=ValueType.STRING)
view = FeatureView(
    name="rotation", entities=[tail], schema=[Field(name="last_departed_at", dtype=UnixTimestamp), Field(name="mean_delay", dtype=Float64)],
    source=FileSource(path=str(Path("rows.parquet").absolute()), timestamp_field="known_at"),
)
store = FeatureStore(config=RepoConfig(
    project="flights", provider="local", registry="registry.db", offline_store={"type": "dask"},
    online_store={"type": "sqlite", "path": "online.db"}, entity_key_serialization_version=3,
))
store.apply([tail, view])
store.write_to_online_store("rotation", rows)
names = ["rotation:last_departed_at", "rotation:mean_delay"]
answer = store.get_online_features(names, [{"tail": each} for each in rows["tail"]])
columns = dict(zip(answer.proto.metadata.feature_names.val, answer.proto.results, strict=True))
instants = [value.unix_timestamp_val for value in columns["last_departed_at"].values]
number = columns["mean_delay"].values[0].WhichOneof("val")
print(f"instants {instants}, kind of the null number: {number}, in Python {answer.to_dict()['last_departed_at']}")
known = ([-(2**63), 1767175200], None)
sys.exit(None if (instants, number) == known else f"changed: was {known}")
PYTHON
