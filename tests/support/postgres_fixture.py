"""A real PostgreSQL for tests: one server a process, a database of its own for whoever asks."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg2
from dbt_common.exceptions import DbtBaseException
from dbt_project import DbtProject
from quarter_fixture import Quarter, build_quarter

from engines.postgres.connection import OWNER, connect
from engines.postgres.roles import make_roles
from engines.postgres.server import ADMIN, HOST, EmbeddedServer
from ontime.settings import Settings

# a server that lives for some tests need not survive a power cut
UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Postgres:
    """A running server, with the roles; PGPASSFILE holds their passwords."""

    data_dir: Path
    server: EmbeddedServer

    def variables(self, database: str, data_dir: Path) -> dict[str, str]:
        """The environment in which `ontime` and dbt use a database."""
        return {
            "ONTIME_TARGET": "postgres",
            "ONTIME_DATA_DIR": str(data_dir),
            "ONTIME_POSTGRES_HOST": HOST,
            "ONTIME_POSTGRES_PORT": str(self.server.port),
            "ONTIME_POSTGRES_DATABASE": database,
            "PGPASSFILE": str(self.server.passfile.path),
        }

    def settings(self, database: str, data_dir: Path, **others: object) -> Settings:
        """The same as settings of this process."""
        return Settings(
            target="postgres",
            data_dir=data_dir,
            postgres_host=HOST,
            postgres_port=self.server.port,
            postgres_database=database,
            **others,
        )

    def make_database(self, database: str, template: str | None = None) -> None:
        """Make a database with all schemas and rights, empty or like another."""
        with closing(connect(self._own(), ADMIN, "postgres")) as connection, connection.cursor() as cursor:
            cursor.execute(f"drop database if exists {database} with (force)")
            if template:
                cursor.execute(f"create database {database} owner {OWNER} template {template}")
        make_roles(self._own(postgres_database=database))

    def query(self, database: str, sql: str, role: str = OWNER) -> list[tuple]:
        """The rows of a select, as a role."""
        with closing(connect(self._own(), role, database)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def execute(self, database: str, *statements: str, role: str = OWNER) -> None:
        """Run statements as a role."""
        with closing(connect(self._own(), role, database)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def refuses(self, database: str, sql: str, role: str) -> bool:
        """Whether a role lacks the right to a statement."""
        try:
            self.execute(database, sql, role=role)
        except psycopg2.errors.InsufficientPrivilege:
            return True
        return False

    def _own(self, **others: object) -> Settings:
        return Settings(data_dir=self.data_dir, postgres_port=self.server.port, **others)


@contextmanager
def running_postgres(folder: Path) -> Iterator[Postgres]:
    """Run a server in a folder for as long as the context lasts."""
    server = EmbeddedServer(folder / "postgres", free_port(), UNSAFE)
    server.start()
    before = os.environ.get("PGPASSFILE")
    os.environ["PGPASSFILE"] = str(server.passfile.path)
    try:
        yield Postgres(folder, server)
    finally:
        server.stop()
        if before is None:
            del os.environ["PGPASSFILE"]
        else:
            os.environ["PGPASSFILE"] = before


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Warehouse(Quarter):
    """The first quarter of the sample on PostgreSQL, and its server."""

    postgres: Postgres

    def query(self, sql: str, role: str = OWNER) -> list[tuple]:
        return self.postgres.query(self.settings.postgres_database, sql, role)

    def refuses(self, sql: str, role: str) -> bool:
        return self.postgres.refuses(self.settings.postgres_database, sql, role)

    def dbt(self, *arguments: str) -> dict[str, str]:
        return self.project.run(*arguments)

    def without_role(self, role: str, *arguments: str) -> str:
        """What dbt says where a role is missing."""
        administer = partial(self.postgres.execute, "postgres", role=ADMIN)
        administer(f"alter role {role} rename to {role}_away")
        try:
            self.project.run(*arguments)
        except DbtBaseException as error:
            return str(error)
        finally:
            administer(f"alter role {role}_away rename to {role}")
        return ""


def build_first_quarter(
    postgres: Postgres, data_dir: Path, *options: str, after_the_build: tuple[str, ...]
) -> Warehouse:
    """Load and build the first quarter in a database of its own; the arguments are those of build_quarter."""
    database = "quarter"
    postgres.make_database(database)
    project = DbtProject(data_dir, variables=tuple(postgres.variables(database, data_dir).items()))
    quarter = build_quarter(
        postgres.settings(database, data_dir), project, *options, after_the_build=after_the_build, loaded_twice=True
    )
    return Warehouse(quarter.settings, quarter.project, quarter.results, postgres)
