"""Lakes for tests: a real PostgreSQL with a catalog for each, and a real S3 server."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from dbt_project import DbtProject, environment
from sample_files import run_ingest

from ingestion.engines.lake_catalog import catalog_settings
from ingestion.engines.postgres_connection import OWNER, connect
from ingestion.engines.postgres_roles import make_roles
from ingestion.engines.postgres_server import ADMIN, HOST, EmbeddedServer
from ingestion.settings import Settings

# a server that lives for some tests need not survive a power cut
UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
KEY, SECRET, BUCKET = "ontime-key", "ontime-secret", "lake"
GRPC_OFFSET = 10_000


@dataclass(frozen=True)
class Lake:
    """A lake, which may be empty, and the environment in which `ontime` and dbt find it."""

    variables: dict[str, str]

    @property
    def settings(self) -> Settings:
        with environment(**self.variables):
            return Settings.load()

    @property
    def project(self) -> DbtProject:
        return DbtProject(self.settings.data_dir, variables=tuple(self.variables.items()))

    def ingest(self, sample: Path, **request):
        return run_ingest(self.settings, origin=str(sample), **request)


@dataclass(frozen=True)
class Lakes:
    """A running server of catalogs; PGPASSFILE holds its passwords."""

    folder: Path
    server: EmbeddedServer

    def make(self, name: str, template: str = "template1", **variables: str) -> Lake:
        """A lake with a new catalog, empty or like another."""
        with closing(connect(self._own(), ADMIN, "postgres")) as connection, connection.cursor() as cursor:
            cursor.execute(f"create database {name} owner {OWNER} template {template}")
        return Lake(
            {
                "ONTIME_TARGET": "lake",
                "ONTIME_DATA_DIR": str(self.folder / name),
                "ONTIME_LAKE_CATALOG": f"postgresql://{OWNER}@{HOST}:{self.server.port}/{name}",
            }
            | variables
        )

    def copy(self, lake: Lake, name: str) -> Lake:
        """A lake with the rows of another, which nobody has open."""
        settings = lake.settings
        original = catalog_settings(settings).postgres_database
        copy = self.make(name, template=original)
        shutil.copytree(settings.data_dir, copy.settings.data_dir)
        moved = f"update lake.ducklake_metadata set value = replace(value, '/{original}/', '/{name}/')"
        self.execute(name, f"{moved} where key = 'data_path'")
        return copy

    def execute(self, name: str, statement: str) -> None:
        """Run a statement on a catalog."""
        with closing(connect(self._own(), OWNER, name)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def _own(self) -> Settings:
        return Settings(data_dir=self.folder, postgres_port=self.server.port)


@contextmanager
def running_lakes(folder: Path) -> Iterator[Lakes]:
    """Run a server of catalogs for as long as the context lasts."""
    server = EmbeddedServer(folder / "postgres", free_port(), UNSAFE)
    server.start()
    make_roles(Settings(data_dir=folder, postgres_port=server.port))
    try:
        with environment(PGPASSFILE=str(server.passfile.path)):
            yield Lakes(folder, server)
    finally:
        server.stop()


@contextmanager
def running_s3(folder: Path) -> Iterator[dict[str, str]]:
    """Run an S3 server with a bucket, and give the settings of a lake in it."""
    folder.mkdir(parents=True)
    ports = {name: free_port() for name in ("s3", "master", "filer", "volume", "admin")}
    options = [f"-{name}.port={port}" for name, port in ports.items()]
    command = ["weed", "mini", f"-dir={folder}", f"-ip={HOST}", f"-ip.bind={HOST}", f"-bucket={BUCKET}", *options]
    off = ("-admin.ui=false", "-webdav=false", "-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0")
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    with (folder / "weed.log").open("w") as log:
        server = subprocess.Popen([*command, *off], env=os.environ | keys, cwd=folder, stdout=log, stderr=log)
        try:
            endpoint = f"http://{HOST}:{ports['s3']}"
            _wait_for(endpoint, server)
            yield {
                "ONTIME_LAKE_DATA_URL": f"s3://{BUCKET}/files",
                "ONTIME_LAKE_S3_ENDPOINT": endpoint,
                "ONTIME_LAKE_S3_ACCESS_KEY": KEY,
                "ONTIME_LAKE_S3_SECRET_KEY": SECRET,
            }
        finally:
            server.terminate()
            server.wait(timeout=30)


def free_port() -> int:
    """A port that is free, and so is the one of its gRPC in SeaweedFS."""
    while True:
        with socket.socket() as probe, socket.socket() as other, suppress(OSError, OverflowError):
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
            other.bind((HOST, port - GRPC_OFFSET))
            return port - GRPC_OFFSET


def _wait_for(endpoint: str, server: subprocess.Popen, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(f"{endpoint}/{BUCKET}")
        except HTTPError:
            return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError(f"{endpoint} does not answer")
