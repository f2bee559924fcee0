"""Break the facts on purpose, one defect at a time: a dbt test must notice each, and name what is broken."""

import shutil

import pytest
from dbt_project import DbtProject

FACTS = "marts.fct_flights"
TESTS = ("--select", "fct_flights", "--exclude", "path:models/features", "path:models/training")
ONE = f"where flight_key = (select min(flight_key) from {FACTS} where {{}})"
ARRIVED = ONE.format("arrival_delay_minutes is not null")
CANCELLED = ONE.format("is_cancelled")

RULES = "fct_flights_keeps_its_rules"
# what is done, the test that notices it, and what its rows name
DEFECTS = {
    "a flight twice": (
        f"insert into {FACTS} select * from {FACTS} {ARRIVED}",
        "unique_fct_flights_flight_key",
        None,
    ),
    "a flight without its source": (
        f"update {FACTS} set source = null {ARRIVED}",
        "fct_flights_has_no_nulls",
        "source",
    ),
    "an airport nobody knows": (
        f"update {FACTS} set origin_airport_code = '???' {ARRIVED}",
        "relationships_fct_flights_origin_airport_code__airport_code__ref_dim_airports_",
        "???",
    ),
    "a date off the calendar": (
        f"update {FACTS} set flight_date = '1969-07-20' {ARRIVED}",
        "relationships_fct_flights_flight_date__date_day__ref_dim_dates_",
        None,
    ),
    "a date that is not the departure's": (
        f"update {FACTS} set flight_date = flight_date + 1 {ARRIVED}",
        RULES,
        "date_is_of_the_local_departure",
    ),
    "a negative distance": (
        f"update {FACTS} set distance_miles = -1 {ARRIVED}",
        "fct_flights_keeps_its_bounds",
        "distance_miles",
    ),
    "an arrival before the departure": (
        f"update {FACTS} set arrived_at = departed_at - interval '1 minute' {ARRIVED}",
        RULES,
        "arrives_after_departure",
    ),
    "a departure delay that the clocks deny": (
        f"update {FACTS} set departure_delay_minutes = departure_delay_minutes + 1 {ARRIVED}",
        RULES,
        "departure_delay_is_departure_less_schedule",
    ),
    "an arrival delay that the clocks deny": (
        f"update {FACTS} set arrival_delay_minutes = 0 {ONE.format('arrival_delay_minutes <> 0')}",
        RULES,
        "arrival_delay_is_arrival_less_schedule",
    ),
    "a cancelled flight that departed": (
        f"update {FACTS} set departed_at = scheduled_departure_at, departure_delay_minutes = 0 {CANCELLED}",
        RULES,
        "cancelled_neither_departs_nor_arrives",
    ),
    "a departure without its delay": (
        f"update {FACTS} set departure_delay_minutes = null {ARRIVED}",
        RULES,
        "has_delays_of_what_is_dated",
    ),
    "a cancellation code nobody knows": (
        f"update {FACTS} set cancellation_code = 'Z' {CANCELLED}",
        "relationships_fct_flights_cancellation_code__cancellation_code__ref_cancellation_codes_",
        "Z",
    ),
    "a flight known before it arrived": (
        f"update {FACTS} set known_at = scheduled_departure_at {ARRIVED}",
        RULES,
        "is_known_after_its_events",
    ),
    "a schedule that arrives before it leaves": (
        f"update {FACTS} set scheduled_arrival_at = scheduled_departure_at - interval '1 hour' {ARRIVED}",
        RULES,
        "scheduled_to_arrive_after_departure",
    ),
    "a source nobody knows": (
        f"update {FACTS} set source = 'hearsay' {ARRIVED}",
        "accepted_values_fct_flights_source__bts__events__nycflights13",
        "hearsay",
    ),
    "a missing flight": (f"delete from {FACTS} {ARRIVED}", "assert_reports_total_the_facts", None),
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
    project.run("run", "--full-refresh", "--select", "reports")
    project.execute(f"create table main.sound as from {FACTS}")
    return project


def test_sound_facts_pass(week):
    week.run("test", *TESTS)


@pytest.mark.parametrize(("defect", "noticed_by", "named"), DEFECTS.values(), ids=DEFECTS.keys())
def test_defect_is_noticed(week, defect, noticed_by, named):
    # without its not-null constraints, as an engine that enforces none would hold it
    week.execute(f"create or replace table {FACTS} as from main.sound", defect)
    results = week.run("test", "--store-failures", "--select", f"{noticed_by}*", succeeds=False)
    week.execute(f"create or replace table {FACTS} as from main.sound")

    (failed,) = [name for name, status in results.items() if status == "fail"]
    (table,) = [node.alias for node in week.manifest().nodes.values() if node.name == failed]
    rows = week.query(f'select * from dbt_test__audit."{table}"')
    assert rows
    assert named is None or any(named in row for row in rows), rows
