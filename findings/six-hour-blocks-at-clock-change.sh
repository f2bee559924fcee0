#!/usr/bin/env bash
# DuckDB 1.5.5, pandas 2.3.3, polars 2.1.0, pyarrow 26.0.1: hourly flights in New York, counted in blocks of six hours over
# the night in which clocks go back. Expected: blocks from local midnight, 06:00, 12:00 and 18:00, one of them 7 hours long.
# Seen: three answers. Arrow's floor_temporal does that. polars and pandas keep six elapsed hours, and from then on every
# block begins at 05:00, 11:00, 17:00 and 23:00, also on all days after. DuckDB's time_bucket counts from an instant in UTC,
# whatever `set timezone` says: its days begin at 20:00 the evening before.
# Why it matters: banks of departures and time-of-day features shift by an hour after November, by library.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv duckdb==1.5.5 pandas==2.3.3 polars==2.1.0 pyarrow==26.0.1 pytz==2026.6

venv/bin/python - <<'PYTHON'
import sys

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

zone = "America/New_York"
hours = pd.date_range("2024-11-03 00:00", "2024-11-03 23:00", freq="1h", tz=zone)
flights = pd.DataFrame({"at": hours})
form = "%H:%M"


def counted(starts, counts):
    return {start.strftime(form): int(count) for start, count in zip(starts, counts, strict=True)}


resampled = pd.Series(1, index=hours).resample("6h").sum()
grouped = pl.from_pandas(flights).group_by_dynamic("at", every="6h").agg(pl.len().alias("flights"))
floored = pc.value_counts(pc.floor_temporal(pa.array(hours), 6, unit="hour")).to_pylist()
database = duckdb.connect()
database.execute(f"set timezone = '{zone}'")
days = "select time_bucket(interval 1 day, flights.at) as start, count(*) from flights group by 1 order by 1"
day = database.execute(days).fetchall()
seen = {
    "pandas": counted(resampled.index, resampled),
    "polars": counted(grouped["at"], grouped["flights"]),
    "Arrow": counted([block["values"] for block in floored], [block["counts"] for block in floored]),
    "DuckDB's days": counted([row[0] for row in day], [row[1] for row in day]),
}
drifted = {"00:00": 6, "05:00": 6, "11:00": 6, "17:00": 6, "23:00": 1}
known = {
    "pandas": drifted,
    "polars": drifted,
    "Arrow": {"00:00": 7, "06:00": 6, "12:00": 6, "18:00": 6},
    "DuckDB's days": {"20:00": 20, "19:00": 5},
}
for library, blocks in seen.items():
    print(f"{library}: {blocks}")
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
