"""A warehouse to which anything happens in any order, and which one whole build has to put right."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
from any_order_steps import NUMBERS, TAILS, Arrival, Flights, Reports, SampleFlights, SampleWeather, Step
from dbt.parser.manifest import extended_mashumaro_encoder
from dbt_project import DbtProject
from raw_rows import RawData

from ingestion.raw.lineage import LOADS_TABLE
from ontime.schemas import dataset_name

HALTED_DBT = Path(__file__).with_name("halted_dbt.py")
TABLES = ("config.materialized:table", "config.materialized:incremental")
# what builds write down of themselves, and what no build makes
NO_RESULTS = ("governance", "seeds", "snapshots")
# tables of versions, and what names the thing that has them
VERSIONS = {
    "marts.fct_flight_events": "(flight_key, event_type)",
    "intermediate.int_weather_report_versions": "weather_report_key",
}
FIRST_FILES = (
    Flights(days=(0, 3, 4), numbers=tuple(NUMBERS), outcome=0),
    SampleFlights(day=4, numbers=tuple(NUMBERS), outcome=1),
    SampleWeather(day=4, outcome=0),
    Reports(day=5, outcome=0),
)


class Files:
    """The raw data of a warehouse, and which files it came in."""

    def __init__(self, raw: RawData) -> None:
        self.raw = raw
        self.clock = datetime(2014, 1, 2)
        self.loaded: list[tuple[str, str, list[dict], str | None]] = []

    def copied(self, data_dir: Path) -> "Files":
        files = Files(copy(self.raw))
        files.raw.path = data_dir / self.raw.path.name
        files.loaded, files.clock = list(self.loaded), self.clock
        return files

    def load(self, source: str, table: str, rows: list[dict], arrival: Arrival, month: str | None = None) -> None:
        self.loaded.append((source, table, rows, month))
        self.clock += timedelta(hours=arrival.hours)
        loaded_at = self.clock + timedelta(days=arrival.clock_days)
        self.raw.load(source, table, rows, loaded_at, status=0 if arrival.completes else 1, month=month)

    def load_again(self, which: int, arrival: Arrival) -> None:
        source, table, rows, month = self.loaded[which % len(self.loaded)]
        self.load(source, table, rows, arrival, month)

    def complete(self) -> None:
        with duckdb.connect(str(self.raw.path)) as connection:
            for source in sorted({source for source, *_ in self.loaded}):
                connection.execute(f"update {dataset_name(source)}.{LOADS_TABLE} set status = 0")


class Template:
    """What all sequences begin with: a little raw data, and a warehouse that was built of it or not yet."""

    def __init__(self, folder: Path) -> None:
        self.built, self.unbuilt, self.manifest = folder / "built", folder / "unbuilt", folder / "manifest"
        self.built.mkdir(parents=True)
        project = DbtProject(self.built)
        self.files = Files(RawData(self.built))
        aircraft = [{"tail_number": tail, "registry": "faa"} for tail in TAILS if tail]
        self.files.load("reference", "aircraft", aircraft, Arrival())
        for step in FIRST_FILES:
            step.take(self)
        project.run("seed")
        project.run("run")
        self.manifest.write_bytes(project.manifest().to_msgpack(extended_mashumaro_encoder))
        self._forget_tables(DbtProject(shutil.copytree(self.built, self.unbuilt)))

    @staticmethod
    def _forget_tables(project: DbtProject) -> None:
        """Leave the views, which are the same whatever they show, and the seeds."""
        notes = project.query("select table_name from duckdb_tables() where schema_name = 'governance'")
        project.execute(
            *(f"drop table {name}" for name in tables(project.database)),
            *(f"delete from governance.{name}" for (name,) in notes),
        )


class Warehouse:
    """A warehouse on which steps are taken.

    Attributes:
        is_built: Whether it was built whole before. If not, the first build of some models makes what they need, too,
            and later ones may lack some of it.
    """

    def __init__(self, template: Template, is_built: bool) -> None:
        self.template, self.is_built = template, is_built
        self.folder = Path(tempfile.mkdtemp(prefix="any-order-"))
        self.project = self._copied(template.built if is_built else template.unbuilt, "sequence")
        self.files = template.files.copied(self.project.data_dir)
        self.is_empty = not is_built

    def _copied(self, data_dir: Path, name: str) -> DbtProject:
        return DbtProject(shutil.copytree(data_dir, self.folder / name))

    def exclude(self, tails: tuple[str, ...]) -> None:
        rows = [f"insert into seeds.excluded_aircraft (tail_number) values ('{tail}')" for tail in tails]
        self.project.execute("delete from seeds.excluded_aircraft", *rows)

    def build(self, models: tuple[str, ...], *options: str) -> None:
        if self.is_empty:
            models = tuple(f"+{name},{table}" for name in models for table in TABLES)
        self.project.run(
            "--log-level=none", "run", "--select", *models, *options, succeeds=self.is_built or self.is_empty
        )
        self.is_empty = False

    def build_until_killed(self, models: tuple[str, ...], statement: int) -> None:
        arguments = (self.template.manifest, self.project.data_dir, str(statement), "--select", *models)
        subprocess.run([sys.executable, HALTED_DBT, "SIGKILL", *arguments], check=False, capture_output=True)

    def build_whole(self) -> None:
        self.project.run("run", "--select", *TABLES)
        self.is_built = True

    def differences(self) -> list[str]:
        """How its tables differ from those of a warehouse that is built once from the same raw data."""
        fresh = self._copied(self.template.unbuilt, "fresh")
        shutil.copy(self.files.raw.path, fresh.data_dir)
        fresh.execute(
            f"attach '{self.project.database}' as sequence (read_only)",
            "delete from seeds.excluded_aircraft",
            "insert into seeds.excluded_aircraft from sequence.seeds.excluded_aircraft",
        )
        fresh.run("run", "--select", *TABLES)
        return [*compared(self.project.database, fresh.database), *held_at_once(fresh.database)]

    def remove(self) -> None:
        shutil.rmtree(self.folder)


def differences_after(template: Template, is_built: bool, steps: Sequence[Step]) -> list[str]:
    """How a warehouse differs from one that is built once, after some steps and a build of everything."""
    warehouse = Warehouse(template, is_built)
    try:
        for step in steps:
            step.take(warehouse)
        warehouse.build_whole()
        return warehouse.differences()
    finally:
        warehouse.remove()


def tables(database: Path) -> list[str]:
    """Names of the tables that models are built as."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where not internal"
            f" and database_name = current_database() and schema_name not in {NO_RESULTS} order by 1"
        ).fetchall()
    return [name for (name,) in rows]


