#!/usr/bin/env bash
# dbt-metricflow 0.15.0 (metricflow 0.213.0) on DuckDB 1.5.5: a metric with offset_window "1 month", the month before.
# Expected: January's flights, shown a month later, are as many by day as by month.
# Seen: in February 5 by month, 3 by day. A day less a month is looked up, and no day of February less a month is the 30th or
# 31st of January: those flights appear nowhere. The one flight of 29 February appears in March on the 29th, 30th and 31st.
# Why it matters: "against the month before" by day, summed in a chart or a report, differs from the same metric by month;
# the last days of a month, when holidays begin, are the ones lost.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv dbt-core==1.11.16 dbt-duckdb==1.11.1 dbt-metricflow==0.15.0 metricflow==0.213.0 duckdb==1.5.5
export DBT_SEND_ANONYMOUS_USAGE_STATS=false DBT_PROFILES_DIR=. PYTHONWARNINGS=ignore

venv/bin/python - <<'PYTHON'
import csv
import subprocess
import sys
from pathlib import Path

Path("models").mkdir()
Path("dbt_project.yml").write_text(
    "{name: flights, version: '1.0', profile: flights, models: {+materialized: table}}"
)
Path("profiles.yml").write_text("flights: {target: dev, outputs: {dev: {type: duckdb, path: flights.duckdb}}}")
Path("models/days.sql").write_text(
    "select cast(range as date) as date_day from range(date '2024-01-01', date '2024-05-01', interval 1 day)"
)
Path("models/departures.sql").write_text(
    "select row_number() over () as id, departed_on from (values (date '2024-01-01'), (date '2024-01-01'), (date '2024-01-03'),"
    " (date '2024-01-30'), (date '2024-01-31'), (date '2024-02-29')) as departures (departed_on)"
)
Path("models/metrics.yml").write_text("""
models:
  - name: days
    time_spine: {standard_granularity_column: date_day}
    columns: [{name: date_day, granularity: day}]
semantic_models:
  - name: departures
    model: ref('departures')
    defaults: {agg_time_dimension: departed_on}
    entities: [{name: departure, type: primary, expr: id}]
    dimensions: [{name: departed_on, type: time, type_params: {time_granularity: day}}]
    measures: [{name: departed, agg: count, expr: id}]
metrics:
  - {name: flights, label: Flights, type: simple, type_params: {measure: departed}}
  - name: flights_before
    label: Flights of the month before
    type: derived
    type_params: {expr: before, metrics: [{name: flights, offset_window: 1 month, alias: before}]}
""")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


run("venv/bin/dbt", "build", "--profiles-dir", ".")
seen = {}
for grain in ("month", "day"):
    run("venv/bin/mf", "query", "--metrics", "flights_before", "--group-by", f"metric_time__{grain}", "--csv", f"{grain}.csv")
    with open(f"{grain}.csv") as file:
        rows = [row for row in csv.DictReader(file) if row["flights_before"]]
    months = {"2024-02": 0, "2024-03": 0}
    for row in rows:
        months[row[f"metric_time__{grain}"][:7]] += int(float(row["flights_before"]))
    seen[grain] = list(months.values())
    print(f"by {grain}: {seen[grain][0]} in February, {seen[grain][1]} in March")
known = {"month": [5, 1], "day": [3, 3]}
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
