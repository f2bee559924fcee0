"""How much of a full build an increment costs: years of flights, then one more month or day.

    python benchmarks/incremental_build.py [--years 10] [--day] [--select SELECTOR] [--without-tests]
        [--against FOLDER]

Prints the seconds of the full `dbt build`, of the build after one more month (or day) came in, of one after nothing
came in, and their ratios, all measured in one run; beside each, the time of the models' SQL and that of the features.
Unit tests are left out, as they prove the models and not the data. With --against, a folder with another state of the
project, each build is followed by the same of that state, and their ratios are printed. With --day, a run with
--years 1 and one with --years 20 tell whether an increment's cost grows with history.
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
    parser.add_argument("--against", type=Path, help="a folder with another state of the project, after its make run")
    options = parser.parse_args()
    years = options.years
    selection = ["--exclude-resource-type", "unit_test", *(["test"] if options.without_tests else [])]
    if options.select:
        selection += ["--select", *(f"+{name}" for name in options.select.split())]
    new, condition = ("day", "month = 1 and day = 1") if options.day else ("month", "month = 1")
    projects = [ROOT, *([options.against.resolve()] if options.against else [])]
    with tempfile.TemporaryDirectory() as folder:
        data_dirs = [Path(folder, str(number)) for number in range(len(projects))]
        for project, data_dir in zip(projects, data_dirs, strict=True):
            subprocess.run(
                [_program(project, "ontime"), "ingest"],
                cwd=project,
                env=_environment(project, data_dir),
                check=True,
                stdout=sys.stderr,
            )
            shutil.copy(data_dir / "raw.duckdb", data_dir / "sample.duckdb")
            _append_years(data_dir, range(1, years), "true")

        def build(name: str) -> list[float]:
            return [
                _build(_environment(project, data_dir), project, data_dir, name, selection)
                for project, data_dir in zip(projects, data_dirs, strict=True)
            ]

        full = build(f"full build of {years} years")
        for data_dir in data_dirs:
            _append_years(data_dir, range(years, years + 1), condition)
        increment = build(f"build after one more {new}")
        nothing = build("build after nothing new")
    print(f"one more {new} / full: {increment[0] / full[0]:.2f}")
    print(f"nothing new / full: {nothing[0] / full[0]:.2f}")
    if options.against:
        for name, (own, other) in (("full", full), (f"one more {new}", increment), ("nothing new", nothing)):
            print(f"{name} / that of {options.against}: {own / other:.2f}")


def _environment(project: Path, data_dir: Path) -> dict[str, str]:
    own = {"ONTIME_DATA_DIR": str(data_dir), "DBT_TARGET_PATH": str(data_dir / "target"), "PYTHONPATH": str(project)}
    return os.environ | own


def _program(project: Path, name: str) -> Path:
    """A command of a state of the project: that of its own environment, where it has one."""
    own = project / ".venv" / "bin" / name
    return own if own.exists() else BIN / name


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
            if connection.sql("select 1 from duckdb_columns() where column_name = 'load_number'"):
                newest = " union all ".join(
                    f"select load_number from raw_{source}.loaded_files" for source in ("nycflights13", "reference")
                )
                connection.execute(
                    f"insert into raw_nycflights13.loaded_files select * replace ('{load_id}' as _dlt_load_id,"
                    f" (select max(load_number) from ({newest})) + row_number() over (order by file) as load_number)"
                    " from sample.raw_nycflights13.loaded_files"
                )


def _build(environment: dict[str, str], project: Path, data_dir: Path, name: str, selection: list[str]) -> float:
    started = time.monotonic()
    command = [_program(project, "dbt"), "--quiet", "build", "--exclude", EXCLUDED_TEST, *selection]
    subprocess.run(command, cwd=project, env=environment, check=True)
    seconds = time.monotonic() - started
    results = json.loads((data_dir / "target" / "run_results.json").read_text())["results"]
    executing = {"model": 0.0, "test": 0.0, "feature": 0.0}
    for result in results:
        kind = result["unique_id"].split(".")[0]
        executing["test" if "test" in kind else "model"] += result["execution_time"]
        if kind == "model" and ".feat_" in result["unique_id"]:
            executing["feature"] += result["execution_time"]
    print(
        f"{project.name}, {name}: {seconds:.1f} s wall, models {executing['model']:.1f} s"
        f" (features {executing['feature']:.1f} s), tests {executing['test']:.1f} s;"
        f" wall / models' time {seconds / executing['model']:.2f}",
        flush=True,
    )
    return seconds


if __name__ == "__main__":
    main()
