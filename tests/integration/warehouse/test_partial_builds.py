"""After a build of some models, tests compare only what holds the same loads."""

import pytest
from dbt_project import DbtProject
from raw_rows import FIRST_LOAD, RawData, bts_flight

# the facts, what is made of them and what they refer to
WHOLE = ("--select", "+path:models/marts", "+path:models/reports", "+lbl_departure_delay")
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
DAYS = [f"2013-03-{day:02d}" for day in range(1, 8)]
SELECTIONS = ("fct_flights", "path:models/marts")


def build(project, *selected, **options):
    return project.run("--no-quiet", "--log-level=info", "build", *selected, *WITHOUT_UNIT_TESTS, **options)


def not_compared(capfd):
    return [line for line in capfd.readouterr().out.splitlines() if "not compared by " in line]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A warehouse whose second load, of a month without its first flights, the marts alone have seen in part."""
    project = DbtProject(tmp_path_factory.mktemp("partial"))
    raw = RawData(project.data_dir)
    raw.load("bts", "flights", [bts_flight(day, number) for day in DAYS for number in (1, 2)], month="2013-03")
    build(project, "--select", "+fct_flights")
    build(project, *WHOLE)
    later = FIRST_LOAD.replace(day=2)
    raw.load("bts", "flights", [bts_flight(day, 2, dep_delay=30) for day in DAYS], later, month="2013-03")
    return project


def test_a_build_of_some_models_after_a_load_succeeds_and_says_what_was_not_compared(project, capfd):
    results = build(project, "--select", "+fct_flights")
    said = not_compared(capfd)
    labels = "relationships_lbl_departure_delay_flight_key__flight_key__ref_fct_flights_"
    (line,) = [line for line in said if f"not compared by {labels}: " in line]
    assert line.endswith(f"{labels}: fct_flights holds loads up to 4, lbl_departure_delay up to 3; build both")
    assert results[labels] == "pass"


@pytest.mark.parametrize("selected", SELECTIONS)
def test_builds_of_other_models_succeed_too(project, selected):
    results = build(project, "--select", selected)
    assert "pass" in results.values()


def test_the_whole_build_compares_all(project, capfd):
    results = build(project, *WHOLE)
    # but with features and examples, which were never built
    assert [line for line in not_compared(capfd) if "is not there yet" not in line] == []
    assert "relationships_lbl_departure_delay_flight_key__flight_key__ref_fct_flights_" in results
    assert ("lbl_departure_delay", "success") in results.items()


def test_rows_that_differ_where_both_hold_the_same_loads_still_fail(project):
    project.execute("delete from marts.fct_flights where flight_date = '2013-03-05'")
    results = project.run("test", "--select", "fct_flights", succeeds=False)
    failed = {name for name, status in results.items() if status == "fail"}
    assert failed >= {
        "relationships_lbl_departure_delay_flight_key__flight_key__ref_fct_flights_",
        "assert_reports_total_the_facts",
    }


def test_bounds_that_a_table_was_not_built_with_are_not_held_against_it(project, capfd):
    project.execute("update seeds.plausible_values set greatest_value = 100 where column_name = 'distance_miles'")
    results = project.run("--no-quiet", "--log-level=info", "test", "--select", "fct_flights_keeps_its_bounds")
    assert results["fct_flights_keeps_its_bounds"] == "pass"
    assert (
        "fct_flights was built with other plausible values than plausible_values; build both" in capfd.readouterr().out
    )
