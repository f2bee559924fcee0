"""The project's dbt, run in this process on a data folder of its own."""

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder
from paths import ROOT

# what the parsed project depends on; where data and servers are is looked up when it runs
PARSED_SETTINGS = ("ONTIME_TARGET", "ONTIME_POSTGRES_DATABASE")
# the manifest and the results are at hand; to write them takes longer than to run a small model
QUICK = ("--log-level-file=none", "--no-write-json")
SILENT = "--log-level=none"
SUCCESSES = {"success", "pass", "no-op"}
MANIFESTS: dict[tuple[object, ...], Manifest] = {}


@dataclass(frozen=True)
class DbtProject:
    """A project on a target.

    Attributes:
        data_dir: The data folder.
        project_dir: Where the models are.
        variables: What the environment holds beside the data folder: the target, and where its server is.
        change: In which file of the project which text stands for which other.
        kept_questions: The questions whose examples are kept, each with its months; none for what the project keeps.
    """

    data_dir: Path
    project_dir: Path = ROOT
    variables: tuple[tuple[str, str], ...] = ()
    change: tuple[str, str, str] | None = None
    kept_questions: tuple[tuple[str, str | int], ...] = ()

    @property
    def database(self) -> Path:
        return self.data_dir / "ontime.duckdb"

    def run(self, *arguments: str, succeeds: bool = True):
        """Invoke dbt and return its results by node name; the statuses are for the test to look at.

        Args:
            arguments: dbt's.
            succeeds: Without it dbt prints what it says of errors; to make lines of all events takes time.
        """
        outcome = self._invoke(self.manifest(), SILENT if succeeds else "--quiet", *arguments)
        results = outcome.result.results
        if succeeds:
            assert outcome.success, {r.node.name: r.message for r in results if str(r.status) not in SUCCESSES}
        return {result.node.name: str(result.status) for result in results}

    def changed_nodes(self, *arguments: str) -> set[str]:
        """The nodes that a build did not leave as they were, and the tests that looked at rows."""
        outcome = self._invoke(self.manifest(), "build", *arguments)
        assert outcome.success
        codes = {
            result.node.name: result.adapter_response.get("code")
            for result in outcome.result.results
            if result.node.resource_type != "seed"
        }
        return {name for name, code in codes.items() if code != "UNCHANGED" and not name.startswith("ontime-on-run")}

    def manifest(self) -> Manifest:
        """The parsed project."""
        settings = dict(self.variables)
        key = (self.project_dir, self.change, self.kept_questions, *(settings.get(name) for name in PARSED_SETTINGS))
        if key not in MANIFESTS and self.change:
            MANIFESTS[key] = changed(replace(self, change=None).manifest(), *self.change)
        elif key not in MANIFESTS:
            MANIFESTS[key] = self._invoke(None, SILENT, "parse").result
        return MANIFESTS[key]

    def _invoke(self, manifest: Manifest | None, *arguments: str) -> dbtRunnerResult:
        folders = (
            f"--project-dir={self.project_dir}",
            f"--profiles-dir={self.project_dir}",
            f"--target-path={self.data_dir / 'target'}",
        )
        with environment(**dict(self.variables) | {"ONTIME_DATA_DIR": str(self.data_dir)}):
            outcome = dbtRunner(manifest=manifest).invoke([*QUICK, *arguments, *folders, *self._kept(*arguments)])
        # the adapter keeps its connection for the next invocation, and the file with it
        if DuckDBConnectionManager._ENV:
            DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager.close_all_connections()
        if outcome.exception:
            raise outcome.exception
        return outcome

    def _kept(self, *arguments: str) -> tuple[str, ...]:
        if not self.kept_questions or "--vars" in arguments:
            return ()
        return "--vars", json.dumps({"kept_questions": dict(self.kept_questions)})

    def query(self, sql: str) -> list[tuple]:
        with self.connect(read_only=True) as connection:
            return connection.sql(sql).fetchall()

    def execute(self, *statements: str) -> None:
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def connect(self, read_only: bool = False):
        with duckdb.connect(str(self.database), read_only=read_only) as connection:
            connection.execute(f"attach '{self.data_dir / 'raw.duckdb'}' as raw (read_only)")
            connection.execute("set TimeZone = 'UTC'")
            yield connection


def changed(manifest: Manifest, file: str, text: str, replacement: str) -> Manifest:
    """The project as if one of its files read otherwise; what it refers to stays."""
    # as dbt keeps it from one command to the next
    kept = manifest.to_msgpack(extended_mashumaro_encoder)
    manifest = Manifest.from_msgpack(kept, decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()
    models = [node for node in manifest.nodes.values() if node.original_file_path == file]
    macros = [macro for macro in manifest.macros.values() if macro.original_file_path == file]
    assert sum(node.raw_code.count(text) for node in models) + sum(m.macro_sql.count(text) for m in macros) == 1
    for node in models:
        node.raw_code = node.raw_code.replace(text, replacement)
    for macro in macros:
        macro.macro_sql = macro.macro_sql.replace(text, replacement)
    return manifest


# all questions of the project, with all of their months
EVERY_QUESTION = tuple((path.stem, "all") for path in sorted((ROOT / "training" / "questions").glob("*.yml")))


@contextmanager
def environment(**variables: str):
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
