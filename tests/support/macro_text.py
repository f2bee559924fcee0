"""The SQL that the project's macros write, to be run on tables of a test's own."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from dbt_project import SILENT, DbtProject


@cache
def render(template: str, *options: str) -> str:
    """Compile a template that calls macros; the relations that it names need not exist."""
    with TemporaryDirectory() as folder:
        duckdb.connect(f"{folder}/raw.duckdb").close()
        return compiled(DbtProject(Path(folder)), template, *options)


def compiled(project: DbtProject, template: str, *options: str) -> str:
    """The same on a project's own engine, where macros may ask for what is there."""
    outcome = project._invoke(project.manifest(), SILENT, "compile", "--inline", template, *options)
    return outcome.result.results[0].node.compiled_code


@cache
def compiled_models(selection: str) -> dict[str, str]:
    """What models are when they are built for the first time, by their names; what they refer to need not exist."""
    with TemporaryDirectory() as folder:
        duckdb.connect(f"{folder}/raw.duckdb").close()
        project = DbtProject(Path(folder))
        outcome = project._invoke(project.manifest(), "compile", "--select", selection)
        nodes = [result.node for result in outcome.result.results]
        return {node.name: node.compiled_code for node in nodes if node.resource_type == "model"}
