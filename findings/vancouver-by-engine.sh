#!/usr/bin/env bash
# The IANA rules that each engine carries: pytz and tzdata 2026.6 on one side, DuckDB 1.5.5 (ICU) and polars 2.1.0 on the
# other. British Columbia keeps UTC-7 all year from November 2026; the rules that are compiled into an engine are older.
# Expected: one local departure time is one instant, in one environment with the newest tzdata installed.
# Seen: 12:00 in Vancouver on 15 January 2027 is 19:00 UTC by tzdata, pytz and pandas, 20:00 UTC by DuckDB and polars.
# Updating tzdata changes neither engine.
# Why it matters: scheduled times are local. A schedule loaded by pandas and queried by DuckDB is an hour apart.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv duckdb==1.5.5 polars==2.1.0 pandas==2.3.3 pytz==2026.6 tzdata==2026.6
export PYTHONTZPATH=  # the package tzdata, not the machine's files

venv/bin/python - <<'PYTHON'
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import polars as pl

zone, noon = "America/Vancouver", datetime(2027, 1, 15, 12)
database = duckdb.connect()
database.execute("set timezone = 'UTC'")
question = f"select timestamp '{noon}' at time zone '{zone}' at time zone 'UTC'"
instants = {
    "tzdata": noon.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC),
    "pandas with pytz": pd.Timestamp(noon).tz_localize(zone).tz_convert("UTC"),
    "DuckDB": database.execute(question).fetchone()[0],
    "polars": pl.Series([noon]).dt.replace_time_zone(zone).dt.convert_time_zone("UTC")[0],
}
seen = {library: instant.strftime("%H:%M") for library, instant in instants.items()}
known = {"tzdata": "19:00", "pandas with pytz": "19:00", "DuckDB": "20:00", "polars": "20:00"}
for library, clock in seen.items():
    print(f"{library}: 12:00 in Vancouver is {clock} UTC")
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
