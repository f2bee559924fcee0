#!/usr/bin/env bash
# dlt 1.31.0 with DuckDB 1.5.5: a column of dates or instants, to which a later file brings the number 20240115 (YYYYMMDD, as
# the FAA's registry and many schedules write dates).
# Expected: a date, or what dlt does with values that do not fit: a column of their own (`__v_bigint`), as for 1705276800000.
# Seen: the number counts as seconds since 1970: 1970-08-23, in the same column, without a word. A local date and time with
# an offset goes into a date column as the date in UTC: 23:30-05:00 on the 15th becomes the 16th.
# Why it matters: a flight's date is the local date of its departure, and part of its key.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv dlt[duckdb]==1.31.0 duckdb==1.5.5
export RUNTIME__DLTHUB_TELEMETRY=false RUNTIME__LOG_LEVEL=ERROR

venv/bin/python - <<'PYTHON'
import datetime
import sys

import dlt
import duckdb

for value in (datetime.date(2024, 1, 15), 20240115, "2024-01-15T23:30:00-05:00", 1705276800000):
    pipeline = dlt.pipeline("dates", destination=dlt.destinations.duckdb("dates.duckdb"), dataset_name="raw", pipelines_dir=".")
    pipeline.run(dlt.resource([{"came": str(value), "day": value}], name="flights", columns={"came": {"data_type": "text"}}))
with duckdb.connect("dates.duckdb") as database:
    seen = dict(database.execute("select came, cast(day as varchar) from raw.flights").fetchall())
for came, day in seen.items():
    print(f"{came}: {day}")
known = {
    "2024-01-15": "2024-01-15",
    "20240115": "1970-08-23",
    "2024-01-15T23:30:00-05:00": "2024-01-16",
    "1705276800000": None,
}
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
