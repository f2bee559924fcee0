"""The six tables of features against a naive window per column, and how their cost grows.

    python benchmarks/features_build.py [--years 20] [--without-naive]

Builds them from 1 year of flights and from --years of them (the sample, moved on year by year), with the SQL that dbt
compiles. The naive way computes each windowed column by a `range between interval … preceding` of its own: for the
instants at which our tables have a row, as that is what makes a value exact at any time, and, beside that, for the
events alone, which leaves out most of the rows. Prints seconds, peak memory and the ratios of one run.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
DEPARTURES = [
    "(event_type is not null)::integer",
    "departure_delay_minutes",
    "is_departure_delayed_15::integer",
    "(event_type = 'cancellation')::integer",
]
ARRIVALS = [
    "(event_type is not null)::integer",
    "arrival_delay_minutes",
    "is_arrival_delayed_15::integer",
    "air_time_minutes",
]
NAIVE = {
    "origin_departures": (["origin_airport_code"], ["1 hour", "3 hours", "24 hours"], DEPARTURES),
    "carrier_departures": (["carrier_code"], ["24 hours", "7 days", "28 days"], DEPARTURES),
    "carrier_origin_departures": (
        ["carrier_code", "origin_airport_code"],
        ["3 hours", "24 hours", "7 days"],
        DEPARTURES,
    ),
    "route_flights": (["origin_airport_code", "destination_airport_code"], ["7 days", "28 days"], ARRIVALS),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--without-naive", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        statements = _prepare(data_dir)
        with duckdb.connect(str(data_dir / "ontime.duckdb")) as connection:
            connection.execute("set enable_progress_bar = false; set TimeZone = 'UTC'")
            one, _, rows_one = _features(connection, statements, "1 year")
            _move_on(connection, options.years)
            many, windowed, rows_many = _features(connection, statements, f"{options.years} years")
            print(f"time per event, {options.years} years / 1 year: {(many / rows_many) / (one / rows_one):.2f}")
            if not options.without_naive:
                at_events = _naive(connection, options.years, of_same_rows=False)
                print(f"naive, events alone / ours at {options.years} years: {at_events / windowed:.1f}", flush=True)
                of_same_rows = _naive(connection, options.years, of_same_rows=True)
                print(f"naive, same rows / ours at {options.years} years: {of_same_rows / windowed:.1f}")


def _prepare(data_dir: Path) -> dict[str, str]:
    """Build the facts of the sample, and give the SQL of each table of features."""
    environment = os.environ | {"ONTIME_DATA_DIR": str(data_dir), "DBT_TARGET_PATH": str(data_dir / "target")}
    for command in (
        ["ontime", "ingest"],
        ["dbt", "--quiet", "seed"],
        ["dbt", "--quiet", "run", "--select", "+fct_flight_events", "+int_weather_report_versions"],
        ["dbt", "--quiet", "compile", "--select", "models/features"],
    ):
        subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, env=environment, check=True, capture_output=True)
    nodes = json.loads((data_dir / "target" / "manifest.json").read_text())["nodes"].values()
    return {
        node["name"]: node["compiled_code"]
        for node in nodes
        if node["resource_type"] == "model" and node["name"].startswith("feat_") and "compiled_code" in node
    }


def _move_on(connection: duckdb.DuckDBPyConnection, years: int) -> None:
    for table, instants in {
        "marts.fct_flight_events": ("occurred_at", "known_at", "scheduled_departure_at"),
        "intermediate.int_weather_report_versions": ("observed_at", "known_at"),
    }.items():
        moved = ", ".join(f"{name} + to_days(365 * moved_by) as {name}" for name in instants)
        connection.execute(
            f"create table main.moved as select * exclude (moved_by) from ("
            f"select t.* replace ({moved}), moved_by from {table} as t, range({years}) as years(moved_by)"
            f") order by known_at; drop table {table}; create table {table} as from main.moved; drop table main.moved"
        )


def _features(connection: duckdb.DuckDBPyConnection, statements: dict[str, str], name: str) -> tuple[float, float, int]:
    """Seconds of all tables and of those that have a naive way, and the number of events."""
    (events,) = connection.sql("select count(*) from marts.fct_flight_events").fetchall()[0]
    total = windowed = 0.0
    for table, statement in sorted(statements.items()):
        started = time.monotonic()
        connection.execute(f"create or replace table main.{table} as {statement}")
        seconds = time.monotonic() - started
        total += seconds
        windowed += seconds if table.removeprefix("feat_") in NAIVE else 0
        print(f"  {table}: {seconds:.1f} s", flush=True)
    print(f"{name}, {events:,} events: {total:.1f} s, peak {_peak_mb():,.0f} MB", flush=True)
    return total, windowed, events


def _naive(connection: duckdb.DuckDBPyConnection, years: int, *, of_same_rows: bool) -> float:
    total = 0.0
    for table, (entity, windows, measures) in NAIVE.items():
        kinds = "'arrival'" if measures is ARRIVALS else "'departure', 'cancellation'"
        columns = ", ".join(
            f"{function}({measure}) over (partition by {', '.join(entity)} order by known_at"
            f" range between interval '{window}' preceding and current row)"
            for window in windows
            for function, measure in zip(("sum", "avg", "avg", "sum"), measures, strict=True)
        )
        instants = f"select {', '.join(entity)}, known_at from main.feat_{table}"
        started = time.monotonic()
        connection.execute(
            f"create or replace table main.naive as select {', '.join(entity)}, known_at, {columns}"
            f" from (from marts.fct_flight_events where event_type in ({kinds})"
            f" {'union all by name ' + instants if of_same_rows else ''}) as events"
        )
        seconds = time.monotonic() - started
        total += seconds
        print(f"  naive {table}: {seconds:.1f} s", flush=True)
    rows = "same rows" if of_same_rows else "events alone"
    print(f"naive, {rows}, {years} years: {total:.1f} s, peak {_peak_mb():,.0f} MB", flush=True)
    return total


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
