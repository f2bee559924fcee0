"""Examples that the warehouse keeps are taken as they are, where they are what raw would give; else raw is built."""

import pytest
from dbt_project import EVERY_QUESTION, DbtProject
from training_project import NAME, Project, flights

UNBUILT = ("--exclude-resource-type", "test", "unit_test", "snapshot")
ASKED = ("--question", "arrival_delayed_15", "--horizon", "departure", "--force")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept_examples")
    project = Project(folder / "data", copied=folder / "project")
    project.raw.load("bts", "flights", flights(range(1, 29)))
    kept = DbtProject(project.data_dir, project.folder, kept_questions=EVERY_QUESTION)
    kept.run("build", "--select", "+trn_arrival_delayed_15", *UNBUILT)
    return project


def distances(project: Project) -> list[tuple]:
    return project.query("select distinct distance_miles from read_parquet('{set}/*.parquet')")


@pytest.mark.slow
def test_a_set_of_what_is_kept_is_what_raw_gives(project):
    receipt = project.create(*ASKED)
    assert receipt["choices"]["question"] == "arrival_delayed_15"
    assert len(receipt["question_version"]) == 64
    verified = project.run("verify", NAME)
    assert verified.returncode == 0, verified.stderr


@pytest.mark.slow
def test_what_is_kept_is_taken_until_loads_or_definitions_are_others(project):
    DbtProject(project.data_dir).execute("update training.trn_arrival_delayed_15 set distance_miles = 1")
    project.create(*ASKED)
    assert distances(project) == [(1,)]
    macro = project.folder / "macros" / "examples.sql"
    text = macro.read_text()
    macro.write_text(text.replace("-- keys", "-- the keys"))
    project.create(*ASKED)
    assert distances(project) == [(2475,)]
    macro.write_text(text)
    project.raw.load("bts", "flights", flights(range(29, 31)))
    project.create(*ASKED)
    assert distances(project) == [(2475,)]
