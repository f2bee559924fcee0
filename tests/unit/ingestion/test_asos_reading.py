from datetime import date, datetime

import duckdb
import pytest
from paths import FIXTURES

from ingestion.landed_file import LandedFile
from ingestion.sources.asos.fetch import OBSERVATIONS, SOURCE
from ingestion.sources.asos.stations import station_id
from ontime.errors import OntimeError

FIXTURE = FIXTURES / "asos" / "JFK-2013-02.csv"
NAMES = [column.name for column in OBSERVATIONS.columns]


def read(path):
    file = LandedFile(
        url=str(path),
        name=path.name,
        source="asos",
        period="2013-02",
        origin_url="",
        sha256="0" * 64,
        bytes=0,
        rows=None,
        fetched_at=datetime.fromisoformat("2013-03-02"),
    )
    con = duckdb.connect()
    reading = SOURCE.read(con, file, path)
    relation = con.sql(reading.tables["observations"])
    rejected = con.sql(reading.rejected).fetchall() if reading.rejected else []
    return (
        reading,
        relation,
        [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()],
        rejected,
    )


def write(tmp_path, text):
    path = tmp_path / "answer.csv"
    path.write_bytes(text.encode("latin-1"))
    return path


def test_an_answer_has_the_raw_table_s_columns_and_types():
    reading, relation, rows, rejected = read(FIXTURE)

    assert relation.columns == [*NAMES, "_source_line"]
    assert [str(t).lower() for t in relation.types[:-1]] == [c.duckdb_type for c in OBSERVATIONS.columns]
    assert (reading.rows, reading.rejected_rows, rejected) == (5, 0, [])
    assert (reading.period_start, reading.period_end) == (date(2013, 2, 8), date(2013, 2, 8))
    assert [row["_source_line"] for row in rows] == [2, 3, 4, 5, 6]


def test_measurements_stay_as_they_are_reported():
    _, _, rows, _ = read(FIXTURE)

    first = rows[0]
    assert first["valid"] == datetime.fromisoformat("2013-02-08 17:51")
    assert (first["station"], first["tmpf"], first["skyc2"], first["skyl2"]) == ("JFK", 34.0, "OVC", 1400.0)
    assert first["peak_wind_time"] == "2013-02-08 17:22"
    assert first["metar"].startswith("KJFK 081751Z 08017G27KT 1 1/2SM")
    assert first["snowdepth"] == 1.0


def test_m_and_blank_sky_cover_are_missing_and_a_trace_of_rain_is_not():
    _, _, rows, _ = read(FIXTURE)

    assert rows[0]["skyc3"] is None
    assert rows[1]["tmpf"] is None
    assert rows[2]["skyc1"] == "VV"
    assert rows[2]["p01i"] == 0.0001


def test_the_report_s_text_is_parsed_beside_the_measurements():
    _, _, rows, _ = read(FIXTURE)

    parsed = [
        (
            row["metar_status"],
            row["metar_wind_direction_degrees"],
            row["metar_visibility_miles"],
            row["metar_ceiling_ft"],
        )
        for row in rows
    ]
    assert parsed == [
        ("parsed", 80, 1.5, 700),
        ("parsed", None, 0.25, 200),
        ("parsed", 60, 0.25, 200),
        ("partial", 50, 10.0, None),
        ("missing", None, None, None),
    ]
    assert rows[3]["metar"].endswith("TOWER CLOSED CLR 01/00 A2995")
    assert [row["metar_unread_text"] for row in rows] == [None, None, None, "TOWER CLOSED", None]
    assert [row["metar_has_ceiling"] for row in rows] == [True, True, True, False, None]


@pytest.mark.parametrize(
    ("valid", "time", "status"),
    [
        ("2013-02-09 12:51", "091251Z", "parsed"),
        ("2013-02-09 13:00", "091251Z", "parsed"),
        ("2013-02-09 12:00", "091251Z", "parsed"),
        ("2013-02-09 12:51", "091351Z", "parsed"),
        ("2013-02-09 12:51", "091352Z", "misplaced"),
        ("2013-02-09 12:51", "091150Z", "misplaced"),
        ("2013-02-09 12:51", "101251Z", "misplaced"),
        ("2013-02-09 12:51", "311251Z", "misplaced"),
        ("2013-03-01 00:05", "282354Z", "parsed"),
        ("2012-03-01 00:05", "282354Z", "misplaced"),
        ("2012-02-29 23:51", "010005Z", "parsed"),
        ("2012-12-31 23:51", "010005Z", "parsed"),
        ("2013-02-28 23:51", "280005Z", "misplaced"),
        ("2013-02-09 12:51", "099951Z", "partial"),
    ],
)
def test_a_text_of_another_time_than_the_row_is_misplaced(tmp_path, valid, time, status):
    path = write(tmp_path, f"station,valid,metar\nJFK,{valid},KJFK {time} 18005KT 10SM CLR 20/18 A2990\n")

    _, _, rows, _ = read(path)

    assert [(row["metar_status"], row["metar_wind_speed_knots"]) for row in rows] == [(status, 5)]


