#!/usr/bin/env bash
# DuckDB 1.5.5, pandas 2.3.3, polars 2.1.0: the sum over the last hour, where two rows have the same instant.
# Expected: rows of one instant see the same hour, so they have the same sum.
# Seen: DuckDB and polars count all rows of the instant in each of them; pandas' rolling("1h") counts, in each, only the
# rows above it, so two flights that left in the same minute get different sums and the order of the file decides.
# `closed` does not cure it, not even closed="both". A row exactly one hour old is in SQL's frame and out of both others'.
# Why it matters: departures are reported in whole minutes, and ties are the rule at a large airport.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv duckdb==1.5.5 pandas==2.3.3 polars==2.1.0

venv/bin/python - <<'PYTHON'
import sys
from datetime import datetime

import duckdb
import pandas as pd
import polars as pl

at = [datetime(2024, 1, 1, 0, 0), datetime(2024, 1, 1, 1, 0), datetime(2024, 1, 1, 1, 0)]
flights = pd.DataFrame({"departed_at": at, "delay": [1, 10, 100]})

indexed = flights.set_index("departed_at").delay
frame = pl.DataFrame({"departed_at": at, "delay": [1, 10, 100]})
hour = "range between interval 1 hour preceding and current row"
sums = f"select sum(delay) over (order by departed_at {hour}) from flights"
seen = {
    "pandas": [int(value) for value in indexed.rolling("1h").sum()],
    "pandas, closed both": [int(value) for value in indexed.rolling("1h", closed="both").sum()],
    "polars": frame.select(pl.col("delay").rolling_sum_by("departed_at", "1h"))["delay"].to_list(),
    "DuckDB": [int(row[0]) for row in duckdb.sql(sums).fetchall()],
}
known = {"pandas": [1, 10, 110], "pandas, closed both": [1, 11, 111], "polars": [1, 110, 110], "DuckDB": [1, 111, 111]}
for library, hours in seen.items():
    print(f"{library}: {hours}")
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
