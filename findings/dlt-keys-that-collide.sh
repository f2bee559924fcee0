#!/usr/bin/env bash
# dlt 1.31.0 with DuckDB 1.5.5: keys of a JSON row that normalise to one column name (snake_case, "__" for nesting).
# Expected: an error, or a second column, as for values of another type (`__v_text`).
# Seen: one value is kept, by the order of the keys: of depDelay, dep_delay and "Dep Delay" the last. Of {"dep": {"delay": 1}}
# beside "dep__delay": 2 the nested one stays. No warning, no trace in the schema.
# Why it matters: flight feeds join sources of several houses in one object; which one a column shows depends on the order in
# which a server writes its keys.
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

seen = {}
for name, row in {
    "spellings": {"depDelay": 1, "dep_delay": 2, "Dep Delay": 3},
    "other order": {"Dep Delay": 3, "dep_delay": 2, "depDelay": 1},
    "nested": {"dep": {"delay": 1}, "dep__delay": 2},
}.items():
    file = f"{name.replace(' ', '_')}.duckdb"
    pipeline = dlt.pipeline(file[:-7], destination=dlt.destinations.duckdb(file), dataset_name="raw", pipelines_dir=".")
    pipeline.run(dlt.resource([row], name="flights"))
    with duckdb.connect(file) as database:
        seen[name] = database.execute("select columns(c -> c not like '_dlt%') from raw.flights").fetchone()
    print(f"{name}: {row} is stored as {seen[name]}")
known = {"spellings": (3,), "other order": (1,), "nested": (1,)}
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
