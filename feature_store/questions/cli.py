"""Questions that models are trained to answer: the files in training/questions, and the dbt models made of them."""

from typing import Annotated

import typer
from rich.table import Table

from feature_store.questions import load_questions
from feature_store.questions.compiling import compile_questions, find_differences, write_files
from feature_store.questions.horizons import span
from ontime.console import ReportingGroup, output
from ontime.errors import OntimeError
from ontime.project import project_folder

app = typer.Typer(cls=ReportingGroup, add_completion=False, no_args_is_help=True, help=__doc__)


@app.command("compile", epilog="Examples: ontime questions compile; ontime questions compile --check")
def compile_all(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where a file is not up to date.")] = False,
) -> None:
    """Write the dbt models of all questions, models/training/trn_NAME.sql, with their property files."""
    project, questions = project_folder(), load_questions()
    files = compile_questions(questions)
    if not check:
        for path in write_files(project, files):
            output.print(f"{'Written' if path in files else 'Removed'}: {path}")
        output.print(f"{len(questions)} questions are compiled.")
        return
    if differing := find_differences(project, files):
        raise OntimeError(
            f"{', '.join(map(str, differing))}: not what the questions give", remedy="run ontime questions compile"
        )
    output.print(f"The models of {len(questions)} questions are up to date.")


@app.command("list", epilog="Example: ontime questions list")
def list_questions() -> None:
    """List the questions."""
    table = Table("name", "question", "horizons", "features", "version", title="Questions", title_justify="left")
    for question in load_questions():
        features = sum(map(len, question.features.values()))
        horizons = ", ".join(map(span, question.horizons_minutes))
        table.add_row(question.name, question.text, horizons, str(features), question.version[:12])
    output.print(table)
