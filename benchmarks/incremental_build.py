"""How much of a full build an increment costs: years of flights, then one more month or day.

    python benchmarks/incremental_build.py [--years 10] [--day] [--select SELECTOR] [--without-tests]

Prints the seconds of the full `dbt build`, of the build after one more month (or day) came in, of one after nothing
came in, and their ratios, all measured in one run; beside each, the time of the models' SQL and that of the features.
Unit tests are left out, as they prove the models and not the data. With --day, a run with --years 1 and one with
--years 20 tell whether an increment's cost grows with history.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
# some carriers of 2013 ceased to fly in the years to which their flights are moved
EXCLUDED_TEST = "assert_fct_flights_carrier_in_force"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=10, help="years of history (default 10)")
    parser.add_argument("--day", action="store_true", help="add one day instead of one month")
    parser.add_argument("--select", help="build only these nodes and what they need, as dbt selects them")
    parser.add_argument("--without-tests", action="store_true", help="build the models alone")
    options = parser.parse_args()
    years = options.years
    selection = ["--exclude-resource-type", "unit_test", *(["test"] if options.without_tests else [])]
    if options.select:
        selection += ["--select", *(f"+{name}" for name in options.select.split())]
    new, condition = ("day", "month = 1 and day = 1") if options.day else ("month", "month = 1")
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        environment = os.environ | {"ONTIME_DATA_DIR": folder, "DBT_TARGET_PATH": str(data_dir / "target")}
        subprocess.run([BIN / "ontime", "ingest"], cwd=ROOT, env=environment, check=True, capture_output=True)
        shutil.copy(data_dir / "raw.duckdb", data_dir / "sample.duckdb")
        _append_years(data_dir, range(1, years), "true")
        full = _build(environment, data_dir, f"full build of {years} years", selection)
        _append_years(data_dir, range(years, years + 1), condition)
        increment = _build(environment, data_dir, f"build after one more {new}", selection)
        nothing = _build(environment, data_dir, "build after nothing new", selection)
    print(f"one more {new} / full: {increment / full:.2f}")
    print(f"nothing new / full: {nothing / full:.2f}")


def _append_years(data_dir: Path, offsets: range, condition: str) -> None:
    """Append the sample again, moved on by some years, as a load of its own that completed now."""
    with duckdb.connect(str(data_dir / "raw.duckdb")) as connection:
        connection.execute(f"attach '{data_dir / 'sample.duckdb'}' as sample (read_only); set TimeZone = 'UTC'")
        for offset in offsets:
            load_id = f"moved-{offset}"
            for table in ("flights", "weather"):
                hour = (
                    "time_hour + to_years(o)"
                    if table == "weather"
                    else "timezone('UTC', timezone('America/New_York',"
                    " make_timestamp(year + o, month, day, hour, 0, 0)))"
                )
                connection.execute(
                    f"insert into raw_nycflights13.{table}"
                    f" select * exclude (o) replace (year + o as year, {hour} as time_hour,"
                    f" '{load_id}' as _dlt_load_id) from sample.raw_nycflights13.{table}, (select {offset} as o)"
                    f" where {condition}"
                )
            connection.execute(
                "insert into raw_nycflights13._dlt_loads (load_id, schema_name, status, inserted_at)"
                f" values ('{load_id}', 'nycflights13', 0, now())"
            )


def _build(environment: dict[str, str], data_dir: Path, name: str, selection: list[str]) -> float:
    started = time.monotonic()
    command = [BIN / "dbt", "--quiet", "build", "--exclude", EXCLUDED_TEST, *selection]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    seconds = time.monotonic() - started
    results = json.loads((data_dir / "target" / "run_results.json").read_text())["results"]
    executing = {"model": 0.0, "test": 0.0, "feature": 0.0}
    for result in results:
        kind = result["unique_id"].split(".")[0]
        executing["test" if "test" in kind else "model"] += result["execution_time"]
        if kind == "model" and ".feat_" in result["unique_id"]:
            executing["feature"] += result["execution_time"]
    print(
        f"{name}: {seconds:.1f} s wall, models {executing['model']:.1f} s (features {executing['feature']:.1f} s),"
        f" tests {executing['test']:.1f} s;"
        f" wall / models' time {seconds / executing['model']:.2f}",
        flush=True,
    )
    return seconds


if __name__ == "__main__":
    main()
