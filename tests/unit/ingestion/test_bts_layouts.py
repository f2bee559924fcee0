from datetime import date, datetime

import duckdb
import pytest
from paths import FIXTURES

from ingestion.landed_file import LandedFile
from ingestion.sources.bts.fetch import SOURCE, TABLES
from ontime.errors import OntimeError

FILES = FIXTURES / "bts"
KEY = "flight_date, reporting_airline, flight_number_reporting_airline, origin, dest, crs_dep_time"


@pytest.fixture
def con():
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def read(con, tmp_path):
    readings = []

    def read(content, period=None):
        path = FILES / content if isinstance(content, str) else tmp_path / "copy.csv"
        if isinstance(content, bytes):
            path.write_bytes(content)
        landed = LandedFile(
            url=path.as_uri(),
            name=path.name,
            source="bts",
            period=period,
            origin_url="",
            sha256="",
            bytes=path.stat().st_size,
            rows=None,
            fetched_at=datetime(2026, 1, 1),
        )
        readings.append(SOURCE.read(con, landed, path))
        return readings[-1]

    return read


@pytest.fixture
def select(con):
    def select(reading, names):
        return con.execute(f"select {names} from ({reading.tables['flights']}) order by _source_line").fetchall()

    return select


def fixture(name):
    return (FILES / name).read_bytes()


MONTH = fixture("reporting_carrier_2013_1.csv")


def test_the_current_layout_fills_every_column_in_order(con, read):
    reading = read("reporting_carrier_2013_1.csv")

    described = con.execute(f"describe {reading.tables['flights']}").fetchall()
    expected = [(column.name, column.duckdb_type.upper()) for column in TABLES[0].columns]
    assert [(name, data_type) for name, data_type, *_ in described] == [*expected, ("_source_line", "BIGINT")]
    assert (reading.rows, reading.rejected_rows) == (5, 0)
    assert (reading.period_start, reading.period_end) == (date(2013, 1, 3), date(2013, 1, 31))


def test_numbers_clock_times_and_city_names_come_as_the_source_means_them(read, select):
    rows = select(
        read("reporting_carrier_2013_1.csv"),
        "tail_number, origin_city_name, dep_time, dep_delay, arr_delay, cancelled, late_aircraft_delay",
    )

    assert rows == [
        ("N327AA", "New York, NY", "0855", -5, -12, 0, None),
        ("N505JB", "New York, NY", "0120", 81, 71, 0, 51),
        (None, "Chicago, IL", None, None, None, 1, None),
        ("N380HA", "New York, NY", "2400", 840, 840, 0, 0),
        ("N338AA", "New York, NY", "1129", -1, None, 0, None),
    ]


def test_the_diversion_block_is_read(read, select):
    names = "diverted, div_reached_dest, div_arr_delay, div1_airport, div1_airport_id, div1_wheels_on"

    assert select(read("reporting_carrier_2013_1.csv"), names)[-1] == (1, 1, 250, "ORD", 13930, "1412")


@pytest.mark.parametrize(
    "content",
    [
        MONTH.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + MONTH,
        MONTH.replace(b",\n", b"\n"),
        MONTH.replace(b",\n", b"\r\n"),
        MONTH.replace(b'"Div5TailNum",\n', b'"Div5TailNum"\n'),
    ],
    ids=["CRLF", "byte order mark", "109 fields", "109 fields and CRLF", "110 fields under 109 names"],
)
def test_copies_of_a_month_read_the_same(read, select, content):
    assert select(read(content), "*") == select(read("reporting_carrier_2013_1.csv"), "*")


def test_the_old_names_are_read(read, select):
    reading = read("on_time_1988_1.csv")

    assert select(reading, KEY + ", dot_id_reporting_airline, iata_code_reporting_airline, tail_number") == [
        (date(1988, 1, 5), "PA (1)", 101, "JFK", "LAX", "0900", 20384, "PA", None),
        (date(1988, 1, 6), "AA", 1, "JFK", "LAX", "0900", 19805, "AA", None),
        (date(1988, 1, 7), "AA", 9, "JFK", "ORD", "1700", 19805, "AA", None),
    ]


