#!/usr/bin/env bash
# dlt 1.31.0 with DuckDB 1.5.5: incremental loading with write disposition merge; a row comes again, corrected, with the
# instant that the cursor stopped at. Expected: the range is closed at its start, the default, so rows of that instant are
# looked at once more, and merge puts the newer state of a key in the place of the older.
# Seen: the key was seen at that instant, so the row is taken for a repeat and dropped, whatever else in it has changed;
# without a primary key the whole row is compared and the same correction does load.
# Why it matters: airlines correct a departure without a new timestamp. Declaring the key, as one should, loses it for good.
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
for name, key in (("with a primary key", "id"), ("without", None)):
    file = f"{'key' if key else 'none'}.duckdb"
    for delay in (10, 95):

        @dlt.resource(name="movements", primary_key=key, write_disposition="merge" if key else "append")
        def movements(at=dlt.sources.incremental("at")):
            yield {"id": 1, "at": "2024-01-02T00:02:00Z", "delay": delay}

        pipeline = dlt.pipeline(file[:-7], destination=dlt.destinations.duckdb(file), dataset_name="raw", pipelines_dir=".")
        pipeline.run(movements())
    with duckdb.connect(file) as database:
        seen[name] = [row[0] for row in database.execute("select delay from raw.movements order by delay").fetchall()]
    print(f"{name}: delays {seen[name]}")
known = {"with a primary key": [10], "without": [10, 95]}
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
