#!/usr/bin/env bash
# DuckDB 1.5.5, pandas 2.3.3, polars 2.1.0, pyarrow 26.0.1: which of two right rows of the same instant an as-of join takes.
# Expected: one rule per library, and the same answer for a left row whatever other left rows stand beside it.
# Seen: pandas, polars and Arrow take the last of the tied rows. DuckDB takes the last when 101 flights are joined, and the
# first, for the same flight, when `where flight = 1` leaves one of them: another operator runs, with another rule.
# Why it matters: corrections often carry the instant of what they correct. A model trained on a large join and served by
# a join of one row then sees two different features of one flight.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv duckdb==1.5.5 pandas==2.3.3 polars==2.1.0 pyarrow==26.0.1

venv/bin/python - <<'PYTHON'
import sys
from datetime import datetime

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

at_nine, at_ten = datetime(2024, 1, 1, 9), datetime(2024, 1, 1, 10)
flights = pd.DataFrame({"flight": [1], "at": [at_ten]})
facts = pd.DataFrame({"at": [at_nine, at_ten, at_ten], "delay": [5, 15, 25]})

others = pd.DataFrame({"flight": range(2, 102), "at": [datetime(2024, 1, 1, 11)] * 100})
database = duckdb.connect()
database.execute("create table facts as select * from facts")
database.execute("create table flights as from flights union all from others")
join = "select flight, delay from flights asof join facts on flights.at >= facts.at"
seen = {
    "DuckDB, where flight = 1": database.execute(f"{join} where flight = 1").fetchone()[1],
    "DuckDB, all flights": dict(database.execute(join).fetchall())[1],
}

seen["pandas"] = int(pd.merge_asof(flights, facts, on="at").delay[0])
left, right = (pl.from_pandas(frame) for frame in (flights, facts))
seen["polars"] = left.join_asof(right, on="at")["delay"][0]
left, right = (pa.Table.from_pandas(frame.assign(key=1), preserve_index=False) for frame in (flights, facts))
seen["Arrow"] = left.join_asof(right, on="at", by="key", tolerance=-3600 * 10**9)["delay"][0].as_py()

known = {"DuckDB, where flight = 1": 15, "DuckDB, all flights": 25, "pandas": 25, "polars": 25, "Arrow": 25}
for library, delay in seen.items():
    print(f"{library}: {delay}")
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