def test_columns_are_found_by_name_and_absent_ones_are_null(tmp_path):
    path = write(tmp_path, "metar,new_column,valid,station\nKJFK 010051Z 10SM CLR,7,2013-01-01 00:51,JFK\n")

    _, _, rows, _ = read(path)

    assert (rows[0]["station"], rows[0]["valid"]) == ("JFK", datetime.fromisoformat("2013-01-01 00:51"))
    assert rows[0]["metar_visibility_miles"] == 10.0
    assert rows[0]["tmpf"] is None


def test_an_answer_without_reports_is_read_as_no_rows(tmp_path):
    path = write(tmp_path, FIXTURE.read_text().splitlines()[0] + "\n")

    reading, _, rows, rejected = read(path)

    assert (reading.rows, rows, rejected, reading.period_start) == (0, [], [], None)


def test_tabs_debug_lines_crlf_and_a_byte_order_mark_are_read_too(tmp_path):
    path = tmp_path / "answer.txt"
    path.write_bytes(
        b"\xef\xbb\xbf#DEBUG: Format Typ    -> tdf\r\nstation\tvalid\tmetar\r\n"
        b"CVG\t2024-03-01 00:52\tKCVG 010052Z 14003KT 10SM CLR\r\n\r\n"
    )

    _, _, rows, _ = read(path)

    assert [(row["station"], row["metar_wind_speed_knots"], row["_source_line"]) for row in rows] == [("CVG", 3, 3)]


def test_unreadable_lines_are_rejected_with_their_text_and_the_rest_is_read(tmp_path):
    header = "station,valid,tmpf,p01i,metar\n"
    path = write(
        tmp_path,
        header
        + "JFK,2013-01-01 00:51,39.0,T,M\n"
        + "JFK,2013-01-01 25:61,39.0,0.00,M\n"
        + "JFK,2013-01-01 01:51,warm,0.00,M\n"
        + "JFK,2013-01-01 02:51,39.0\n"
        + "M,2013-01-01 03:51,39.0,0.00,M\n"
        + "JFK,2013-01-01 04:51,nan,0.00,M\n"
        + 'JFK,2013-01-01 05:51,39.0,0.00,"quote \xe9\n',
    )

    reading, _, rows, rejected = read(path)

    assert [(row["_source_line"], row["p01i"], row["metar_status"]) for row in rows] == [
        (2, 0.0001, "missing"),
        (8, 0.0, "failed"),
    ]
    assert reading.rejected_rows == 5
    assert [(line, reason) for line, reason, _ in sorted(rejected)] == [
        (3, "valid 2013-01-01 25:61 is no timestamp"),
        (4, "tmpf warm is no double"),
        (5, "has 3 fields instead of 5"),
        (6, "has no station"),
        (7, "tmpf nan is no double"),
    ]
    assert sorted(rejected)[2][2] == "JFK,2013-01-01 02:51,39.0"


@pytest.mark.parametrize("body", ["<html><body>busy</body></html>\n", "ERROR: server over capacity\n", "a,b\n1,2\n"])
def test_what_is_no_table_of_reports_is_refused(tmp_path, body):
    with pytest.raises(OntimeError, match="not weather reports"):
        read(write(tmp_path, body))


@pytest.mark.parametrize(
    ("icao", "lid", "country", "station"),
    [
        ("KJFK", "JFK", "US", "JFK"),
        ("PHNL", "HNL", "US", "PHNL"),
        ("TJSJ", "SJU", "US", "TJSJ"),
        ("PANC", "ANC", "US", "PANC"),
        ("PGUM", "GUM", "GU", "PGUM"),
        ("24J", "24J", "US", "24J"),
        ("KABC", None, "XK", "KABC"),
        (None, None, "US", None),
    ],
)
def test_stations_are_named_as_the_mesonet_names_them(icao, lid, country, station):
    assert station_id(icao, lid, country) == station
