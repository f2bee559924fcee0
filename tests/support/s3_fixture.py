"""A real S3 server (SeaweedFS), which also serves a catalog of Iceberg tables where a test wants one."""

import os
import random
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import duckdb
from pyiceberg.catalog.rest import RestCatalog

from engines.extensions import load_extensions

HOST = "127.0.0.1"
KEY, SECRET, BUCKET, TABLES = "ontime-key", "ontime-secret", "lake", "iceberg-tables"
GRPC_OFFSET = 10_000
# below those that the system gives to whoever connects somewhere: nobody takes one before the server does
PORTS = range(11_000, 22_000)


@dataclass(frozen=True)
class S3:
    """A running server.

    Attributes:
        endpoint: Its address.
        iceberg: Address of its Iceberg catalog, which nobody serves unless it was asked for.
    """

    endpoint: str
    iceberg: str

    @property
    def lake_variables(self) -> dict[str, str]:
        """Settings of a lake in the bucket."""
        return {
            "ONTIME_LAKE_DATA_URL": f"s3://{BUCKET}/files",
            "ONTIME_LAKE_S3_ENDPOINT": self.endpoint,
            "ONTIME_LAKE_S3_ACCESS_KEY": KEY,
            "ONTIME_LAKE_S3_SECRET_KEY": SECRET,
        }

    @property
    def iceberg_variables(self) -> dict[str, str]:
        """Settings for publishing Iceberg tables."""
        return {
            "ONTIME_ICEBERG_URI": self.iceberg,
            "ONTIME_ICEBERG_WAREHOUSE": f"s3://{TABLES}",
            "ONTIME_ICEBERG_CREDENTIAL": f"{KEY}:{SECRET}",
            "ONTIME_ICEBERG_S3_ENDPOINT": self.endpoint,
            "ONTIME_ICEBERG_S3_ACCESS_KEY": KEY,
            "ONTIME_ICEBERG_S3_SECRET_KEY": SECRET,
        }

    def catalog(self) -> RestCatalog:
        """pyiceberg's view of the tables."""
        properties = {
            "uri": self.iceberg,
            "warehouse": f"s3://{TABLES}",
            "credential": f"{KEY}:{SECRET}",
            "oauth2-server-uri": f"{self.iceberg}/v1/oauth/tokens",
            "s3.endpoint": self.endpoint,
            "s3.access-key-id": KEY,
            "s3.secret-access-key": SECRET,
            "s3.region": "us-east-1",
        }
        return RestCatalog("reader", **properties)

    def attach(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Show the tables to a DuckDB as a database of this name."""
        load_extensions(connection, "httpfs", "avro", "iceberg")
        connection.execute(
            f"create secret login (type iceberg, client_id '{KEY}', client_secret '{SECRET}',"
            f" oauth2_server_uri '{self.iceberg}/v1/oauth/tokens')"
        )
        connection.execute(
            f"create secret files (type s3, key_id '{KEY}', secret '{SECRET}', url_style 'path', use_ssl false,"
            f" endpoint '{self.endpoint.removeprefix('http://')}')"
        )
        connection.execute(
            f"attach '{TABLES}' as {name}"
            f" (type iceberg, endpoint '{self.iceberg}', secret login, access_delegation_mode 'none')"
        )


@contextmanager
def running_s3(folder: Path, *, iceberg: bool = False) -> Iterator[S3]:
    """Run a server in a folder for as long as the context lasts.

    Args:
        folder: Is made.
        iceberg: Serve a catalog of Iceberg tables, too.
    """
    folder.mkdir(parents=True)
    ports = {name: free_port() for name in ("s3", "s3.port.iceberg", "master", "filer", "volume", "admin")}
    server = S3(f"http://{HOST}:{ports['s3']}", f"http://{HOST}:{ports['s3.port.iceberg']}")
    if not iceberg:
        ports["s3.port.iceberg"] = 0
    options = [f"-{name if '.' in name else f'{name}.port'}={port}" for name, port in ports.items()]
    command = ["weed", "mini", f"-dir={folder}", f"-ip={HOST}", f"-ip.bind={HOST}", f"-bucket={BUCKET}", *options]
    off = ("-admin.ui=false", "-webdav=false", "-master.telemetry=false", "-s3.port.lance=0")
    tables = (f"-tableBucket={TABLES}",) if iceberg else ()
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    with (folder / "weed.log").open("w") as log:
        process = subprocess.Popen([*command, *off, *tables], env=os.environ | keys, cwd=folder, stdout=log, stderr=log)
        try:
            _wait_for(lambda: _ask(f"{server.endpoint}/{BUCKET}"), process)
            if iceberg:
                _wait_for(lambda: server.catalog().list_namespaces(), process)
            yield server
        finally:
            process.kill()  # it takes seconds to end by itself, and nothing of it is wanted
            process.wait(timeout=30)


def free_port() -> int:
    """A port that is free, and so is the one of its gRPC in SeaweedFS."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, socket.socket() as other, suppress(OSError):
            probe.bind((HOST, port))
            other.bind((HOST, port + GRPC_OFFSET))
            return port


def _ask(url: str) -> None:
    with suppress(HTTPError):
        urlopen(url)


def _wait_for(ask: Callable[[], object], process: subprocess.Popen, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            ask()
        except Exception:
            if time.monotonic() > deadline or process.poll() is not None:
                raise
            time.sleep(0.1)
        else:
            return
