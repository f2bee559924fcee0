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
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from fault_places import DevPlaces, LakePlaces, Place, PostgresPlaces
from kept_tables import differing, keep_iceberg, keep_published, keep_raw, keep_set, keep_warehouse
from landed_events import land, records_of
from quarter_fixture import write_later
from s3_fixture import running_s3
from sample_files import write_first_quarter

from operations.doctor.leftovers import leftover_findings

# a place keeps its name as long as the server does
NUMBERS: Final = count(1)
MONTHS: Final = ("1",)
DAYS: Final = tuple(map(str, range(1, 9)))
EVENTS: Final = tuple(datetime.fromisoformat(day) for day in ("2013-01-01", "2013-01-04"))
BUILT_OF: Final = ("nycflights13", "reference")
BUILD: Final = ("dbt", "build", "--exclude-resource-type", "test", "unit_test")
SET: Final = ("training-set", "create", "winter", "--horizon", "2h", "--start", "2013-01", "--end", "2013-01")


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
    parser.add_argument("--only", nargs="*", default=[], metavar="COMMAND", help="as `publish` or `dbt build`")
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
    undisturbed = command.begin(f"run_{next(NUMBERS)}")
    seconds = undisturbed.run(*command.arguments)
    command.keep(undisturbed, expected)
    outcome = Outcome()
    attempt = 0
    while outcome.kills < kills:
        attempt += 1
        place = command.begin(f"run_{next(NUMBERS)}")
        if _kill(place.start(command.arguments), seconds, chance):
            outcome.kills += 1
            place.run(*command.arguments)
            found = folder / "found.duckdb"
            command.keep(place, found)
            for name, lost, doubled in differing(expected, found):
                outcome.lost += lost
                outcome.doubled += doubled
                outcome.errors.append(f"kill {attempt}: {name}: {lost:,} rows lost, {doubled:,} too many")
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


def _commands(folder: Path, targets: list[str], stack: ExitStack) -> Iterator[Command]:
    sources = _write_sources(folder / "sources")
    if "dev" in targets:
        yield from _dev_commands(DevPlaces(folder / "dev"), sources, stack)
    for target, places in (("postgres", PostgresPlaces), ("lake", LakePlaces)):
        if target in targets:
            yield from _shorter_commands(target, places(folder / target, stack), sources)


def _dev_commands(dev: DevPlaces, sources: Path, stack: ExitStack) -> Iterator[Command]:
    loaded = dev.empty("loaded")
    for source in ("nycflights13", "reference", "bts", "asos"):
        arguments = ("ingest", source, "--from", str(sources / source))
        yield Command("dev", arguments, dev.empty, keep_raw)
        if source in BUILT_OF:
            loaded.run(*arguments)
    built = dev.copy(loaded, "built")
    built.run(*BUILD)
    landed = dev.empty("landed")
    land(landed.settings, records_of(built.settings.warehouse_database, *EVENTS))
    yield Command("dev", ("ingest", "events"), lambda name: dev.copy(landed, name), keep_raw)
    yield Command("dev", ("dbt", "build"), lambda name: dev.copy(loaded, name), keep_warehouse)
    yield Command("dev", ("publish",), lambda name: dev.copy(built, name), keep_published)
    s3 = stack.enter_context(running_s3(built.settings.data_dir.parent / "s3", iceberg=True))
    in_catalog = Place(built.variables | s3.iceberg_variables)
    yield Command("dev", ("publish", "iceberg"), lambda name: dev.copy(in_catalog, name), partial(keep_iceberg, s3))
    yield Command("dev", SET, lambda name: dev.copy(loaded, name), keep_set)


def _shorter_commands(target: str, places: DevPlaces | LakePlaces, sources: Path) -> Iterator[Command]:
    ingest = ("ingest", "nycflights13", "--from", str(sources / "nycflights13"))
    yield Command(target, ingest, places.empty, keep_raw)
    loaded = places.empty("loaded")
    loaded.run(*ingest)
    if target == "lake":
        loaded.run(*ingest, "--full-refresh")
        for upkeep in (("lake", "merge"), ("lake", "expire", "--older-than", "0h", "--grace", "0h")):
            yield Command(target, upkeep, lambda name: places.copy(loaded, name), keep_raw)
    built = places.copy(loaded, "built")
    built.run(*BUILD)
    yield Command(target, ("publish",), lambda name: places.copy(built, name), keep_published)


def _write_sources(folder: Path) -> Path:
    """A folder of each source that is read from files."""
    write_first_quarter(folder / "nycflights13", months=MONTHS, days=DAYS)
    return write_later(folder)


def _remove(place: Place) -> None:
    shutil.rmtree(place.settings.data_dir)


if __name__ == "__main__":
    main()
