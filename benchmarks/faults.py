"""Whether a command that is killed and run again loses, doubles or leaves anything behind.

    python benchmarks/faults.py [--kills 50] [--seed 1] [--only "dbt build" …]

Each command runs once undisturbed. Then, as often as asked, it starts from the same state, is killed with SIGKILL at a
random moment, alone or with all that it started, and is run once more. All tables and files that it makes are compared
with those of the undisturbed run; the columns that tell of the load alone are not. Prints a row for each command.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from dbt_project import environment
from lake_fixture import Lake, Lakes, running_lakes
from landed_events import land, records_of
from postgres_fixture import running_postgres
from quarter_fixture import write_later
from running import ROOT
from s3_fixture import S3, running_s3
from sample_files import write_first_quarter

from engines.targets import engine
from ontime.settings import Settings
from ontime.sql import quoted
from operations.doctor.leftovers import leftover_findings

PROGRAMS: Final = Path(sys.executable).parent
# of a load alone, of an invocation, or of the moment at which a history was taken
OF_THE_RUN: Final = r"^_dlt_.*|loaded_at|fetched_at|dbt_.*"
# all but what is told of runs
SCHEMAS: Final = (
    r"^(raw_(asos|bts|events|nycflights13|reference)|marts|reports|features|training|intermediate|snapshots)$"
)
BOOKKEEPING: Final = r"^_dlt_.*"
MONTHS: Final = ("1",)
DAYS: Final = tuple(map(str, range(1, 9)))
EVENTS: Final = tuple(datetime.fromisoformat(day) for day in ("2013-01-01", "2013-01-04"))
SIDES: Final = ("expected", "found")
SET: Final = ("training-set", "create", "winter", "--horizon", "2h", "--start", "2013-01", "--end", "2013-01")


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


@dataclass(frozen=True)
class Command:
    """A command on a target, and the state it starts from.

    Attributes:
        target: The target.
        arguments: Of `ontime`, or `dbt` and its own.
        begin: Makes a new place, of a name, with that state.
        keep: Puts what the command made into a new DuckDB file.
    """

    target: str
    arguments: tuple[str, ...]
    begin: Callable[[str], Place]
    keep: Callable[[Place, Path], None]

    @property
    def name(self) -> str:
        """What it is called in the table."""
        return " ".join(part for part in self.arguments[:2] if not part.startswith("-"))


@dataclass
class Outcome:
    """What became of the kills of a command."""

    kills: int = 0
    lost: int = 0
    doubled: int = 0
    left_behind: int = 0
    errors: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[], metavar="COMMAND", help="as they stand in the table")
    parser.add_argument("--targets", nargs="*", default=["dev", "postgres", "lake"], metavar="TARGET")
    options = parser.parse_args()
    print("| target | command | kills | rows lost | rows too many | left behind |")
    print("| --- | --- | ---: | ---: | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory(prefix="ontime-") as folder, ExitStack() as stack:
        for command in _commands(Path(folder), options.targets, stack):
            if options.only and command.name not in options.only:
                continue
            found = _kill_often(command, Path(folder), options.kills, random.Random(options.seed))
            figures = (found.kills, found.lost, found.doubled, found.left_behind)
            print(f"| {command.target} | {command.name} | {' | '.join(f'{n:,}' for n in figures)} |", flush=True)
            for error in found.errors:
                print(error, file=sys.stderr, flush=True)


def _kill_often(command: Command, folder: Path, kills: int, chance: random.Random) -> Outcome:
    expected = folder / "expected.duckdb"
    undisturbed = command.begin("undisturbed")
    seconds = undisturbed.run(*command.arguments)
    command.keep(undisturbed, expected)
    outcome = Outcome()
    attempt = 0
    while outcome.kills < kills:
        attempt += 1
        place = command.begin(f"killed_{attempt}")
        if _kill(place.start(command.arguments), seconds, chance):
            outcome.kills += 1
            place.run(*command.arguments)
            found = folder / "found.duckdb"
            command.keep(place, found)
            _compare(found, expected, outcome, attempt)
            outcome.left_behind += sum(one.level == "warning" for one in leftover_findings(place.settings))
            found.unlink()
            print(f"{command.target} {command.name}: {outcome.kills} kills", file=sys.stderr, flush=True)
        _remove(place)
    _remove(undisturbed)
    expected.unlink()
    return outcome


def _kill(process: subprocess.Popen[bytes], seconds: float, chance: random.Random) -> bool:
    """Kill a command within so many seconds, maybe with what it started; whether it was at work."""
    moment, alone = chance.uniform(0.1, 1.0) * seconds, chance.random() < 0.5
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        if alone:
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def _compare(found: Path, expected: Path, outcome: Outcome, attempt: int) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{found}' as found (read_only); attach '{expected}' as expected (read_only)")
        names = {side: set(_tables(connection, side)) for side in SIDES}
        for name in sorted(set().union(*names.values())):
            counts = [_rows_beside(connection, names, name, *sides) for sides in (SIDES, SIDES[::-1])]
            outcome.lost += counts[0]
            outcome.doubled += counts[1]
            if any(counts):
                outcome.errors.append(f"kill {attempt}: {name}: {counts[0]:,} rows lost, {counts[1]:,} too many")


def _rows_beside(
    connection: duckdb.DuckDBPyConnection, names: dict[str, set[str]], name: str, side: str, other: str
) -> int:
    """Rows of a table on one side that the other lacks."""
    if name not in names[side]:
        return 0
    less = f" except all from {other}.{quoted(name)}" if name in names[other] else ""
    return len(connection.sql(f"from {side}.{quoted(name)}{less}"))


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    query = "select table_name from duckdb_tables() where database_name = ?"
    return [name for (name,) in connection.execute(query, [database]).fetchall()]


def _keep_tables(connection: duckdb.DuckDBPyConnection, database: str, file: Path) -> None:
    """Copy the tables of a database that commands make, less what tells of the load alone."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ?"
        " and regexp_matches(schema_name, ?) and not regexp_matches(table_name, ?)",
        [database, SCHEMAS, BOOKKEEPING],
    ).fetchall()
    columns = f"columns(c -> not regexp_full_match(c, '{OF_THE_RUN}'))"
    with duckdb.connect(str(file)) as kept:
        for schema, table in tables:
            source = f"{quoted(database)}.{quoted(schema)}.{quoted(table)}"
            kept.register("rows", connection.sql(f"select {columns} from {source}").to_arrow_table())
            kept.execute(f"create table {quoted(f'{schema}.{table}')} as from rows")


