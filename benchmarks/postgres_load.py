"""Rows a second of loading the year's flights into PostgreSQL, over those of a bare COPY of the same rows.

Both copy the same CSV file into a new table of a server of their own, in turn and several times in one run; the best of
each counts. The load is the dlt package as `ontime ingest` makes it, with its bookkeeping. The whole of `ontime ingest`
is shown, too: it keeps the files, reads them, and checks and types every row.
"""

import shutil
import socket
import tempfile
import time
from contextlib import closing
from pathlib import Path

import dlt  # noqa: F401 - so that its import is in no measurement

from engines.postgres.connection import LOADER, OWNER, connect
from engines.postgres.roles import make_roles
from engines.postgres.server import ADMIN, HOST, EmbeddedServer
from engines.targets import open_raw
from ingestion.load import create_tables, load_package
from ingestion.raw.lineage import BOOKKEEPING
from ingestion.run import ingest
from ingestion.source import Request
from ingestion.sources.nycflights13.fetch import FLIGHTS, SOURCE
from ontime.settings import Settings

RUNS = 5
ROWS = 336_776
WANTED = 0.6
TABLES = (*SOURCE.tables, *BOOKKEEPING)
EXPORTED = f"copy (from raw.raw_nycflights13.{FLIGHTS.name}) to '{{}}' (format csv, header)"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ontime-") as name:
        settings = Settings(target="postgres", data_dir=Path(name), postgres_port=_free_port())
        server = EmbeddedServer.of(settings)
        server.start()
        try:
            _measure(settings, Path(name))
        finally:
            server.stop()


def _measure(settings: Settings, folder: Path) -> None:
    make_roles(settings)
    started = time.perf_counter()
    list(ingest(settings, [SOURCE.name], Request(), _silent))
    whole = time.perf_counter() - started
    csv = folder / f"{FLIGHTS.name}.csv"
    with open_raw(settings, _silent) as connection:
        connection.execute(EXPORTED.format(csv))
    bare, loaded = [], []
    for number in range(RUNS):
        bare.append(_copy_seconds(settings, csv))
        loaded.append(_load_seconds(settings, csv, folder / f"{number}.csv"))
    print(f"bare COPY:     {ROWS / min(bare):>9,.0f} rows/s (best of {RUNS}: {min(bare):.2f} s)")
    print(f"load:          {ROWS / min(loaded):>9,.0f} rows/s (best of {RUNS}: {min(loaded):.2f} s)")
    print(f"ontime ingest: {ROWS / whole:>9,.0f} rows/s (with the other four files and all tables: {whole:.2f} s)")
    print(f"ratio of load: {min(bare) / min(loaded):.2f} (wanted: {WANTED})")


def _copy_seconds(settings: Settings, csv: Path) -> float:
    schema = "raw_nycflights13"
    with closing(connect(settings, LOADER)) as connection, connection.cursor() as cursor, csv.open() as rows:
        cursor.execute(f"create table {schema}.bare (like {schema}.{FLIGHTS.name})")
        started = time.perf_counter()
        cursor.copy_expert(f"copy {schema}.bare from stdin (format csv, header)", rows)
        seconds = time.perf_counter() - started
        cursor.execute(f"drop table {schema}.bare")
    return seconds


def _load_seconds(settings: Settings, csv: Path, own: Path) -> float:
    """Into a new database, so that each time the table is as new as the bare one."""
    with closing(connect(settings, ADMIN, "postgres")) as connection, connection.cursor() as cursor:
        cursor.execute("drop database if exists fresh with (force)")
        cursor.execute(f"create database fresh owner {OWNER}")
    fresh = settings.model_copy(update={"postgres_database": "fresh"})
    make_roles(fresh)
    with open_raw(fresh, _silent) as connection:
        create_tables(fresh, connection, SOURCE.name, TABLES)
        shutil.copy(csv, own)
        started = time.perf_counter()
        load_package(fresh, connection, SOURCE.name, TABLES, lambda _folder, _load: {FLIGHTS.name: [(own, ROWS)]})
        return time.perf_counter() - started


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _silent(_line: str) -> None:
    """Progress would only take time."""


if __name__ == "__main__":
    main()
