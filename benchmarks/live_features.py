"""What a micro-batch of live features costs, beside the same models as plain views over all facts that are kept.

    python benchmarks/live_features.py

Takes the sample, which it loads and builds first, as facts in the order in which they were known: 28 days at once,
then micro-batches of 10, 60 and 500 seconds and of 3 hours of event time. Prints the CPU time of a micro-batch, and
that of the views over all facts; the ratio counts, which busy machines change little. `--data` names the folder of a
sample that is built already.
"""

import argparse
import resource
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
from running import ROOT, ontime

sys.path.insert(0, str(ROOT / "tests" / "support"))
from live_feed import Disorder, Feed

from ontime.settings import Settings
from streaming.live.due import Span
from streaming.live.facts import FLIGHTS
from streaming.live.feature_tables import FeatureTable, read_feature_tables
from streaming.live.micro_batch import run_batch
from streaming.live.opening import open_or_make

START, FULL = (datetime(2013, 1, day) for day in (1, 30))  # noqa: DTZ001 - UTC without zone
STEPS = {"10 s": 10, "60 s": 60, "500 s": 500, "3 h": 10_800}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="data folder with the built sample")
    parser.add_argument("--batches", type=int, default=15, help="how many of each length are timed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ontime-") as folder:
        data = options.data or Path(folder) / "data"
        if not options.data:
            ontime(data, "quickstart")
        measure(data, Path(folder), options.batches)


def measure(data: Path, folder: Path, batches: int) -> None:
    settings = Settings(data_dir=data, stream_file=folder / "stream.duckdb")
    connection = open_or_make(settings, ROOT, print)
    tables = read_feature_tables(connection)
    longest = timedelta(seconds=batches * sum(STEPS.values()))
    feed = Feed(folder / "feed.duckdb", START, FULL + longest, Disorder())
    feed.make(settings.warehouse_database)
    connection.execute(f"attach '{feed.path}' as feed (read_only)")
    feed.bring(connection, START, FULL)
    run_batch(connection, tables, FULL)
    whole = cpu_of_views(connection, tables)
    print("| step of event time | CPU of a micro-batch | of the views over all facts | ratio | times real time |")
    print("| --- | ---: | ---: | ---: | ---: |")
    instant = FULL
    for name, seconds in STEPS.items():
        spent = 0.0
        for _ in range(batches):
            until = instant + timedelta(seconds=seconds)
            feed.bring(connection, instant, until)
            began = time.process_time()
            run_batch(connection, tables, until)
            spent += time.process_time() - began
            instant = until
        cpu = spent / batches
        print(
            f"| {name} | {1000 * cpu:,.0f} ms | {1000 * whole:,.0f} ms | 1/{whole / cpu:,.1f} | {seconds / cpu:,.0f} |"
        )
    ((facts,),) = connection.execute(f"select count(*) from {FLIGHTS.stored}").fetchall()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{facts:,} versions of facts are kept; at most {memory:,.0f} MB of memory")


def cpu_of_views(connection: duckdb.DuckDBPyConnection, tables: list[FeatureTable]) -> float:
    """CPU seconds of the models as plain views over all facts that are kept."""
    connection.execute(f"delete from {FLIGHTS.due}")
    connection.execute(f"insert into {FLIGHTS.due} from {FLIGHTS.stored}")
    Span(None, FULL).set_variables(connection)
    for table in tables:
        if table.sums:
            connection.execute(f"delete from {table.carried}")
    began = time.process_time()
    for table in tables:
        connection.execute(f"create or replace temp table whole as from {table.view}")
    return time.process_time() - began


if __name__ == "__main__":
    main()
