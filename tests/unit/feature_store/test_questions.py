"""A question is a file that is checked, has a version, and stands in its model as it is written."""

import shutil

import pytest
from paths import ROOT
from typer.testing import CliRunner

from feature_store.questions import DEFAULT_QUESTION, load_question, load_questions
from feature_store.questions.compiling import compile_questions, find_differences, load_compiled, write_files
from ontime.cli import app
from ontime.errors import OntimeError

WRITTEN = {
    "question": "Will it?",
    "label": "departure_delayed_15",
    "horizons": "[2h]",
    "features": "[origin, route__flights_7d]",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with the features of this one, and no question."""
    (tmp_path / "dbt_project.yml").touch()
    shutil.copytree(ROOT / "models" / "features", tmp_path / "models" / "features")
    (tmp_path / "training" / "questions").mkdir(parents=True)
    for folder in ("macros", "models/training"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("DBT_PROJECT_DIR", str(tmp_path))
    return tmp_path


def write(project, name="mine", **parts: str | None) -> None:
    text = "".join(f"{part}: {value}\n" for part, value in {**WRITTEN, **parts}.items() if value is not None)
    (project / "training" / "questions" / f"{name}.yml").write_text(text)


def test_the_models_of_the_project_are_what_its_questions_give():
    assert find_differences(ROOT, compile_questions(load_questions())) == []


def test_four_questions_ship():
    shipped = {question.name: question for question in load_questions()}
    assert {name: question.horizons_minutes for name, question in shipped.items()} == {
        "arrival_delayed_15": (120, 0),
        "cancellation": (1440, 120),
        "departure_delay_minutes": (1440, 120, 30),
        "departure_delay": (1440, 120, 30),
    }
    assert DEFAULT_QUESTION in shipped
    assert len({question.version for question in shipped.values()}) == len(shipped)
    groups = ["origin", "carrier", "carrier_origin", "route", "aircraft", "origin_weather"]
    assert [*shipped[DEFAULT_QUESTION].features] == groups


def test_groups_and_single_columns_are_taken_in_their_own_order(project):
    write(project, features="[route__flights_28d, route__flights_7d, aircraft__legs_24h]")
    question = load_question("mine")
    assert question.features == {"route": ("flights_7d", "flights_28d"), "aircraft": ("legs_24h",)}
    assert question.tables == {"route": "feat_route_flights", "aircraft": "feat_aircraft_rotation"}


def test_a_version_is_that_of_the_definition_alone(project):
    write(project)
    version = load_question("mine").version
    write(project, question="Will it be late?")
    assert load_question("mine").version == version
    for part in (
        {"horizons": "[3h]"},
        {"label": "departure_delay_minutes"},
        {"features": "[origin]"},
        {"population": "{carrier_code: [B6]}"},
    ):
        write(project, **part)
        assert load_question("mine").version != version


def test_a_population_is_told_by_what_the_schedule_says(project):
    write(project, population="{carrier_code: [UA, B6], distance_miles: {at_least: 500, at_most: 900}}")
    conditions = ["carrier_code in ('B6', 'UA')", "distance_miles >= 500 and distance_miles <= 900"]
    assert load_question("mine").population.conditions == conditions


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"label": None}, "label is missing: write question, label, horizons, population, features"),
        (
            {"label": "departure_delayed"},
            "label: there is no 'departure_delayed': perhaps departure_delayed_15; choose",
        ),
        ({"horizon": "[2h]"}, "horizon: a question has no such part: perhaps horizons; choose from"),
        (
            {"horizons": "[soon]"},
            "horizons: 'soon' is no horizon: write a span as 30m, 2h or 1d, up to 7d, or departure",
        ),
        ({"horizons": "[0m]"}, "horizons: '0m' is no horizon"),
        ({"horizons": "[8d]"}, "horizons: '8d' is no horizon"),
        ({"horizons": "[2h, 120m]"}, "horizons: one is named twice: name each once"),
        ({"horizons": "[120]"}, "horizons.0: Input should be a valid string"),
        ({"horizons": "[]"}, "horizons: List should have at least 1 item"),
        ({"horizons": "[departure]"}, "departure_delayed_15 is settled at the departure: write spans before"),
        ({"features": "[orign]"}, "features: there is no group 'orign': perhaps origin; choose from"),
        (
            {"features": "[origin__departures_2h]"},
            "features: the group origin has no 'departures_2h': perhaps departures_",
        ),
        ({"features": "[origin, origin__departures_3h]"}, "features: origin__departures_3h is named twice"),
        ({"population": "{carrier: [B6]}"}, "population.carrier: no population is told by that: perhaps carrier_code"),
        ({"population": '{carrier_code: ["B6\' or true"]}'}, "population.carrier_code.0: String should match"),
        ({"population": "{distance_miles: {}}"}, "population.distance_miles: it bounds nothing"),
        ({"population": "{distance_miles: {at_least: 9, at_most: 1}}"}, "at_least 9 is over at_most 1"),
        ({"question": '"{{ env_var() }}"'}, "question: String should match pattern"),
        ({"features": "["}, "it cannot be read"),
    ],
)
def test_what_is_no_question_is_refused_in_one_line(project, parts, said):
    write(project, **parts)
    done = CliRunner().invoke(app, ["questions", "list"])
    assert done.exit_code == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: training/questions/mine.yml: ")
    assert said in line


def test_a_file_that_cannot_name_a_table_is_refused(project):
    write(project, name="My-question")
    with pytest.raises(OntimeError, match="'My-question' cannot name a question: begin with a letter"):
        load_questions()


def test_a_question_has_a_model_that_is_what_it_says(project):
    write(project)
    with pytest.raises(
        OntimeError, match=r"trn_mine\.sql is not what the question mine gives: run ontime questions compile"
    ):
        load_compiled("mine")
    runner = CliRunner()
    done = runner.invoke(app, ["questions", "compile"])
    assert done.exit_code == 0, done.output
    assert load_compiled("mine").name == "mine"
    assert runner.invoke(app, ["questions", "compile", "--check"]).exit_code == 0

    write(project, horizons="[3h]")
    done = runner.invoke(app, ["questions", "compile", "--check"])
    assert done.exit_code == 1
    assert "models/training/trn_mine.sql: not what the questions give: run ontime questions compile" in done.stderr


def test_the_model_of_a_question_that_is_gone_goes(project):
    write(project)
    write_files(project, compile_questions(load_questions()))
    model = project / "models" / "training" / "trn_mine.sql"
    assert model.exists()
    (project / "training" / "questions" / "mine.yml").unlink()
    assert model.relative_to(project) in write_files(project, compile_questions(load_questions()))
    assert not model.exists()
