"""What cannot be is null from staging on, by bounds that stand in a seed and nowhere else."""

import re

import pytest
import yaml
from dbt_project import ROOT, DbtProject
from raw_rows import RawData, bts_flight

FACTS = ("--select", "+fct_flights", "--exclude-resource-type", "test", "unit_test")
# endings of what is measured; instants, numbers that name and counts of lines are not
MEASURES = re.compile(
    r".*_(minutes|miles|ft|knots|mph|percent|degrees|fahrenheit|hpa|inches|mercury|count)|year_manufactured"
)
# the loader makes them of the rules of the time zones; counts of the loader's own runs
MADE_BY_THE_LOADER = {
    "utc_offset_minutes",
    "file_count",
    "row_count",
    "rejected_row_count",
    "defect_count",
    "byte_count",
}


@pytest.fixture
def project(tmp_path):
    raw = RawData(tmp_path)
    raw.load(
        "bts",
        "flights",
        [
            bts_flight("2006-06-01", 1, air_time=-1425),
            bts_flight("2006-06-01", 2, air_time=340, distance=0, dep_delay=-721, arr_delay=99_999),
            bts_flight("2006-06-02", 3, air_time=1_201),
        ],
    )
    project = DbtProject(tmp_path)
    project.run("build", *FACTS)
    return project


def air_times(project):
    return project.query("select flight_number, air_time_minutes from marts.fct_flights order by 1")


def test_a_flight_stays_without_the_value_that_cannot_be(project):
    assert air_times(project) == [(1, None), (2, 340), (3, None)]
    assert project.query(
        "select flight_number, implausible_values from staging.stg_bts__flights where implausible_values is not null"
        " order by 1"
    ) == [
        (1, "air_time_minutes=-1425"),
        (2, "departure_delay_minutes=-721; arrival_delay_minutes=99999; distance_miles=0"),
        (3, "air_time_minutes=1201"),
    ]


def test_another_bound_builds_again_what_went_by_the_old_one(project):
    project.execute("update seeds.plausible_values set greatest_value = 1300 where column_name = 'air_time_minutes'")

    # a model alone does not make another pass for up to date
    project.run("run", "--select", "fct_flights")
    assert air_times(project) == [(1, None), (2, 340), (3, None)]
    project.run("run", "--select", "+fct_flights")

    assert air_times(project) == [(1, None), (2, 340), (3, 1_201)]


def test_a_column_without_bounds_keeps_its_values(project):
    project.execute("delete from seeds.plausible_values where column_name = 'air_time_minutes'")

    project.run("run", "--select", "+fct_flights")

    assert air_times(project) == [(1, -1425), (2, 340), (3, 1_201)]


def test_every_measure_of_staging_has_bounds_and_every_bound_a_measure():
    documented = {
        column["name"]
        for path in (ROOT / "models" / "staging").rglob("_stg_*.yml")
        for model in yaml.safe_load(path.read_text())["models"]
        for column in model["columns"]
    }
    rows = (ROOT / "seeds" / "plausible_values.csv").read_text().splitlines()[1:]
    bounded = {row.partition(",")[0] for row in rows}

    assert {name for name in documented if MEASURES.fullmatch(name)} - MADE_BY_THE_LOADER == bounded
