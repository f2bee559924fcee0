"""Break the facts on purpose, one defect at a time: a dbt test must notice each."""

import shutil

import pytest
from dbt_project import DbtProject

FACTS = "marts.fct_flights"
TESTS = ("--select", "fct_flights", "--exclude", "path:models/features", "path:models/training")
ONE = f"where flight_key = (select min(flight_key) from {FACTS} where {{}})"
ARRIVED = ONE.format("arrival_delay_minutes is not null")
CANCELLED = ONE.format("is_cancelled")

DEFECTS = {
    "a flight twice": (
        f"insert into {FACTS} select * from {FACTS} {ARRIVED}",
        "unique_fct_flights_flight_key",
    ),
    "an airport nobody knows": (
        f"update {FACTS} set origin_airport_code = '???' {ARRIVED}",
        "relationships_fct_flights_origin_airport_code__airport_code__ref_dim_airports_",
    ),
    "a carrier nobody knows": (
        f"update {FACTS} set carrier_code = '??' {ARRIVED}",
        "assert_fct_flights_carrier_in_force",
    ),
    "a date off the calendar": (
        f"update {FACTS} set flight_date = '1969-07-20' {ARRIVED}",
        "relationships_fct_flights_flight_date__date_day__ref_dim_dates_",
    ),
    "a date that is not the departure's": (
        f"update {FACTS} set flight_date = flight_date + 1 {ARRIVED}",
        "fct_flights_date_is_of_the_local_departure",
    ),
    "a negative distance": (
        f"update {FACTS} set distance_miles = -1 {ARRIVED}",
        "in_range_fct_flights_distance_miles__6000__1",
    ),
    "an arrival before the departure": (
        f"update {FACTS} set arrived_at = departed_at - interval '1 minute' {ARRIVED}",
        "fct_flights_arrives_after_departure",
    ),
    "a departure delay that the clocks deny": (
        f"update {FACTS} set departure_delay_minutes = departure_delay_minutes + 1 {ARRIVED}",
        "fct_flights_departure_delay_is_departure_less_schedule",
    ),
    "an arrival delay that the clocks deny": (
        f"update {FACTS} set arrival_delay_minutes = 0 {ONE.format('arrival_delay_minutes <> 0')}",
        "fct_flights_arrival_delay_is_arrival_less_schedule",
    ),
    "causes that do not sum to the delay": (
        f"update {FACTS} set carrier_delay_minutes = arrival_delay_minutes + 1, weather_delay_minutes = 0,"
        f" nas_delay_minutes = 0, security_delay_minutes = 0, late_aircraft_delay_minutes = 0"
        f" {ONE.format('arrival_delay_minutes >= 15')}",
        "fct_flights_causes_sum_to_arrival_delay",
    ),
    "a cancelled flight that departed": (
        f"update {FACTS} set departed_at = scheduled_departure_at, departure_delay_minutes = 0 {CANCELLED}",
        "fct_flights_cancelled_neither_departs_nor_arrives",
    ),
    "an operated flight that never left": (
        f"update {FACTS} set departed_at = null, departure_delay_minutes = null {ARRIVED}",
        "fct_flights_operated_has_departed",
    ),
    "a cancellation code on a flight that operated": (
        f"update {FACTS} set cancellation_code = 'A' {ARRIVED}",
        "fct_flights_cancellation_code_only_when_cancelled",
    ),
    "a cancellation code nobody knows": (
        f"update {FACTS} set cancellation_code = 'Z' {CANCELLED}",
        "relationships_fct_flights_cancellation_code__cancellation_code__ref_cancellation_codes_",
    ),
    "a flight known before it arrived": (
        f"update {FACTS} set known_at = scheduled_departure_at {ARRIVED}",
        "fct_flights_is_known_after_its_events",
    ),
    "a schedule that arrives before it leaves": (
        f"update {FACTS} set scheduled_arrival_at = scheduled_departure_at - interval '1 hour' {ARRIVED}",
        "fct_flights_scheduled_to_arrive_after_departure",
    ),
    "a source nobody knows": (
        f"update {FACTS} set source = 'hearsay' {ARRIVED}",
        "accepted_values_fct_flights_source__bts__nycflights13",
    ),
    "a missing flight": (f"delete from {FACTS} {ARRIVED}", "assert_reports_total_the_facts"),
}


@pytest.fixture(scope="module")
def week(sample_warehouse, tmp_path_factory):
    """A week of the facts, whole in itself: its reports are built from it."""
    data_dir = tmp_path_factory.mktemp("defects")
    for name in ("ontime.duckdb", "raw.duckdb"):
        shutil.copy(sample_warehouse.data_dir / name, data_dir / name)
    project = DbtProject(data_dir)
    project.execute(
        *(f"delete from {table} where flight_date > '2013-01-07'" for table in (FACTS, "marts.fct_flight_events"))
    )
    project.run("run", "--select", "reports")
    project.execute(f"create table main.sound as from {FACTS}")
    return project


def test_sound_facts_pass(week):
    week.run("test", *TESTS)


@pytest.mark.parametrize(("defect", "noticed_by"), DEFECTS.values(), ids=DEFECTS.keys())
def test_defect_is_noticed(week, defect, noticed_by):
    # without its not-null constraints, as an engine that enforces none would hold it
    week.execute(f"create or replace table {FACTS} as from main.sound", defect)
    results = week.run("test", "--select", f"{noticed_by}*", succeeds=False)
    week.execute(f"create or replace table {FACTS} as from main.sound")
    assert "fail" in results.values(), results
