"""An example holds what was known at its prediction: not its label, and the aircraft only from a stated time on."""

import shutil

import pytest
from dbt_project import DbtProject
from raw_rows import RawData, bts_flight

EXAMPLES = "training.trn_departure_delay"
# its schedule is 09:00, and it left 32 minutes early
EARLY = bts_flight("2013-04-02", 7, dep_time="0828", dep_delay=-32, arr_delay=-20, arr_time="1200")
VERY_EARLY = bts_flight("2013-04-02", 8, dep_time="0630", dep_delay=-150, arr_delay=-150, arr_time="0950")
AT_THE_PREDICTION = bts_flight("2013-04-02", 9, dep_time="0830", dep_delay=-30, arr_delay=-30, arr_time="1150")
LATE = bts_flight("2013-04-02", 1, dep_time="0940", dep_delay=40, arr_delay=40, arr_time="1300")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    day_before = [bts_flight("2013-04-01", number) for number in (1, 7, 8, 9)]
    RawData(folder).load("bts", "flights", [*day_before, EARLY, VERY_EARLY, AT_THE_PREDICTION, LATE])
    project = DbtProject(folder)
    project.run("build", "--select", "+trn_departure_delay", "--exclude-resource-type", "test", "unit_test")
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


COMPLETE = "assert_trn_departure_delay_has_every_operated_flight"
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
    results = project.run("test", "--select", "trn_departure_delay,test_type:data")
    assert {COMPLETE, RULES} <= results.keys()


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_data_tests_notice(project, tmp_path, defect):
    statement, test = DEFECTS[defect]
    for file in ("ontime.duckdb", "raw.duckdb"):
        shutil.copy(project.data_dir / file, tmp_path)
    broken = DbtProject(tmp_path)
    broken.execute(statement)
    assert broken.run("test", "--select", test, succeeds=False)[test] == "fail"
