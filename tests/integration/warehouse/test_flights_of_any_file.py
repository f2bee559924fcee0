"""Small files as people have them, from the ingest to the facts: what a file does not tell is not known."""

from datetime import date, datetime

import pytest
from dbt_project import DbtProject
from sample_files import run_ingest

from ontime.settings import Settings

REPORTED = (
    "FlightDate,Reporting_Airline,IATA_CODE_Reporting_Airline,Tail_Number,Flight_Number_Reporting_Airline,Origin,Dest,"
    "CRSDepTime,DepTime,DepDelay,CRSArrTime,ArrTime,ArrDelay,Cancelled,Diverted,CRSElapsedTime,AirTime,Distance"
)
FILES = {
    "indiana.csv": [
        REPORTED,
        '2004-08-10,"UA","UA","N201UA",201,"IND","ORD","0700","0700",0.00,"0755","0755",0.00,0.00,0.00,55.00,40.00,177.00',
        '2004-08-10,"NW","NW","N202NW",202,"FWA","DTW","0700","0657",-3.00,"0850","0850",0.00,0.00,0.00,50.00,30.00,128.00',
        '2004-08-10,"AA","AA","0",203,"ORD","DEN","0900","0900",0.00,"1030","1030",0.00,0.00,0.00,150.00,120.00,888.00',
        '2004-08-10,"AA","AA","UNKNOW",204,"LAX","SEA","0700","0700",0.00,"0930","0930",0.00,0.00,0.00,150.00,120.00,954.00',
        '2004-08-10,"AA","AA","N0EGMQ",205,"JFK","MIA","1000","1000",0.00,"1300","1300",0.00,0.00,0.00,180.00,150.00,1090.00',
    ],
    "arrivals_only.csv": [
        "FL_DATE,OP_UNIQUE_CARRIER,OP_CARRIER_FL_NUM,ORIGIN,DEST,CRS_DEP_TIME,CRS_ARR_TIME,ARR_DELAY",
        "3/7/2024 12:00:00 AM,AA,301,ORD,DFW,0900,1145,12.00",
        "3/7/2024 12:00:00 AM,AA,302,ORD,DFW,1000,1245,-5.00",
        "3/7/2024 12:00:00 AM,AA,303,ORD,DFW,1100,1345,",
    ],
    "clocks_only.csv": [
        "FL_DATE,OP_UNIQUE_CARRIER,OP_CARRIER_FL_NUM,ORIGIN,DEST,CRS_DEP_TIME,DEP_TIME,CRS_ARR_TIME,ARR_TIME,"
        "CANCELLED,DIVERTED",
        "4/9/2024 12:00:00 AM,AA,401,ORD,DFW,0900,0905,1145,1157,0.00,0.00",
        "4/9/2024 12:00:00 AM,AA,402,ORD,DFW,2355,0010,0240,0250,0.00,0.00",
        "4/9/2024 12:00:00 AM,AA,403,ORD,DFW,0010,2355,0240,,0.00,1.00",
        "4/9/2024 12:00:00 AM,AA,404,ORD,DFW,1200,,1445,,1.00,0.00",
    ],
    "unknown_airport.csv": [
        REPORTED,
        '2026-09-20,"B6","B6","N400JB",501,"QZX","JFK","1400","1400",0.00,"1650","1650",0.00,0.00,0.00,170.00,140.00,1028.00',
        '2026-09-21,"B6","B6","N400JB",501,"QZX","JFK","1400","1400",0.00,"1650","1650",0.00,0.00,0.00,170.00,140.00,1028.00',
        '2026-09-20,"B6","B6","N401JB",502,"JFK","QZX","0900","0900",0.00,"1150","1150",0.00,0.00,0.00,170.00,140.00,1090.00',
        '2026-09-20,"B6","B6","N402JB",503,"JFK","MIA","0900","0900",0.00,"1150","1150",0.00,0.00,0.00,170.00,140.00,1090.00',
    ],
}
UNPLACED = ("rpt_unplaced_flights", "fct_unplaced_flights", "fct_flights", "fct_flight_events", "int_flight_movements")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """All files loaded with the real reference data, and everything built and tested."""
    folder = tmp_path_factory.mktemp("any_file")
    settings = Settings(data_dir=folder / "data")
    files = folder / "files"
    files.mkdir()
    for name, lines in FILES.items():
        (files / name).write_text("\n".join([*lines, ""]))
    assert [run.status for run in run_ingest(settings, "reference")] == ["loaded"]
    assert [run.status for run in run_ingest(settings, "bts", origin=str(files))] == ["loaded"]
    project = DbtProject(settings.data_dir)
    project.run("build", "--exclude-resource-type", "unit_test")
    return project


