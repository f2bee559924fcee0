"""Places in which commands of the project run: an engine, a data folder, and copies of both."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dbt_project import environment
from lake_fixture import Lake, Lakes, running_lakes
from postgres_fixture import running_postgres
from running import ROOT

from ontime.settings import Settings

PROGRAMS: Final = Path(sys.executable).parent


@dataclass(frozen=True)
class Place:
    """A data folder on a target, with the environment in which the commands find it."""

    variables: dict[str, str]

    @property
    def settings(self) -> Settings:
        """The settings that the commands see."""
        with environment(**self.variables):
            return Settings.load()

    def start(self, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        """Start a command of the project in a group of processes of its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ONTIME_", "DBT_"))}
        folder = self.settings.data_dir
        dbt = {"DBT_PROFILES_DIR": str(ROOT), "DBT_TARGET_PATH": f"{folder}/target", "DBT_LOG_PATH": f"{folder}/logs"}
        program = ("dbt", *command[1:]) if command[0] == "dbt" else ("ontime", *command)
        log = (folder.parent / "commands.log").open("ab")
        return subprocess.Popen(
            [PROGRAMS / program[0], *program[1:]],
            cwd=ROOT,
            env=kept | dbt | self.variables,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def run(self, *command: str) -> float:
        """Run a command, which must succeed; how many seconds it took."""
        started = time.monotonic()
        if self.start(command).wait() != 0:
            log = self.settings.data_dir.parent / "commands.log"
            raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text()[-3000:]}")
        return time.monotonic() - started


class DevPlaces:
    """Places on DuckDB; a state is a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def empty(self, name: str) -> Place:
        """A place that nothing was loaded in."""
        data_dir = self._folder / name
        data_dir.mkdir(parents=True)
        return Place({"ONTIME_DATA_DIR": str(data_dir)})

    def copy(self, place: Place, name: str) -> Place:
        """A place with the state of another."""
        data_dir = self._folder / name
        shutil.copytree(place.settings.data_dir, data_dir)
        return Place(place.variables | {"ONTIME_DATA_DIR": str(data_dir)})


class PostgresPlaces(DevPlaces):
    """Places on PostgreSQL; a state is a folder and a database."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        super().__init__(folder)
        self._server = stack.enter_context(running_postgres(folder))

    def empty(self, name: str) -> Place:
        """A place that nothing was loaded in."""
        self._server.make_database(name)
        return Place(super().empty(name).variables | self._server.variables(name, self._folder / name))

    def copy(self, place: Place, name: str) -> Place:
        """A place with the state of another."""
        self._server.make_database(name, template=place.variables["ONTIME_POSTGRES_DATABASE"])
        return Place(super().copy(place, name).variables | {"ONTIME_POSTGRES_DATABASE": name})


class LakePlaces:
    """Places in a lake; a state is a folder and a catalog."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._lakes: Lakes = stack.enter_context(running_lakes(folder))

    def empty(self, name: str) -> Place:
        """A place that nothing was loaded in."""
        lake = self._lakes.make(name)
        lake.settings.data_dir.mkdir()
        return Place(lake.variables)

    def copy(self, place: Place, name: str) -> Place:
        """A place with the state of another."""
        return Place(self._lakes.copy(Lake(place.variables), name).variables)
