"""Examples that the warehouse keeps are taken as they are, where they are what raw would give; else raw is built."""

import pytest
from dbt_project import EVERY_QUESTION, DbtProject
from training_project import NAME, Project, flights

from feature_store.questions.compiling import load_compiled
from feature_store.questions.horizons import AT_DEPARTURE
from feature_store.training_sets.choices import Choices
from feature_store.training_sets.kept import open_kept
from feature_store.training_sets.rebuild import rebuild
from ontime.settings import Settings

UNBUILT = ("--exclude-resource-type", "test", "unit_test", "snapshot")
QUESTION = "arrival_delayed_15"
ASKED = ("--question", QUESTION, "--horizon", "departure", "--force")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept_examples")
    project = Project(folder / "data", copied=folder / "project")
    project.raw.load("bts", "flights", flights(range(1, 29)))
    kept = DbtProject(project.data_dir, project.folder, kept_questions=EVERY_QUESTION)
    kept.run("build", "--select", f"+trn_{QUESTION}", *UNBUILT)
    return project


def are_taken(project: Project) -> bool:
    """Whether a set would be made of the examples that are kept."""
    settings = Settings(data_dir=project.data_dir)
    with rebuild(settings, load_compiled(QUESTION), None, print) as built:
        choices = Choices(question=QUESTION, horizons_minutes=(AT_DEPARTURE,))
        with open_kept(settings, built, choices) as connection:
            return connection is not None


@pytest.mark.slow
def test_a_set_of_what_is_kept_is_what_raw_gives(project):
    receipt = project.create(*ASKED)
    assert receipt["choices"]["question"] == QUESTION
    assert len(receipt["question_version"]) == 64
    verified = project.run("verify", NAME)
    assert verified.returncode == 0, verified.stderr
    DbtProject(project.data_dir).execute(f"update training.trn_{QUESTION} set distance_miles = 1")
    project.create(*ASKED)
    assert project.query("select distinct distance_miles from read_parquet('{set}/*.parquet')") == [(1,)]


@pytest.mark.slow
def test_what_is_kept_is_taken_until_loads_or_definitions_are_others(project, monkeypatch):
    monkeypatch.chdir(project.folder)
    for name in ("DBT_PROJECT_DIR", "DBT_PROFILES_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert are_taken(project)
    macro = project.folder / "macros" / "examples.sql"
    text = macro.read_text()
    macro.write_text(text.replace("-- keys", "-- the keys"))
    assert not are_taken(project)
    macro.write_text(text)
    project.raw.load("bts", "flights", flights(range(29, 31)))
    assert not are_taken(project)
