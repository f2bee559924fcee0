"""Rows a second of loading the year's flights through dlt, over those of a bare DuckDB `create table`.

Both read the same unpacked CSV into a new DuckDB file, in turn and several times in one run; the best of each counts.
The load is all of it: keeping the file in landing, typing and checking every row, the dlt package and its bookkeeping.
"""

import shutil
import tempfile
import time
import zipfile
from pathlib import Path

import dlt  # noqa: F401 - so that its import is in no measurement
import duckdb
import pyarrow.parquet  # noqa: F401 - likewise

from ingestion.run import ingest
from ingestion.source import Request
from ingestion.sources.nycflights13.fetch import data_folder
from ontime.settings import Settings

RUNS = 5
ROWS = 336_776
WANTED = 0.4
EMPTY_FILES = {
    "weather.csv": "origin,year,month,day,hour,time_hour\n",
    "planes.csv": "tailnum\n",
    "airports.csv": "faa\n",
    "airlines.csv": "carrier,name\n",
}


def main() -> None:
    bare, loaded = [], []
    with tempfile.TemporaryDirectory(prefix="ontime-") as name:
        folder = Path(name)
        settings = Settings(data_dir=folder / "data")
        files = _files(folder / "files")
        list(ingest(settings, ["nycflights13"], Request(origin=str(_small_files(folder / "small"))), _silent))
        for number in range(RUNS):
            bare.append(_bare_seconds(files / "flights.csv", folder / f"bare-{number}.duckdb"))
            fresh = Settings(data_dir=folder / f"data-{number}")
            shutil.copytree(settings.data_dir, fresh.data_dir)
            loaded.append(_load_seconds(files, fresh))
    print(f"bare DuckDB:   {ROWS / min(bare):>9,.0f} rows/s (best of {RUNS}: {min(bare):.2f} s)")
    print(f"ontime ingest: {ROWS / min(loaded):>9,.0f} rows/s (best of {RUNS}: {min(loaded):.2f} s)")
    print(f"ratio: {min(bare) / min(loaded):.2f} (wanted: {WANTED})")


def _files(folder: Path) -> Path:
    folder.mkdir()
    with zipfile.ZipFile(data_folder(None) / "flights.csv.zip") as archive:
        archive.extract("flights.csv", folder)
    for name, text in EMPTY_FILES.items():
        (folder / name).write_text(text)
    return folder


def _small_files(folder: Path) -> Path:
    """The files without rows; they are loaded first, so that the tables exist and only the flights are new."""
    folder.mkdir()
    header = "year,month,day,dep_time,sched_dep_time,arr_time,sched_arr_time,carrier,flight,origin,dest,time_hour"
    for name, text in (EMPTY_FILES | {"flights.csv": header + "\n"}).items():
        (folder / name).write_text(text)
    return folder


def _bare_seconds(csv: Path, database: Path) -> float:
    started = time.perf_counter()
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table flights as select * from read_csv($csv, nullstr = 'NA')", {"csv": str(csv)})
    return time.perf_counter() - started


def _load_seconds(files: Path, settings: Settings) -> float:
    started = time.perf_counter()
    (run,) = ingest(settings, ["nycflights13"], Request(origin=str(files)), _silent)
    seconds = time.perf_counter() - started
    assert run.rows == ROWS, run
    return seconds


def _silent(_line: str) -> None:
    pass


if __name__ == "__main__":
    main()
