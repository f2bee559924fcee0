#!/usr/bin/env bash
# sqlglot 30.30.0: Spark's functions of time, translated for DuckDB 1.5.5, and run there.
# Expected: by Spark's documentation from_utc_timestamp shifts a UTC time to a zone's clock (02:01 UTC in July is 22:01 of the
# day before in New York); datediff(MINUTE, a, b) and timestampdiff(HOUR, a, b) count whole units that have passed, 2 and 0
# from 01:59 to 02:01; dayofweek is 1 for Sunday.
# Seen: 06:01, as the column is read as New York's clock and turned to UTC: the shift goes the other way. The delay is 0
# minutes, as both columns are cast to dates first. Two minutes across a full hour are one hour. Sunday is 0.
# Why it matters: an airline's warehouse that moves from Spark keeps its SQL, and all of it runs.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv sqlglot==30.30.0 duckdb==1.5.5 pytz==2026.6

venv/bin/python - <<'PYTHON'
import sys

import duckdb
import sqlglot

database = duckdb.connect()
database.execute("set timezone = 'UTC'")
database.execute("create table flights (scheduled timestamptz, departed timestamptz, day date)")
database.execute("insert into flights values ('2024-07-01 01:59:00+00', '2024-07-01 02:01:00+00', '2024-07-07')")
questions = {
    "from_utc_timestamp(departed, 'America/New_York')": "06:01",
    "datediff(MINUTE, scheduled, departed)": 0,
    "timestampdiff(HOUR, scheduled, departed)": 1,
    "dayofweek(day)": 0,
}
changed = []
for question, known in questions.items():
    [translated] = sqlglot.transpile(f"select {question} from flights", read="spark", write="duckdb")
    [seen] = database.execute(translated).fetchone()
    seen = seen.strftime("%H:%M") if hasattr(seen, "strftime") else seen
    print(f"{question}: {seen} by {translated}")
    if seen != known:
        changed.append(f"{question} gives {seen}, not {known}")
sys.exit("changed: " + "; ".join(changed) if changed else None)
PYTHON
