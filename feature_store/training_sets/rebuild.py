"""The training examples built again from raw, of a stated set of loads, in a database of their own."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb

from engines.targets import engine
from feature_store.questions import Question
from feature_store.training_sets.receipt import Receipt
from ingestion.provenance import LoadSet, loads_of, newest_load
from ontime.artifacts import read_nodes, read_results
from ontime.dbt_run import run_dbt
from ontime.errors import OntimeError
from ontime.project import project_folder
from ontime.scratch import Scratch, work_folder
from ontime.settings import Settings
from ontime.sql import quote_sql

PARSED_DBT = "feature_store.training_sets.parsed_dbt"
# nobody reads a log that goes with the folder, and to write it takes time
UNLOGGED = ("--log-level-file=none",)
DEFINED = ("model", "seed")
# what dbt says of an error begins with what it is
LONGEST_SAID = 600
REBUILD: Final = "rebuild"


@dataclass(frozen=True)
class Rebuild:
    """A copy of raw, and what dbt makes of it.

    Attributes:
        question: The question that the examples are of.
        scratch: The folder that holds it all, gone when the rebuild is left.
        database: The DuckDB file that the examples are built in.
        loads: Which loads are read.
        raw_loads: Their ids, by raw schema.
        raw_version: The version of raw that they are read from, where the target keeps versions.
        tell: Is told what dbt is at.
    """

    question: Question
    scratch: Scratch
    database: Path
    loads: LoadSet
    raw_loads: dict[str, list[str]]
    raw_version: int | None
    tell: Callable[[str], None]

    def build(self) -> dict[str, str]:
        """Build the examples and all that they depend on; gives what `definitions` does.

        Raises:
            OntimeError: dbt failed.
        """
        self.tell("building the examples from raw")
        return _definitions(
            self._dbt("build", *self._selected, "--exclude-resource-type", "test", "unit_test", "snapshot")
        )

    def definitions(self) -> dict[str, str]:
        """SHA-256 of the compiled SQL of each model and of the content of each seed, by name; nothing is built.

        Raises:
            OntimeError: dbt cannot compile them.
        """
        return _definitions(self._dbt("compile", *self._selected, "--indirect-selection", "empty"))

    def expected_definitions(self) -> tuple[str, dict[str, str]]:
        """The set of files that the examples would be made of, and by which definitions they and their tables would be.

        As the warehouse has them, too: in `governance.model_builds` and `governance.model_definitions`.

        Raises:
            OntimeError: dbt cannot tell them.
        """
        self._dbt("run-operation", "tell_definitions", "--args", json.dumps({"model_name": self.question.model}))
        with duckdb.connect(str(self.database), read_only=True) as connection:
            told = connection.sql("select load_set, model_name, definition from expected_definitions").fetchall()
        return told[0][0], {model: definition for _, model, definition in told}

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open what was built, read-only; clock times are UTC."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            # views read it
            connection.execute(f"attach {quote_sql(str(self.scratch.path / 'raw.duckdb'))} as raw (read_only)")
            connection.execute("set threads = 1")  # the same bytes every time
            connection.execute("set enable_progress_bar = false")
            yield connection

    @property
    def _selected(self) -> tuple[str, str]:
        return "--select", f"+{self.question.model}"

    def _dbt(self, command: str, *arguments: str) -> Path:
        """Run a command of dbt; gives the folder of what it writes of itself."""
        target = self.scratch.path / "target"
        environment = os.environ | {
            "ONTIME_TARGET": "dev",
            "ONTIME_DATA_DIR": str(self.scratch.path),
            "ONTIME_SCRATCH_DIR": str(self.scratch.path / "scratch"),
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(self.scratch.path / "logs"),
        }
        done = run_dbt(
            (sys.executable, "-m", PARSED_DBT, project_folder(), *UNLOGGED),
            (command, *arguments, "--vars", json.dumps(self._variables())),
            self.tell,
            environment=environment,
            pass_fds=(self.scratch.lock,),
        )
        if done.status != 0:
            said = " ".join(done.said.split())
            said = said if len(said) <= LONGEST_SAID else f"{said[:LONGEST_SAID]}…"
            raise OntimeError(
                f"dbt could not {command} {self.question.model} ({said})", remedy="mend that, dbt build shows it whole"
            )
        return target

    def _variables(self) -> dict[str, object]:
        return self.loads.variables() | {"kept_questions": {self.question.name: "all"}}


@contextmanager
def rebuild(
    settings: Settings,
    question: Question,
    as_of: datetime | None,
    tell: Callable[[str], None],
    made_before: Receipt | None = None,
) -> Iterator[Rebuild]:
    """Make ready for building, from all completed loads or from those of a set that was made before.

    Nothing of the warehouse is read or changed. Whatever the target is, DuckDB builds.

    Args:
        settings: For the target.
        question: The question that examples are wanted of.
        as_of: Only loads that had completed by this instant (UTC), by the clock of who loaded them; none for all.
        tell: Is told how far dbt is.
        made_before: The receipt of the set.

    Raises:
        OntimeError: Nothing is loaded, or the version of raw is gone.
    """
    with work_folder(settings, REBUILD) as scratch:
        raw = scratch.path / settings.raw_database.name
        raw_version = engine(settings).give_raw(settings, raw, made_before.lake_snapshot if made_before else None)
        with duckdb.connect(str(raw), read_only=True) as connection:
            until_load = made_before.until_load if made_before else None
            if until_load is None:
                until_load = newest_load(connection, made_before.raw_loads if made_before else None)
            loads = LoadSet(until_load, as_of)
            raw_loads = loads_of(connection, loads)
        database = scratch.path / settings.warehouse_database.name
        yield Rebuild(question, scratch, database, loads, raw_loads, raw_version, tell)


def _definitions(target: Path) -> dict[str, str]:
    """Hashes of what dbt has compiled or built: a model by its compiled SQL, a seed by its rows."""
    nodes = read_nodes(target)
    definitions = {}
    for result in read_results(target):
        node = nodes.get(result["unique_id"])
        if node is None or node["resource_type"] not in DEFINED:
            continue
        text = result["compiled_code"] or node["checksum"]["checksum"]
        definitions[node["name"]] = hashlib.sha256(text.encode()).hexdigest()
    return dict(sorted(definitions.items()))