def test_the_layout_before_2012_leaves_the_ids_that_it_lacks_null(read, select):
    reading = read("on_time_2003_7.csv")

    assert len(fixture("on_time_2003_7.csv").splitlines()[0].rstrip(b",").split(b",")) == 93
    assert select(reading, "origin, origin_airport_id, dest_city_market_id, div1_airport_id, weather_delay") == [
        ("ORD", None, None, None, None),
        ("ORD", None, None, None, 60),
    ]


def test_a_quoted_transtats_download_equals_the_monthly_file(read, select):
    names = (
        KEY + ", year, dot_id_reporting_airline, tail_number, origin_state_name, dep_time, dep_delay,"
        " dep_delay_minutes, arr_delay, arrival_delay_groups, cancelled, cancellation_code, diverted,"
        " distance, div1_airport, div1_total_g_time"
    )

    download = read("transtats_2013_quoted.csv")

    assert select(download, names) == select(read("reporting_carrier_2013_1.csv"), names)
    assert set(select(download, "taxi_out, origin_airport_id, month")) == {(None, None, None)}


def test_an_unquoted_transtats_download_reads_us_dates_and_leaves_the_signed_delay_null(read, select):
    reading = read("transtats_2021_unquoted.csv")

    assert select(reading, KEY) == [
        (date(2021, 1, 1), "AA", 1288, "LAX", "JFK", "0606"),
        (date(2021, 1, 12), "B6", 24, "LAX", "JFK", "2130"),
        (date(2021, 1, 31), "UA", 2402, "ORD", "LAX", "1200"),
    ]
    assert select(reading, "dep_delay, dep_delay_minutes, cancellation_code, iata_code_reporting_airline") == [
        (None, 0, None, "AA"),
        (None, None, "A", "B6"),
        (None, 15, None, "UA"),
    ]


@pytest.mark.parametrize("carrier", ["UNIQUE_CARRIER", "OP_UNIQUE_CARRIER", "CARRIER", "OP_CARRIER"])
@pytest.mark.parametrize("number", ["FL_NUM", "OP_CARRIER_FL_NUM"])
def test_each_transtats_name_of_carrier_and_flight_number_makes_a_key(read, select, carrier, number):
    header = f"{number},FL_DATE,DEST,{carrier},ORIGIN,CRS_DEP_TIME\n"

    reading = read(f"{header}101,2013-01-02,LAX,AA,JFK,0900\n".encode())

    assert select(reading, KEY) == [(date(2013, 1, 2), "AA", 101, "JFK", "LAX", "0900")]


def test_the_unique_carrier_goes_before_the_reused_code(read, select):
    header = b"CARRIER,OP_UNIQUE_CARRIER,FL_NUM,FL_DATE,DEST,ORIGIN,CRS_DEP_TIME\n"
    content = header + b"PA,PA (1),1,2013-01-02,LAX,JFK,0900\n"

    names = "reporting_airline, iata_code_reporting_airline"
    assert select(read(content), names) == [("PA (1)", "PA")]


def test_a_file_without_a_flight_s_key_is_refused_with_all_that_it_lacks(read):
    with pytest.raises(OntimeError) as raised:
        read("transtats_without_keys.csv")

    assert str(raised.value) == (
        "transtats_without_keys.csv: refused, it lacks the columns Reporting_Airline,"
        " Flight_Number_Reporting_Airline, Origin, CRSDepTime"
    )


