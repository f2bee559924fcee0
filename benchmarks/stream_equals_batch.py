"""The skew of each table of features: rows that the live features gave and one build does not, or the other way round.

    python benchmarks/stream_equals_batch.py --until 2013-04-01

Takes the facts of the sample from January 2013 on in micro-batches, a tenth of them late by up to ten minutes, a tenth
corrected, a twentieth twice, and compares all rows with those of one build of the same facts, value for value. `--data`
names the folder of a sample that is built already; else it is loaded and built first.
"""

import argparse
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from running import ROOT, ontime

sys.path.insert(0, str(ROOT / "tests" / "support"))
from live_feed import Disorder, Feed, differing_rows, play

from ontime.settings import Settings
from streaming.live.feature_tables import read_feature_tables
from streaming.live.opening import open_or_make
from streaming.live.output import read_batch
from streaming.live.parquet_output import ParquetWriter
from streaming.live.self_check import verify_sums

START = datetime(2013, 1, 1)  # noqa: DTZ001 - UTC without zone
IN_DISORDER = Disorder(late=0.1, corrected=0.1, repeated=0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="data folder with the built sample")
    parser.add_argument("--until", type=datetime.fromisoformat, default="2013-04-01", help="the day after the last")
    parser.add_argument("--step-minutes", type=int, default=180, help="event time of a micro-batch")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ontime-") as folder:
        data = options.data or Path(folder) / "data"
        if not options.data:
            ontime(data, "quickstart")
        compare(data, Path(folder), options.until, timedelta(minutes=options.step_minutes))


def compare(data: Path, folder: Path, until: datetime, step: timedelta) -> None:
    settings = Settings(data_dir=data, stream_file=folder / "stream.duckdb")
    connection = open_or_make(settings, ROOT, print)
    tables = read_feature_tables(connection)
    writer = ParquetWriter(folder / "live", tables)
    writer.last_written(read_batch(connection, tables, 0).generation)
    feed = Feed(folder / "feed.duckdb", START, until, IN_DISORDER)
    feed.make(settings.warehouse_database)
    feed.build(folder / "built.duckdb")
    late = play(feed, connection, tables, step, writer)
    verify_sums(connection, tables)
    connection.close()
    print(f"{late:,} facts changed what had been computed; the sums are those of the facts")
    print("| table | rows of one build | missing | too many |")
    print("| --- | ---: | ---: | ---: |")
    found = differing_rows(folder / "live" / "features.duckdb", feed, folder / "built.duckdb", tables)
    for name, (rows, missing, added) in found.items():
        print(f"| {name} | {rows:,} | {missing:,} | {added:,} |")


if __name__ == "__main__":
    main()
