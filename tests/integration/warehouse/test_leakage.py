"""What happens after an instant changes nothing that was predicted, or could have been, until then."""

import shutil
from datetime import datetime, timedelta

import pytest
from dbt_project import DbtProject
from real_flights import build, history_around

from feature_store.questions import load_questions

FEATURES = (
    "feat_origin_departures",
    "feat_carrier_departures",
    "feat_carrier_origin_departures",
    "feat_route_flights",
    "feat_aircraft_rotation",
    "feat_origin_weather",
)
QUESTIONS = {question.name: question for question in load_questions()}
LABELS = sorted({question.label.model for question in QUESTIONS.values()})
# flights are predicted now, and a report was observed that is known in a minute
STORM = datetime(2013, 9, 12, 20, 55)
INSTANTS = {
    "a blizzard": datetime(2013, 2, 8, 20, 30),
    "just before clocks go forward": datetime(2013, 3, 10, 6, 59),
    "the morning after": datetime(2013, 3, 10, 13, 20),
    "thunderstorms": STORM,
    "the hour that clocks show twice": datetime(2013, 11, 3, 6, 10),
}


def differences(one: DbtProject, other: DbtProject, sql: str) -> set[tuple]:
    return set(one.query(sql)) ^ set(other.query(sql))


def features_differ(full: DbtProject, other: DbtProject, instant: datetime) -> list[str]:
    """The tables of features that differ in a row that held at or before the instant."""
    return [
        table
        for table in FEATURES
        if differences(full, other, f"select * from features.{table} where known_at <= '{instant}'")
    ]


def examples_differ(full: DbtProject, changed: DbtProject, instant: datetime) -> list[str]:
    """The questions with an example, predicted at or before the instant, that differs in anything but the label."""
    return [
        name
        for name, question in QUESTIONS.items()
        if differences(
            full,
            changed,
            f"select * exclude (label_known_at, {', '.join(column.name for column in question.label.columns)})"
            f" from training.{question.model} where prediction_at <= '{instant}'",
        )
    ]


def lost_by_the_cut(full: DbtProject, cut: DbtProject, instant: datetime) -> set[tuple]:
    """Labels and examples that were whole at the instant, and are not the same without what came after."""
    whole = [
        *(f"select * from training.{label} where known_at <= '{instant}'" for label in LABELS),
        *(f"select * from training.{each.model} where label_known_at <= '{instant}'" for each in QUESTIONS.values()),
    ]
    return {row for sql in whole for row in set(full.query(sql)) - set(cut.query(sql))}


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    folder = tmp_path_factory.mktemp("full")
    return history_around(INSTANTS.values(), folder), DbtProject(folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", INSTANTS)
def test_nothing_known_by_then_depends_on_what_came_after(tmp_path, history, name):
    known, full = history
    instant = INSTANTS[name]
    cut = build(known.without_what_came_after(instant), tmp_path / "cut", full)
    assert features_differ(full, cut, instant) == []
    assert lost_by_the_cut(full, cut, instant) == set()
    for question in QUESTIONS.values():
        known_by_then = f"select count(*) from training.{question.model} where label_known_at <= '{instant}'"
        assert cut.query(known_by_then)[0][0] > 100, question.name

    changed = build(known.with_another_future(instant), tmp_path / "changed", full)
    assert features_differ(full, changed, instant) == []
    assert examples_differ(full, changed, instant) == []
    # the future is another one indeed
    assert features_differ(full, changed, instant + timedelta(days=1)) == list(FEATURES)


LEAKS = {
    "joined by event time": (
        "macros/feature_examples.sql",
        "group, max_age_minutes=age",
        "group, max_age_minutes=age, known_at='observed_at' if group == 'origin_weather' else 'known_at'",
    ),
    "the label as a feature": (
        "macros/examples.sql",
        "examples.distance_miles,",
        # no other future cancels a flight, but one that leaves later is settled later, too
        "examples.distance_miles + {% if 'label_settled_at' in question.label.columns %}"
        "{{ minutes_between('examples.scheduled_departure_at', 'examples.label_settled_at') }}"
        "{% else %}cast(examples.{{ question.label.columns | first }} as integer){% endif %} as distance_miles,",
    ),
    "a departure by its correction": (
        "macros/examples.sql",
        "min(known_at) as departure_known_at",
        "max(occurred_at) as departure_known_at",
    ),
    "cancellations known too early": (
        "models/intermediate/int_flight_events.sql",
        "latest_of(['scheduled_departure_at', 'returned_flight_left_at'])",
        "add_minutes('scheduled_departure_at', -180)",
    ),
    "the weather of the following hour": (
        "models/features/feat_origin_weather.sql",
        "        in_force.known_at,",
        "        {{ add_minutes('in_force.known_at', -60) }} as known_at,",
    ),
}
# what is planted where examples are made shows in each question that it is about
SHOWS_IN = {
    "joined by event time": [*QUESTIONS],
    "the label as a feature": [*QUESTIONS],
    "a departure by its correction": ["arrival_delayed_15"],
}
WINDOW_CLOSED_ON_THE_WRONG_SIDE = (
    "macros/rolling_features.sql",
    "add_minutes('occurred_at', window_minutes(window))",
    "add_minutes('occurred_at', window_minutes(window) + 1)",
)


@pytest.fixture(scope="module")
def short_history(tmp_path_factory):
    folder = tmp_path_factory.mktemp("short")
    return history_around([STORM], folder, days_before=2), DbtProject(folder)


@pytest.mark.slow
@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_caught(tmp_path, short_history, leak):
    known, sound = short_history
    full = build(known, tmp_path / "full", sound, LEAKS[leak])
    changed = build(known.with_another_future(STORM), tmp_path / "changed", sound, LEAKS[leak])
    shown = examples_differ(full, changed, STORM)
    assert shown == SHOWS_IN.get(leak, shown)
    if not features_differ(full, changed, STORM) and not shown:
        cut = build(known.without_what_came_after(STORM), tmp_path / "cut", sound, LEAKS[leak])
        assert features_differ(full, cut, STORM)


@pytest.mark.slow
def test_a_window_closed_on_the_wrong_side_is_caught(tmp_path, short_history):
    _, sound = short_history
    shutil.copy(sound.database, tmp_path)
    shutil.copy(sound.data_dir / "raw.duckdb", tmp_path)
    leaking = DbtProject(tmp_path, change=WINDOW_CLOSED_ON_THE_WRONG_SIDE)
    results = leaking.run("test", "--select", "path:models/features,test_type:unit", succeeds=False)
    assert "fail" in results.values()


@pytest.mark.slow
def test_an_example_that_knows_a_later_feature_is_noticed(tmp_path, short_history):
    _, sound = short_history
    shutil.copy(sound.database, tmp_path)
    shutil.copy(sound.data_dir / "raw.duckdb", tmp_path)
    project = DbtProject(tmp_path)
    test = "trn_departure_delay_knows_no_later_feature"
    assert project.run("test", "--select", test)[test] == "pass"
    project.execute(
        "update training.trn_departure_delay set route__known_at = prediction_at + interval 1 minute"
        " where route__known_at = (select max(route__known_at) from training.trn_departure_delay)"
    )
    assert project.run("test", "--select", test, succeeds=False)[test] == "fail"