def _keep_raw(place: Place, file: Path) -> None:
    settings = place.settings
    with engine(settings).open_raw(settings, _hush, read_only=True) as connection:
        _keep_tables(connection, _current(connection), file)


def _keep_warehouse(place: Place, file: Path) -> None:
    settings = place.settings
    with engine(settings).open_warehouse(settings, _hush) as connection:
        _keep_tables(connection, _current(connection), file)


def _keep_published(place: Place, file: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{place.settings.published_database}' as published (read_only)")
        _keep_tables(connection, "published", file)


def _keep_set(place: Place, file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        for part in sorted((place.settings.data_dir / "training_sets").glob("*/*.parquet")):
            connection.execute(f"create table {quoted(part.stem)} as from '{part}'")


def _hush(_line: str) -> None:
    pass


def _current(connection: duckdb.DuckDBPyConnection) -> str:
    return str(connection.execute("select current_database()").fetchall()[0][0])


class _Dev:
    """Places on DuckDB; a state is a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def empty(self, name: str) -> Place:
        data_dir = self._folder / name
        data_dir.mkdir(parents=True)
        return Place({"ONTIME_DATA_DIR": str(data_dir)})

    def copy(self, place: Place, name: str) -> Place:
        data_dir = self._folder / name
        shutil.copytree(place.settings.data_dir, data_dir)
        return Place(place.variables | {"ONTIME_DATA_DIR": str(data_dir)})


class _Postgres(_Dev):
    """Places on PostgreSQL; a state is a folder and a database."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        super().__init__(folder)
        self._server = stack.enter_context(running_postgres(folder))

    def empty(self, name: str) -> Place:
        self._server.make_database(name)
        return Place(super().empty(name).variables | self._server.variables(name, self._folder / name))

    def copy(self, place: Place, name: str) -> Place:
        self._server.make_database(name, template=place.variables["ONTIME_POSTGRES_DATABASE"])
        return Place(super().copy(place, name).variables | {"ONTIME_POSTGRES_DATABASE": name})


class _Lake:
    """Places in a lake; a state is a folder and a catalog."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._lakes: Lakes = stack.enter_context(running_lakes(folder))

    def empty(self, name: str) -> Place:
        lake = self._lakes.make(name)
        lake.settings.data_dir.mkdir()
        return Place(lake.variables)

    def copy(self, place: Place, name: str) -> Place:
        return Place(self._lakes.copy(Lake(place.variables), name).variables)


def _commands(folder: Path, targets: list[str], stack: ExitStack) -> Iterator[Command]:
    sources = _write_sources(folder / "sources")
    dev = _Dev(folder / "dev")
    loaded, built = dev.empty("loaded"), None
    loaded.run("ingest", "nycflights13", "--from", str(sources / "nycflights13"))
    loaded.run("ingest", "reference", "--from", str(sources / "reference"))
    built = dev.copy(loaded, "built")
    built.run("dbt", "build", "--exclude-resource-type", "test", "unit_test")
    if "dev" in targets:
        yield from _dev_commands(dev, loaded, built, sources, stack)
    for target, places in (("postgres", _Postgres), ("lake", _Lake)):
        if target in targets:
            other = places(folder / target, stack)
            yield from _shorter_commands(target, other, sources)


def _dev_commands(dev: _Dev, loaded: Place, built: Place, sources: Path, stack: ExitStack) -> Iterator[Command]:
    for source in ("nycflights13", "reference", "bts", "asos"):
        arguments = ("ingest", source, "--from", str(sources / source))
        yield Command("dev", arguments, dev.empty, _keep_raw)
    landed = dev.empty("landed")
    land(landed.settings, records_of(built.settings.warehouse_database, *EVENTS))
    yield Command("dev", ("ingest", "events"), lambda name: dev.copy(landed, name), _keep_raw)
    yield Command("dev", ("dbt", "build"), lambda name: dev.copy(loaded, name), _keep_warehouse)
    yield Command("dev", ("publish",), lambda name: dev.copy(built, name), _keep_published)
    s3 = stack.enter_context(running_s3(built.settings.data_dir.parent / "s3", iceberg=True))
    in_catalog = Place(built.variables | s3.iceberg_variables)
    yield Command("dev", ("publish", "iceberg"), lambda name: dev.copy(in_catalog, name), partial(_keep_iceberg, s3))
    yield Command("dev", SET, lambda name: dev.copy(loaded, name), _keep_set)


def _shorter_commands(target: str, places: _Dev | _Lake, sources: Path) -> Iterator[Command]:
    ingest = ("ingest", "nycflights13", "--from", str(sources / "nycflights13"))
    yield Command(target, ingest, places.empty, _keep_raw)
    loaded = places.empty("loaded")
    loaded.run(*ingest)
    if target == "lake":
        loaded.run(*ingest, "--full-refresh")
        for upkeep in (("lake", "merge"), ("lake", "expire", "--older-than", "0s")):
            yield Command(target, upkeep, lambda name: places.copy(loaded, name), _keep_raw)
    built = places.copy(loaded, "built")
    built.run("dbt", "build", "--exclude-resource-type", "test", "unit_test")
    yield Command(target, ("publish",), lambda name: places.copy(built, name), _keep_published)


def _keep_iceberg(s3: S3, _place: Place, file: Path) -> None:
    with duckdb.connect() as connection:
        s3.attach(connection, "ice")
        connection.execute(f"attach '{file}' as kept")
        for schema, table in connection.execute(
            "select schema, name from (show all tables) where database = 'ice'"
        ).fetchall():
            source = f"ice.{quoted(schema)}.{quoted(table)}"
            connection.execute(f"create table kept.{quoted(f'{schema}.{table}')} as from {source}")


def _write_sources(folder: Path) -> Path:
    """A folder of each source that is read from files."""
    write_first_quarter(folder / "nycflights13", months=MONTHS, days=DAYS)
    return write_later(folder)


def _remove(place: Place) -> None:
    shutil.rmtree(place.settings.data_dir)


if __name__ == "__main__":
    main()
