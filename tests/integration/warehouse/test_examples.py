"""An example holds what was known at its prediction: not its label, and the aircraft only from a stated time on."""

import shutil

import pytest
from dbt_project import EVERY_QUESTION, DbtProject
from raw_rows import RawData, bts_flight

EXAMPLES = "training.trn_departure_delay"
# its schedule is 09:00, and it left 32 minutes early
EARLY = bts_flight("2013-04-02", 7, dep_time="0828", dep_delay=-32, arr_delay=-20, arr_time="1200")
VERY_EARLY = bts_flight("2013-04-02", 8, dep_time="0630", dep_delay=-150, arr_delay=-150, arr_time="0950")
AT_THE_PREDICTION = bts_flight("2013-04-02", 9, dep_time="0830", dep_delay=-30, arr_delay=-30, arr_time="1150")
LATE = bts_flight("2013-04-02", 1, dep_time="0940", dep_delay=40, arr_delay=40, arr_time="1300")
NEVER_LEFT = dict.fromkeys(("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"))
CANCELLED = bts_flight("2013-04-02", 5, cancelled=1, **NEVER_LEFT)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    day_before = [bts_flight("2013-04-01", number) for number in (1, 7, 8, 9)]
    RawData(folder).load("bts", "flights", [*day_before, EARLY, VERY_EARLY, AT_THE_PREDICTION, LATE, CANCELLED])
    project = DbtProject(folder, kept_questions=EVERY_QUESTION)
    project.run("build", "--select", "+path:models/training", "--exclude-resource-type", "test", "unit_test")
    return project


def test_a_flight_that_has_left_has_no_example(project):
    horizons = project.query(
        f"select flight_number, list(horizon_minutes order by horizon_minutes) from {EXAMPLES}"
        " where flight_date = '2013-04-02' group by 1 order by 1"
    )
    assert horizons == [(1, [30, 120, 1440]), (7, [120, 1440]), (8, [1440]), (9, [120, 1440])]
    assert project.query(f"select count(*) from {EXAMPLES} where label_known_at <= prediction_at") == [(0,)]


def test_the_aircraft_is_known_from_three_hours_before_departure_on(project):
    known = project.query(
        f"select horizon_minutes, count(tail_number), count(aircraft__known_at), count(aircraft__legs_24h),"
        f" count(aircraft__last_departure_age_minutes) from {EXAMPLES} where flight_date = '2013-04-02' group by 1"
        " order by 1"
    )
    assert known == [(30, 1, 1, 1, 1), (120, 3, 3, 3, 3), (1440, 0, 0, 0, 0)]


def test_an_arrival_is_predicted_once_its_flight_has_left(project):
    examples = project.query(
        "select horizon_minutes, prediction_at::text, aircraft__last_departed_at = prediction_at, is_arrival_delayed_15"
        " from training.trn_arrival_delayed_15 where flight_number = 1 and flight_date = '2013-04-02' order by 1"
    )
    assert examples == [(0, "2013-04-02 13:40:00", True, True), (120, "2013-04-02 11:00:00", False, True)]


def test_that_a_flight_is_cancelled_is_known_from_its_schedule_on_and_that_it_is_not_once_it_left(project):
    labels = project.query(
        "select flight_number, is_cancelled, label_known_at::text, count(*) from training.trn_cancellation"
        " where flight_date = '2013-04-02' and flight_number in (1, 5, 8) group by all order by all"
    )
    assert labels == [
        (1, False, "2013-04-02 13:40:00", 2),
        (5, True, "2013-04-02 13:00:00", 2),
        # it had left more than two hours early
        (8, False, "2013-04-02 10:30:00", 1),
    ]


def test_one_question_asks_for_minutes_and_another_for_a_threshold(project):
    columns = {name for name, *_ in project.query("describe training.trn_departure_delay_minutes")}
    assert "label_departure_delay_minutes" in columns
    assert "is_departure_delayed_15" not in columns
    same = "select * exclude (is_departure_delayed_15) from training.trn_departure_delay"
    assert project.query(f"{same} except from training.trn_departure_delay_minutes") == []


COMPLETE = "trn_departure_delay_has_every_example"
RULES = "trn_departure_delay_keeps_its_rules"
DEFECTS = {
    "an example too few": (f"delete from {EXAMPLES} where flight_number = 1 and horizon_minutes = 120", COMPLETE),
    "an example of a flight that has left": (
        f"insert into {EXAMPLES} by name select * replace (30 as horizon_minutes, prediction_at + interval 90 minute"
        f" as prediction_at) from {EXAMPLES} where flight_number = 7 and horizon_minutes = 120",
        COMPLETE,
    ),
    "a label that was known": (f"update {EXAMPLES} set label_known_at = prediction_at where flight_number = 1", RULES),
    "an aircraft that was not": (f"update {EXAMPLES} set tail_number = 'N1AA' where horizon_minutes = 1440", RULES),
}


def test_the_data_tests_hold(project):
    results = project.run("test", "--select", "path:models/training,test_type:data")
    assert {COMPLETE, RULES} <= results.keys()


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_data_tests_notice(project, tmp_path, defect):
    statement, test = DEFECTS[defect]
    for file in ("ontime.duckdb", "raw.duckdb"):
        shutil.copy(project.data_dir / file, tmp_path)
    broken = DbtProject(tmp_path)
    broken.execute(statement)
    assert broken.run("test", "--select", test, succeeds=False)[test] == "fail"
