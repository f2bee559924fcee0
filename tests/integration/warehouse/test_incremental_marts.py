"""The incremental facts equal their full refresh, whatever order the loads come in."""

from datetime import datetime, timedelta

import pytest
from dbt_common.exceptions import DbtBaseException
from dbt_project import DbtProject
from raw_rows import FIRST_LOAD, RawData, bts_flight

FACTS = ("fct_flights", "fct_weather_observations", "fct_flight_events")
STEPS = ("int_flight_movements", "int_weather_report_versions")


def report(station: str, valid: str, **values: object) -> dict:
    return {"station": station, "valid": valid, "tmpf": 50.0, "vsby": 10.0, "metar": f"{station} {valid}", **values}


@pytest.fixture(scope="module")
def built_in_steps(tmp_path_factory):
    """The facts after each load was followed by a build."""
    project = DbtProject(tmp_path_factory.mktemp("steps"))
    raw = RawData(project.data_dir)
    days = iter(range(1, 100))

    def step(source: str, table: str, rows: list[dict], status: int = 0) -> None:
        raw.load(source, table, rows, FIRST_LOAD + timedelta(days=next(days)), status)
        project.run("run", "--select", *STEPS, *FACTS)

    project.run("seed")
    project.run("run", "--select", "staging", "intermediate")
    step("bts", "flights", [bts_flight("2013-03-09", n) for n in range(1, 6)])
    step("asos", "observations", [report("JFK", f"2013-03-09 {h:02d}:51") for h in range(24)])
    # the following month
    step("bts", "flights", [bts_flight("2013-04-02", n, dep_delay=20, arr_delay=15) for n in range(1, 6)])
    # restated: one flight later than it was reported, one repeated as it was
    step("bts", "flights", [bts_flight("2013-03-09", 1, dep_delay=45, arr_delay=40), bts_flight("2013-03-09", 2)])
    # late: a day nobody had reported, long before the newest
    step("bts", "flights", [bts_flight("2013-01-15", 7, cancelled=1, dep_delay=None, arr_delay=None, dep_time=None)])
    # a load that never completed
    step("bts", "flights", [bts_flight("2013-03-09", 3, dep_delay=999, arr_delay=999)], status=1)
    # the sample reports flights that BTS has, and one that it has not
    sample = {"carrier": "AA", "origin": "JFK", "dest": "LAX", "year": 2013, "month": 3, "day": 9}
    clocks = {"dep_time": "930", "sched_dep_time": "900", "arr_time": "1250", "sched_arr_time": "1220"}
    times = {**clocks, "dep_delay": 30, "arr_delay": 30, "time_hour": datetime(2013, 3, 9, 14)}
    step("nycflights13", "flights", [{**sample, **times, "flight": 4}, {**sample, **times, "flight": 99}])
    # a report that was corrected, and one of an earlier month
    step("asos", "observations", [report("JFK", "2013-03-09 05:51", tmpf=41.0), report("LAX", "2012-12-31 23:53")])
    # nothing new
    project.run("run", "--select", *STEPS, *FACTS)
    return project


@pytest.mark.parametrize("table", FACTS)
def test_equals_its_full_refresh(built_in_steps, table):
    before = built_in_steps.query(f"from marts.{table} order by all")
    built_in_steps.run("run", "--full-refresh", "--select", table)
    assert built_in_steps.query(f"from marts.{table} order by all") == before
    assert before


def test_newest_completed_version_counts(built_in_steps):
    delays = built_in_steps.query(
        "select flight_number, departure_delay_minutes, source from marts.fct_flights"
        " where flight_date = '2013-03-09' order by 1"
    )
    assert delays == [
        (1, 45, "bts"),
        (2, 0, "bts"),
        (3, 0, "bts"),
        (4, 0, "bts"),
        (5, 0, "bts"),
        (99, 30, "nycflights13"),
    ]


def test_a_range_can_be_built_again(built_in_steps):
    built_in_steps.execute("update marts.fct_flights set distance_miles = 1 where flight_date < '2013-04-01'")
    built_in_steps.run(
        "run", "--select", "fct_flights", "--vars", "{backfill_start: '2013-03-01', backfill_end: '2013-03-31'}"
    )
    broken = built_in_steps.query("select flight_date::varchar from marts.fct_flights where distance_miles = 1")
    assert broken == [("2013-01-15",)]
    built_in_steps.run("run", "--full-refresh", "--select", "fct_flights")


def test_loads_known_later_can_be_left_out(built_in_steps):
    as_of = (FIRST_LOAD + timedelta(days=3, hours=12)).isoformat(sep=" ")
    built_in_steps.run("run", "--full-refresh", "--select", "+fct_flights", "--vars", f"{{as_of: '{as_of}'}}")
    delay = built_in_steps.query("select max(departure_delay_minutes), count(*) from marts.fct_flights")
    assert delay == [(20, 10)]


def test_files_that_are_held_cannot_be_left_out_even_by_a_clock_that_was_ahead(tmp_path):
    project = DbtProject(tmp_path)
    raw = RawData(tmp_path)
    raw.load("bts", "flights", [bts_flight("2013-03-09")], FIRST_LOAD + timedelta(days=40))
    raw.load("bts", "flights", [bts_flight("2013-03-10")], FIRST_LOAD + timedelta(days=2))
    selected = ("--select", "+fct_flights")
    project.run("seed")
    project.run("run", *selected)
    before = project.query("from marts.fct_flights order by all")
    as_of = (FIRST_LOAD + timedelta(days=10)).isoformat(sep=" ")
    with pytest.raises(DbtBaseException, match="holds files that as_of or until_load leaves out"):
        project.run("run", *selected, "--vars", f"{{as_of: '{as_of}'}}")
    project.run("run", *selected)
    assert project.query("from marts.fct_flights order by all") == before
    assert len(before) == 2