def test_bad_rows_go_to_quarantine_with_line_reason_and_text(con, read, select):
    lines = MONTH.decode().splitlines()
    bad = [
        lines[1].replace('"0900"', '"2561"', 1),
        lines[2].replace("2013-01-03", "2013-13-03"),
        lines[3].removesuffix(',"",'),
        lines[4].replace("2013-01-", "9999-01-"),
    ]

    reading = read("\n".join([lines[0], bad[0], lines[1], *bad[1:], lines[5]]).encode())

    assert con.execute(reading.rejected).fetchall() == [
        (2, "crs_dep_time is no clock time: 2561", bad[0]),
        (4, "flight_date is no date: 2013-13-03", bad[1]),
        (5, "108 fields, expected 109", bad[2]),
        (6, "flight_date is not within 1987-01-01 to 2027-01-02: 9999-01-21", bad[3]),
    ]
    assert select(reading, "_source_line, tail_number") == [(3, "N327AA"), (7, "N338AA")]
    assert (reading.rows, reading.rejected_rows) == (2, 4)


def test_damage_costs_the_value_and_not_the_flight(read, select):
    damaged = (
        MONTH.replace(b'"0855",-5.00', b'"2575",soon')
        .replace(b'"N505JB"', b'"\xe4NKNO\xe6"')
        .replace(b'"0120",81.00', b'"2520",81.00')
    )

    reading = read(damaged)

    assert select(reading, "tail_number, dep_time, dep_delay")[:2] == [
        ("N327AA", None, None),
        (None, "2520", 81),
    ]
    assert (reading.rows, reading.rejected_rows) == (5, 0)
    assert [(found.column, found.rule, found.count, found.example) for found in reading.damaged] == [
        ("tail_number", "is not UTF-8", 1, "\ufffdNKNO\ufffd"),
        ("dep_time", "is no clock time", 1, "2575"),
        ("dep_delay", "is no whole number", 1, "soon"),
    ]


def test_a_download_that_was_saved_again_with_clocks_as_floats_is_read(read, select):
    header = b"FL_DATE,OP_CARRIER,OP_CARRIER_FL_NUM,ORIGIN,DEST,CRS_DEP_TIME,DEP_TIME,CANCELLED\n"

    reading = read(header + b"2018-03-06,DL,7,JFK,LAX,1215,1220.0,0.0\n2018-03-06,DL,8,JFK,LAX,5.0,,1.0\n")

    assert select(reading, "crs_dep_time, dep_time, cancelled") == [("1215", "1220", 0), ("0005", None, 1)]
    assert reading.damaged == ()


def test_what_a_file_has_no_column_for_is_unknown(read, select):
    header = b"FL_DATE,OP_CARRIER,OP_CARRIER_FL_NUM,ORIGIN,DEST,CRS_DEP_TIME,ARR_DELAY\n"

    reading = read(header + b"1/6/2024 12:00:00 AM,DL,7,JFK,LAX,0900,12.00\n")

    assert select(reading, "cancelled, diverted, dep_time, dep_delay, arr_delay") == [(None, None, None, None, 12)]


def test_a_header_with_a_column_twice_is_refused_by_its_name(read):
    with pytest.raises(OntimeError, match=r"copy.csv: refused, its header has more than one column Origin:"):
        read(MONTH.replace(b'"OriginWac"', b'"ORIGIN"'))


def test_a_row_without_a_key_is_rejected(con, read):
    reading = read(MONTH.replace(b'"0900","0855"', b'"","0855"'))

    assert [(line, reason) for line, reason, _ in con.execute(reading.rejected).fetchall()] == [
        (2, "crs_dep_time is missing")
    ]


def test_rows_of_another_month_than_the_file_s_are_refused(read):
    with pytest.raises(OntimeError, match="holds flights of 2013-01 and not of 2013-02"):
        read("reporting_carrier_2013_1.csv", period="2013-02")


def test_a_file_without_flights_is_refused(read):
    with pytest.raises(OntimeError, match=r"copy.csv: refused, it holds no flights"):
        read(MONTH.splitlines(keepends=True)[0])