def flights(project: DbtProject, columns: str, condition: str) -> list[tuple]:
    return project.query(f"select {columns} from marts.fct_flights where {condition} order by flight_number")


def test_indiana_kept_eastern_standard_time(built):
    columns = "flight_number, scheduled_departure_at, arrived_at, arrived_local"
    assert flights(built, columns, "flight_number in (201, 202)") == [
        (201, datetime(2004, 8, 10, 12), datetime(2004, 8, 10, 12, 55), datetime(2004, 8, 10, 7, 55)),
        (202, datetime(2004, 8, 10, 12), datetime(2004, 8, 10, 12, 50), datetime(2004, 8, 10, 8, 50)),
    ]


def test_texts_for_an_unknown_aircraft_are_no_aircraft(built):
    tails = flights(built, "flight_number, tail_number", "flight_number between 203 and 205")
    assert tails == [(203, None), (204, None), (205, "N0EGMQ")]


def test_flights_whose_departure_no_column_tells_have_arrived_all_the_same(built):
    told = "is_cancelled, is_diverted, departed_at, departure_delay_minutes, arrival_delay_minutes, arrived_at"
    assert flights(built, f"flight_number, {told}", "flight_number between 301 and 303") == [
        (301, False, False, None, None, 12, datetime(2024, 3, 7, 17, 57)),
        (302, False, False, None, None, -5, datetime(2024, 3, 7, 18, 40)),
        (303, None, None, None, None, None, None),
    ]
    events = built.query(
        "select event_type, count(*) from marts.fct_flight_events where flight_date = '2024-03-07' group by 1"
    )
    assert events == [("arrival", 2)]


def test_what_is_not_known_counts_in_no_share(built):
    row = built.query(
        "select flight_count, departed_count, arrived_count, cancelled_count, on_time_count, on_time_share,"
        " cancellation_share, mean_departure_delay_minutes, mean_arrival_delay_minutes"
        " from reports.rpt_carrier_on_time_monthly where flight_month = '2024-03-01'"
    )
    assert row == [(3, 0, 2, 0, 2, 1.0, 0.0, None, 3.5)]


def test_delays_come_from_the_clocks_where_no_column_tells_them(built):
    columns = "flight_number, is_cancelled, departure_delay_minutes, arrival_delay_minutes"
    assert flights(built, columns, "flight_number between 401 and 404") == [
        (401, False, 5, 12),
        (402, False, 15, 10),
        (403, False, -15, None),
        (404, True, None, None),
    ]


def test_flights_of_an_unknown_airport_are_named_and_the_others_are_built(built):
    assert flights(built, "flight_number", "flight_number > 500") == [(503,)]
    [(*row, example)] = built.query("select * exclude report_key from reports.rpt_unplaced_flights")
    assert row == ["bts", "QZX", date(2026, 9, 1), "airport unknown", 3]
    assert example in ("B6 501 QZX-JFK 2026-09-20", "B6 502 JFK-QZX 2026-09-20")
    results = built.run("test", "--select", "assert_every_flight_is_placed")
    assert results["assert_every_flight_is_placed"] == "warn"


def test_an_airport_that_is_added_brings_its_flights(built):
    built.execute(
        "insert into seeds.airport_corrections (airport_code, correction_type, time_zone, source, reason)"
        " values ('qzx', 'add', 'America/Chicago', 'test', 'test'), (null, null, null, null, null),"
        " ('JFK', 'correct', 'Mars/Olympus', 'test', 'test')"
    )
    built.run("run", "--select", "int_airports", "dim_airports", *UNPLACED)
    columns = "flight_number, flight_date::varchar, scheduled_departure_at, arrived_local"
    assert flights(built, columns, "flight_number between 501 and 502 and flight_date = '2026-09-20'") == [
        (501, "2026-09-20", datetime(2026, 9, 20, 19), datetime(2026, 9, 20, 17, 50)),
        (502, "2026-09-20", datetime(2026, 9, 20, 13), datetime(2026, 9, 20, 10, 50)),
    ]
    assert built.query("from reports.rpt_unplaced_flights") == []
    assert built.query("select time_zone from marts.dim_airports where airport_code = 'JFK'") == [("America/New_York",)]
    results = built.run("test", "--select", "assert_airport_corrections_can_be_read")
    assert results["assert_airport_corrections_can_be_read"] == "warn"
