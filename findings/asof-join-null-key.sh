#!/usr/bin/env bash
# DuckDB 1.5.5, pandas 2.3.3, polars 2.1.0, pyarrow 26.0.1: as-of joins by a key that is not known (a null tail number).
# Expected: as in every SQL join, null equals nothing: a flight of unknown aircraft finds no earlier flight of it.
# Seen: pandas and Arrow join null with null, and hand the flight what another unknown aircraft did; polars and DuckDB
# do not. None of them warns. pandas' documentation of merge_asof does not speak of nulls in `by`.
# Why it matters: BTS reports thousands of flights without a tail number; rotation features computed with pandas chain
# them all into one aircraft, those computed with SQL do not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv duckdb==1.5.5 pandas==2.3.3 polars==2.1.0 pyarrow==26.0.1

venv/bin/python - <<'PYTHON'
import sys
import warnings
from datetime import datetime

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

warnings.filterwarnings("ignore", message="Sortedness of columns")
flights = pd.DataFrame({"at": [datetime(2024, 1, 1, 10), datetime(2024, 1, 1, 11)], "tail": ["N1AA", None]})
earlier = pd.DataFrame({"at": [datetime(2024, 1, 1, 8), datetime(2024, 1, 1, 9)], "tail": ["N1AA", None], "delay": [1, 99]})

frame = pd.merge_asof(flights, earlier, on="at", by="tail")
seen = {"pandas": [None if pd.isna(delay) else int(delay) for delay in frame.delay]}
left, right = (pa.Table.from_pandas(frame, preserve_index=False) for frame in (flights, earlier))
seen["Arrow"] = left.join_asof(right, on="at", by="tail", tolerance=-86400 * 10**9)["delay"].to_pylist()
left, right = (pl.from_pandas(frame) for frame in (flights, earlier))
seen["polars"] = left.join_asof(right, on="at", by="tail")["delay"].to_list()
rows = duckdb.sql("""
    select delay from flights asof left join earlier on flights.tail = earlier.tail and flights.at >= earlier.at
    order by flights.at
""").fetchall()
seen["DuckDB"] = [row[0] for row in rows]

known = {"pandas": [1, 99], "Arrow": [1, 99], "polars": [1, None], "DuckDB": [1, None]}
for library, delays in seen.items():
    print(f"{library}: the known tail finds {delays[0]}, the unknown one {delays[1]}")
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
