#!/usr/bin/env bash
# dlt 1.31.0 with DuckDB 1.5.5: an incremental cursor over ISO 8601 instants, as JSON APIs give them.
# Expected: a row later than the last one seen is loaded. dlt itself makes the column a TIMESTAMP WITH TIME ZONE.
# Seen: the cursor compares the texts before they become instants. After 00:02:00Z, the row of 00:02:00.500Z is left out
# ("." sorts before "Z"), and that of 23:03:00-02:00, which is 01:03 UTC of the next day, too. No word, and never loaded later.
# Why it matters: feeds write whole seconds without a fraction, and local offsets; single movements are lost, by format.
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


def load(rows):
    @dlt.resource(name="movements")
    def movements(at=dlt.sources.incremental("at")):
        yield rows

    pipeline = dlt.pipeline("cursor", destination=dlt.destinations.duckdb("cursor.duckdb"), dataset_name="raw", pipelines_dir=".")
    pipeline.run(movements())


load([{"id": 1, "at": "2024-01-02T00:02:00Z"}])
load([
    {"id": 2, "at": "2024-01-02T00:02:00.500Z"},
    {"id": 3, "at": "2024-01-01T23:03:00-02:00"},
    {"id": 4, "at": "2024-01-02T00:03:00Z"},
])
with duckdb.connect("cursor.duckdb") as database:
    seen = [row[0] for row in database.execute("select id from raw.movements order by id").fetchall()]
print(f"loaded of 1 to 4, all of them later than the one before: {seen}")
known = [1, 4]
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
