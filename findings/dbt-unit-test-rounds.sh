#!/usr/bin/env bash
# dbt-core 1.11.16 with dbt-duckdb 1.11.1: what a unit test compares.
# Expected: a test fails when the model's value differs from the expected one.
# Seen: the expected values are cast to the types of the model's columns first, and the given ones to those of its input.
# With a mean of 12.30 in decimal(9,2), the expectation 12.3049 passes; so do 15.4 for the integer 15, and the evening of a
# day, 2024-01-01 23:00, for that date. A given 15.4 enters an integer input as 15.
# Why it matters: tests of rates, minutes and dates pass whose expectation no row can ever have; a change of the column's
# type makes such a test weaker without a word.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==1.5.5
export DBT_SEND_ANONYMOUS_USAGE_STATS=false PYTHONWARNINGS=ignore

venv/bin/python - <<'PYTHON'
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner

expectations = {
    "mean_delay": ["12.30", "12.3049", "12.31"],
    "delay": ["15", "15.4", "16"],
    "day": ["2024-01-01", "2024-01-01 23:00:00", "2024-01-02"],
}
Path("models").mkdir()
Path("dbt_project.yml").write_text("{name: flights, version: '1.0', profile: flights}")
Path("profiles.yml").write_text("flights: {target: dev, outputs: {dev: {type: duckdb, path: flights.duckdb}}}")
Path("models/facts.sql").write_text("select 15 as delay, 12.3::decimal(9, 2) as mean_delay, date '2024-01-01' as day")
Path("models/mart.sql").write_text("select delay, mean_delay, day from {{ ref('facts') }}")
tests = [
    f"""  - name: {column}_{number}
    model: mart
    given: [{{input: ref('facts'), rows: [{{delay: 15.4, mean_delay: 12.3, day: '2024-01-01'}}]}}]
    expect: {{rows: [{{{column}: '{value}'}}]}}"""
    for column, values in expectations.items()
    for number, value in enumerate(values)
]
Path("models/tests.yml").write_text("unit_tests:\n" + "\n".join(tests))

dbt = dbtRunner()
dbt.invoke(["--quiet", "run", "--profiles-dir", "."])
results = dbt.invoke(["--quiet", "--log-level", "none", "test", "--profiles-dir", "."]).result.results
statuses = {result.node.name: str(result.status) for result in results}
seen = {
    value: statuses[f"{column}_{number}"]
    for column, values in expectations.items()
    for number, value in enumerate(values)
}
known = {value: "fail" if number == 2 else "pass" for values in expectations.values() for number, value in enumerate(values)}
for value, status in seen.items():
    print(f"expected {value}: {status}")
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
