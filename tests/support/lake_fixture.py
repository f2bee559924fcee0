"""Lakes for tests: a real PostgreSQL with a catalog for each."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbt_project import DbtProject, environment
from s3_fixture import free_port
from sample_files import run_ingest

from engines.lake.catalog import catalog_settings
from engines.postgres.connection import OWNER, connect
from engines.postgres.roles import make_roles
from engines.postgres.server import ADMIN, HOST, EmbeddedServer
from ontime.settings import Settings

# a server that lives for some tests need not survive a power cut
UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


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
    try:
        with environment(PGPASSFILE=str(server.passfile.path)):
            make_roles(Settings(data_dir=folder, postgres_port=server.port))
            yield Lakes(folder, server)
    finally:
        server.stop()
