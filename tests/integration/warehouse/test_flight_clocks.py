"""Clocks become instants: on the nights on which clocks change, and where a row contradicts itself."""

from datetime import datetime, timedelta

import pytest
from dbt_project import DbtProject
from raw_rows import RawData, bts_flight

# the nights in which the clocks of the United States go back, by the rules of 1967, 1987 and 2007
AUTUMN_NIGHTS = ("1987-10-25", "1994-10-30", "2006-10-29", "2007-11-04", "2013-11-03", "2023-11-05")
# the Sunday that was such a night by the rules before, or after
ORDINARY_NIGHTS = ("1987-11-01", "2006-11-05", "2007-10-28")
NOTHING = {"dep_time": None, "dep_delay": None, "arr_time": None, "arr_delay": None, "air_time": None, "distance": 740}


def night_flights(night: str) -> dict[str, dict]:
    """Flights that leave or arrive in an hour that the clock shows twice, by what settles which showing is meant."""
    evening = (datetime.fromisoformat(night) - timedelta(days=1)).date().isoformat()
    leaves = {**NOTHING, "dest": "ORD", "crs_dep_time": "0130", "crs_arr_time": None, "crs_elapsed_time": None}
    arrives = {**NOTHING, "origin": "PHX", "dest": "ORD", "crs_dep_time": "2100", "crs_arr_time": "0130"}
    arrives["crs_elapsed_time"] = None
    flights = {
        "first by elapsed time": (night, leaves | {"crs_arr_time": "0200", "crs_elapsed_time": 150}),
        "second by elapsed time": (night, leaves | {"crs_arr_time": "0200", "crs_elapsed_time": 90}),
        "first by departure": (night, leaves | {"dep_time": "0115", "dep_delay": 45}),
        "second by departure": (night, leaves | {"dep_time": "0215", "dep_delay": 45}),
        "nothing tells of departure": (night, leaves),
        "first by arrival": (evening, arrives | {"arr_time": "0110", "arr_delay": 40}),
        "second by arrival": (evening, arrives | {"arr_time": "0210", "arr_delay": 40}),
        "arrival by elapsed time": (evening, arrives | {"crs_elapsed_time": 150}),
        "nothing tells of arrival": (evening, arrives),
    }
    return {
        name: bts_flight(date, number, **values) for number, (name, (date, values)) in enumerate(flights.items(), 1)
    }


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    project = DbtProject(tmp_path_factory.mktemp("nights"))
    raw = RawData(project.data_dir)
    for night in (*AUTUMN_NIGHTS, *ORDINARY_NIGHTS):
        raw.load("bts", "flights", list(night_flights(night).values()))
    project.run("seed")
    project.run("run", "--select", "+fct_flights")
    return project


def instants(project: DbtProject, night: str) -> dict[str, tuple[str, str | None]]:
    """UTC times of day of the scheduled departure and arrival of a night's flights."""
    names = list(night_flights(night))
    rows = project.query(
        "select flight_number, strftime(scheduled_departure_at, '%H:%M'), strftime(scheduled_arrival_at, '%H:%M')"
        f" from marts.fct_flights where flight_date between date '{night}' - 1 and date '{night}'"
    )
    return {names[number - 1]: (departure, arrival) for number, departure, arrival in rows}


@pytest.mark.parametrize("night", AUTUMN_NIGHTS)
def test_what_else_a_row_tells_settles_which_showing_of_a_clock_is_meant(nights, night):
    assert instants(nights, night) == {
        "first by elapsed time": ("05:30", "08:00"),
        "second by elapsed time": ("06:30", "08:00"),
        "first by departure": ("05:30", None),
        "second by departure": ("06:30", None),
        "nothing tells of departure": ("06:30", None),
        "first by arrival": ("04:00", "06:30"),
        "second by arrival": ("04:00", "07:30"),
        "arrival by elapsed time": ("04:00", "06:30"),
        "nothing tells of arrival": ("04:00", "07:30"),
    }


@pytest.mark.parametrize("night", ORDINARY_NIGHTS)
def test_a_clock_shows_each_time_once_in_other_nights(nights, night):
    hour = {"1987-11-01": 6, "2006-11-05": 6, "2007-10-28": 5}[night]
    found = instants(nights, night)
    assert {departure for name, (departure, _) in found.items() if "arrival" not in name} == {f"{hour:02d}:30"}


def test_the_computed_clocks_are_those_of_the_file(nights):
    disagreeing = nights.query(
        "select * from intermediate.int_flight_movements"
        " where extract(hour from arrived_local) * 60 + extract(minute from arrived_local) <> arrival_clock_minutes"
        f" and arrived_local::date in ({', '.join(map(repr, AUTUMN_NIGHTS))})"
    )
    assert disagreeing == []


@pytest.fixture(scope="module")
def odd_rows(tmp_path_factory):
    """Rows that contradict themselves, or write the next day's hours past 24."""
    project = DbtProject(tmp_path_factory.mktemp("odd_rows"))
    raw = RawData(project.data_dir)
    date = "2006-06-05"
    phoenix = {"origin": "LAX", "dest": "PHX", "crs_dep_time": "1200", "crs_arr_time": "1320", "distance": 370}
    on_time = {"dep_time": "1200", "arr_time": "1320"}
    late = {"origin": "JFK", "dest": "ORD", "distance": 740}
    raw.load(
        "bts",
        "flights",
        [
            *(
                bts_flight(date, number, **phoenix, **on_time, crs_elapsed_time=elapsed)
                for number, elapsed in enumerate((-97, 0, 2000, 9), 1)
            ),
            bts_flight(date, 5, **late, crs_dep_time="2345", dep_time="2455", dep_delay=70, crs_arr_time="0115",
                       arr_time="2625", arr_delay=70, crs_elapsed_time=150),
            bts_flight(date, 6, **late, crs_dep_time="2200", dep_time="2245", dep_delay=45, crs_arr_time="2330",
                       arr_time="2410", arr_delay=40, crs_elapsed_time=150),
            bts_flight(date, 7, **phoenix, crs_elapsed_time=80, dep_delay=500, arr_delay=0, carrier_delay=0),
        ],
    )  # fmt: skip
    project.run("seed")
    project.run("run", "--select", "+fct_flights")
    project.run("test", "--select", "fct_flights_*")
    return project


def test_the_clocks_settle_the_arrival_where_the_elapsed_time_cannot_be(odd_rows):
    rows = odd_rows.query(
        "select distinct strftime(scheduled_departure_at, '%H:%M'), strftime(scheduled_arrival_at, '%H:%M'),"
        " strftime(arrived_at, '%H:%M') from marts.fct_flights where flight_number <= 4"
    )
    assert rows == [("19:00", "20:20", "20:20")]


def test_hours_past_24_are_of_the_next_day_and_the_delays_date_them(odd_rows):
    rows = odd_rows.query(
        "select flight_number, departed_local::varchar, arrived_local::varchar from marts.fct_flights"
        " where flight_number in (5, 6) order by 1"
    )
    assert rows == [
        (5, "2006-06-06 00:55:00", "2006-06-06 02:25:00"),
        (6, "2006-06-05 22:45:00", "2006-06-06 00:10:00"),
    ]


def test_an_arrival_before_the_departure_is_not_known_and_stops_nothing(odd_rows):
    rows = odd_rows.query(
        "select departure_delay_minutes, arrival_delay_minutes, arrived_at, carrier_delay_minutes"
        " from marts.fct_flights where flight_number = 7"
    )
    assert rows == [(500, None, None, None)]
