#!/usr/bin/env bash
# dlt 1.31.0 with DuckDB 1.5.5: merge strategy scd2, which keeps a row's versions.
# Expected: a new version when a value changes.
# Seen: versions are told apart by a hash of the JSON that came, before it is stored. 15 and 15.0, one instant written
# with two offsets, and a null that is given or left out, each close a version and open another whose stored values are
# all the same. Four loads of one unchanged flight leave four versions.
# Why it matters: a history with instants of change is what point-in-time features rest on; here they are no changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv dlt[duckdb]==1.31.0 duckdb==1.5.5
export RUNTIME__DLTHUB_TELEMETRY=false RUNTIME__LOG_LEVEL=ERROR

venv/bin/python - <<'PYTHON'
import sys

import dlt
import duckdb

strategy = {"disposition": "merge", "strategy": "scd2"}
for row in (
    {"id": 1, "delay": 15.0, "left_at": "2024-01-02T00:02:00Z", "tail": None},
    {"id": 1, "delay": 15, "left_at": "2024-01-02T00:02:00Z", "tail": None},
    {"id": 1, "delay": 15, "left_at": "2024-01-02T01:02:00+01:00", "tail": None},
    {"id": 1, "delay": 15, "left_at": "2024-01-02T01:02:00+01:00"},
):
    resource = dlt.resource([row], name="flights", write_disposition=strategy, columns={"tail": {"data_type": "text"}})
    pipeline = dlt.pipeline("scd2", destination=dlt.destinations.duckdb("scd2.duckdb"), dataset_name="raw", pipelines_dir=".")
    pipeline.run(resource)
with duckdb.connect("scd2.duckdb") as database:
    seen = database.execute("""
        select count(*), count(distinct (id, delay, left_at, tail)), count(*) filter (_dlt_valid_to is null) from raw.flights
    """).fetchone()
print(f"versions {seen[0]}, different values {seen[1]}, in force {seen[2]}")
known = (4, 1, 1)
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
