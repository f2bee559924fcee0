"""Who follows a page to the letter gets what it says, and what passes all checks."""

import shutil

import duckdb
import pytest
from fresh_clone import clone, run_make
from page_steps import BLOCK, run, steps
from paths import ROOT

DOCS = ROOT / "docs"

# what `make check` runs, on what was added
CHECKS = (
    "ruff check . && ruff format --check .",
    "mypy ingestion/sources/closures ontime/schemas.py",
    "lint-imports --no-cache",
    "pytest --numprocesses 0 tests/unit/project tests/integration/project/test_project_rules.py",
    "sqlfluff lint models/staging/closures models/features/feat_destination_arrivals.sql",
    "dbt --quiet docs generate --no-compile",
)


@pytest.fixture(scope="module")
def project(first_run, tmp_path_factory):
    """A clone with a built warehouse, to which one page after another adds something."""
    folder = clone(tmp_path_factory.mktemp("how_tos") / "ontime")
    shutil.copytree(first_run.copy / "data", folder / "data", ignore=shutil.ignore_patterns("target"))
    shutil.copytree(first_run.copy / "data" / "target", folder / "target")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("page", ["add-a-source", "add-a-model", "add-a-feature", "ask-another-question"])
def test_a_page_holds_when_it_is_followed_to_the_letter(project, page):
    taken = list(steps((DOCS / f"how-to-{page}.md").read_text()))
    assert any(step.file for step in taken)
    assert any(step.command.startswith("dbt build") for step in taken)
    for step in taken:
        step.take(project)


@pytest.mark.slow
def test_what_the_pages_added_passes_the_checks(project):
    for command in CHECKS:
        run(project, command)
    run_make(project, "--old-file=run", "rules")


@pytest.mark.slow
def test_the_state_as_of_an_instant_is_built_beside_the_present(project):
    for step in steps((DOCS / "how-to-backfill-and-correct.md").read_text()):
        step.take(project)
    assert (project / "data" / "then" / "ontime.duckdb").exists()


@pytest.mark.slow
@pytest.mark.parametrize("page", ["how-to-read-the-marts", "how-to-load-bts-months", "runbook"])
def test_questions_that_pages_ask_are_answered(first_run, page):
    data = first_run.clone / "data"
    asked = [(language, text) for language, _, text in BLOCK.findall((DOCS / f"{page}.md").read_text())]
    assert any(language == "sql" for language, _ in asked)
    for language, text in asked:
        if language == "python":
            run(first_run.clone, "python -", text)
        elif language == "sql":
            database = "raw.duckdb" if text.startswith("-- in data/raw.duckdb") else "published/ontime.duckdb"
            with duckdb.connect(str(data / database), read_only=True) as connection:
                connection.execute(text)
