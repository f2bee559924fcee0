"""Flights that are played as events, at the instants at which they were known, give the facts that their files gave."""

from datetime import datetime

import duckdb
import pyarrow.compute as pc
import pytest
from dbt_project import DbtProject
from event_records import taken
from sample_files import run_ingest

from ingestion.landing import Landing
from ingestion.sources.events.columns import FLIGHT_EVENTS, WEATHER_REPORTS
from ingestion.sources.events.landed import land_batch
from ontime.settings import Settings
from streaming.events.examining import examine
from streaming.replay.encoding import encode_period

# three days with a storm, of which the first load knows half
START, END = datetime(2013, 2, 7), datetime(2013, 2, 10)
FIRST_LOADED_UNTIL = datetime(2013, 2, 8, 18)
OVERLAP = 500
PERIOD = f"scheduled_departure_at >= '{START}' and scheduled_departure_at < '{END}'"
# where a fact comes from, and which versions of its flight there were on the way to it
ASIDE = {
    "fct_flights": "source, load_number, loaded_at",
    "fct_flight_events": "flight_event_key, version_number, load_number, superseded_load_number, loaded_at",
}


@pytest.fixture(scope="module")
def events(sample_warehouse):
    """What a producer would send of the period, by topic."""
    with duckdb.connect(str(sample_warehouse.database), read_only=True) as warehouse:
        encoded = encode_period(warehouse, START, END).read_all()
    return {topic: encoded.filter(pc.equal(encoded["topic"], topic)) for topic in (FLIGHT_EVENTS, WEATHER_REPORTS)}


@pytest.fixture(scope="module")
def streamed(tmp_path_factory, events):
    """A warehouse of the events alone, which came in two loads, some of them in both."""
    data_dir = tmp_path_factory.mktemp("streamed")
    settings, project = Settings(data_dir=data_dir), DbtProject(data_dir)
    landing = Landing(settings)
    flights = taken(events[FLIGHT_EVENTS])
    known = pc.sum(pc.less(flights["taken_at"], FIRST_LOADED_UNTIL)).as_py()
    land_batch(landing, examine(flights.slice(0, known)))
    run_ingest(settings, "reference", "events")
    project.run("seed")
    project.run("run", "--select", "+fct_flights", "+fct_flight_events", "+fct_weather_observations")
    land_batch(landing, examine(flights.slice(known - OVERLAP)))
    land_batch(landing, examine(taken(events[WEATHER_REPORTS])))
    (run,) = run_ingest(settings, "events")
    assert (run.status, run.error) == ("loaded", None)
    project.run("run", "--select", "config.materialized:incremental,+fct_flights", "fct_flight_events")
    project.run("run", "--select", "int_weather_report_versions", "fct_weather_observations")
    return project


@pytest.mark.slow
@pytest.mark.parametrize("table", ASIDE)
def test_facts_of_events_are_those_of_files(sample_warehouse, streamed, table):
    with streamed.connect(read_only=True) as connection:
        connection.execute(f"attach '{sample_warehouse.database}' as sample (read_only)")
        columns = f"* exclude ({ASIDE[table]})"
        expected = connection.sql(f"select {columns} from sample.marts.{table} where {PERIOD}")
        found = connection.sql(f"select {columns} from marts.{table}")
        assert len(expected) > 2_000
        assert found.except_(expected).fetchall() == []
        assert expected.except_(found).fetchall() == []
        assert len(found) == len(expected)


@pytest.mark.slow
def test_a_record_of_two_files_is_one(streamed, events):
    ((loaded,),) = streamed.query("select count(*) from raw.raw_events.flight_events")
    ((counted,),) = streamed.query("select count(*) from staging.stg_events__flight_events")
    assert counted == len(events[FLIGHT_EVENTS])
    assert loaded == counted + OVERLAP


@pytest.mark.slow
def test_hours_of_the_sample_are_reports_when_streamed(sample_warehouse, streamed):
    values = (
        "weather_report_key, temperature_celsius, dew_point_celsius, wind_direction_degrees, wind_speed_knots,"
        " wind_gust_knots, sea_level_pressure_hpa, known_at"
    )
    with streamed.connect(read_only=True) as connection:
        connection.execute(f"attach '{sample_warehouse.database}' as sample (read_only)")
        hours = f"from sample.marts.fct_weather_observations where observed_at >= '{START}' and observed_at < '{END}'"
        expected = connection.sql(f"select {values} {hours}")
        found = connection.sql(f"select {values} from marts.fct_weather_observations")
        assert len(found) == len(expected) > 0
        assert expected.except_(found).fetchall() == []