def compared(found: Path, expected: Path) -> Iterable[str]:
    """A line on each table that is not the same in two databases, with a row of those that differ."""
    names = tables(expected)
    assert tables(found) == names
    with duckdb.connect() as connection:
        connection.execute(f"attach '{found}' as found (read_only); attach '{expected}' as expected (read_only)")
        for name in names:
            extra = connection.sql(f"from found.{name} except all from expected.{name} order by all")
            missing = connection.sql(f"from expected.{name} except all from found.{name} order by all")
            if len(extra) + len(missing):
                yield f"{name}: {len(extra)} rows too many, {len(missing)} missing; {_first_apart(extra, missing)}"


def held_at_once(database: Path) -> Iterable[str]:
    """A line on each table in which two versions of one thing hold at the same instant."""
    with duckdb.connect(str(database), read_only=True) as connection:
        for table, thing in VERSIONS.items():
            pairs = connection.sql(
                f"select {thing}, one.version_number, other.version_number from {table} as one join {table} as other"
                f" using ({thing.strip('()')}) where one.version_number < other.version_number"
                " and greatest(one.known_at, other.known_at)"
                " < least(one.superseded_at, other.superseded_at, timestamp '2999-01-01')"
            )
            if pairs:
                yield f"{table}: {len(pairs)} pairs of versions hold at once; {pairs.fetchone()}"


def _first_apart(extra: duckdb.DuckDBPyRelation, missing: duckdb.DuckDBPyRelation) -> str:
    rows = [relation.fetchone() for relation in (extra, missing)]
    if None in rows:
        return str(dict(zip(extra.columns, rows[0] or rows[1], strict=True)))
    apart = [(c, a, b) for c, a, b in zip(extra.columns, *rows, strict=True) if a != b or c == extra.columns[0]]
    return ", ".join(f"{column} {found} for {expected}" for column, found, expected in apart)
