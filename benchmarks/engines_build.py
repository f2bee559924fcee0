"""How long each engine takes to build the whole project, beside DuckDB files.

    python benchmarks/engines_build.py [--targets dev,lake,postgres,spark] [--years 1] [--without-tests]

Loads the sample, moved on year by year where there are to be more, and runs one `dbt build` a target, each in a data
folder of its own, with a PostgreSQL server of its own where the target needs one. Unit tests are left out: they prove
the models, not the data, and take the same time whatever that holds. Prints seconds of the whole command, of the models
and of the data tests, and the ratio to the first target, all of one run. Spark runs as it does by default: in one
process, on all cores.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from ingestion.sources.nycflights13.fetch import data_folder

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
TARGETS = ("dev", "lake", "postgres", "spark")
ON_A_SERVER = {"lake", "postgres"}
# some carriers of 2013 ceased to fly in the years to which their flights are moved
CARRIERS_TEST = "assert_fct_flights_carrier_in_force"
MOVED_HOUR = {
    "flights": "strftime(timezone('UTC', timezone('America/New_York', make_timestamp(year + moved_by, month, day,"
    " hour, 0, 0))), '%Y-%m-%dT%H:00:00Z')",
    "weather": "strftime(time_hour::timestamp + to_years(moved_by::integer), '%Y-%m-%dT%H:00:00Z')",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", default=",".join(TARGETS), help="the first is what the others are compared to")
    parser.add_argument("--years", type=int, default=1, help="years of flights (default 1)")
    parser.add_argument("--without-tests", action="store_true", help="build the models alone")
    options = parser.parse_args()
    seconds: dict[str, float] = {}
    for target in options.targets.split(","):
        with tempfile.TemporaryDirectory(prefix="ontime-") as folder:
            seconds[target] = _measure(target, Path(folder), options.years, without_tests=options.without_tests)
    reference, *others = seconds
    for target in others:
        print(f"{target} / {reference} at {options.years} years: {seconds[target] / seconds[reference]:.2f}")


def _measure(target: str, folder: Path, years: int, *, without_tests: bool) -> float:
    environment = os.environ | {
        "ONTIME_TARGET": target,
        "ONTIME_DATA_DIR": str(folder),
        "ONTIME_POSTGRES_PORT": str(_free_port()),
        "PGPASSFILE": str(folder / "postgres" / "pgpass"),
        "DBT_TARGET_PATH": str(folder / "target"),
    }
    _write_years(folder / "sample", years)
    if target in ON_A_SERVER:
        _run(environment, "ontime", "server", "start")
    try:
        loaded = _run(environment, "ontime", "ingest", "reference")
        loaded += _run(environment, "ontime", "ingest", "nycflights13", "--from", str(folder / "sample"))
        left_out = ["test", "unit_test"] if without_tests else ["unit_test"]
        built = _run(
            environment,
            *("dbt", "--quiet", "build", "--exclude", CARRIERS_TEST),
            *("--exclude-resource-type", *left_out),
        )
    finally:
        if target in ON_A_SERVER:
            _run(environment, "ontime", "server", "stop")
    spent = {"model": 0.0, "test": 0.0}
    for result in json.loads((folder / "target" / "run_results.json").read_text())["results"]:
        kind = result["unique_id"].partition(".")[0]
        spent["test" if kind == "test" else "model"] += result["execution_time"]
    print(
        f"{target}, {years} years: loaded in {loaded:.0f} s, built in {built:.0f} s"
        f" (models {spent['model']:.0f} s, tests {spent['test']:.0f} s, of each thread)",
        flush=True,
    )
    return built


def _write_years(folder: Path, years: int) -> None:
    """The sample's files, flights and weather once for each year, a 29th of February never."""
    folder.mkdir()
    for path in data_folder(None).iterdir():
        shutil.copy(path, folder)
    if years == 1:
        return
    with duckdb.connect() as connection:
        for name, hour in MOVED_HOUR.items():
            (source,) = folder.glob(f"{name}.csv*")
            if source.suffix == ".zip":
                shutil.unpack_archive(source, folder)
                source.unlink()
            csv = folder / f"{name}.csv"
            connection.execute(
                f"copy (select * exclude (moved_by) replace (year + moved_by as year, {hour} as time_hour)"
                f" from read_csv('{csv}', all_varchar = true, types = {{'year': 'integer', 'month': 'integer',"
                f" 'day': 'integer', 'hour': 'integer'}}), (select unnest(range({years})) as moved_by))"
                f" to '{folder / 'moved.csv'}' (format csv, header)"
            )
            (folder / "moved.csv").replace(csv)


def _run(environment: dict[str, str], program: str, *arguments: str) -> float:
    """Seconds that a command takes; it must succeed."""
    started = time.monotonic()
    done = subprocess.run(
        [BIN / program, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{program} {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.monotonic() - started


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    main()
