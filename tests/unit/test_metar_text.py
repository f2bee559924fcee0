import time

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import metar_text
from ingestion.metar_text import SCHEMA, ParsedMetar, flight_category, parse_distinct, parse_metar

REPORTS = [
    (
        "KJFK 091251Z 31015G24KT 10SM FEW055 BKN250 04/M06 A3002 RMK AO2 PK WND 30028/1220 SLP164 T00391056",
        (310, 15, 24, 10.0, 25000, None, "VFR"),
    ),
    ("KLGA 091251Z VRB03KT 5SM HZ CLR 22/15 A3010", (None, 3, None, 5.0, None, "HZ", "MVFR")),
    ("KEWR 091251Z 00000KT M1/4SM R04R/2000FT FG VV002 03/03 A2991", (0, 0, None, 0.25, 200, "FG", "LIFR")),
    ("KORD 091251Z 36012KT P6SM SKC M18/M24 A3055", (360, 12, None, 6.0, None, None, "VFR")),
    (
        "KBOS 091251Z 09022G35KT 1 1/2SM -SN BLSN OVC008 M03/M05 A2960",
        (90, 22, 35, 1.5, 800, "-SN BLSN", "IFR"),
    ),
    ("KDEN 091251Z 18005KT 10+SM SCT100 20/02 A3020", (180, 5, None, 10.0, None, None, "VFR")),
    (
        "SPECI KATL 091305Z 24018G30KT 2SM +TSRA BKN025CB OVC060 21/20 A2985",
        (240, 18, 30, 2.0, 2500, "+TSRA", "IFR"),
    ),
    ("KSFO 091256Z AUTO 28009KT 10SM OVC010 13/11 A3004 RMK AO2", (280, 9, None, 10.0, 1000, None, "MVFR")),
    ("PHNL 091253Z 06014G22 10SM FEW025 27/19 A3004", (60, 14, 22, 10.0, None, None, "VFR")),
    ("EGLL 091250Z 24008MPS CAVOK 10/05 Q1013 NOSIG", (240, 16, None, 6.2137, None, None, "VFR")),
    ("MMUN 091240Z 12010KT 9999 SCT020 29/24 Q1014", (120, 10, None, 6.2137, None, None, "VFR")),
    ("KBZN 091256Z AUTO /////KT ////SM // ////// 01/M01 A3000", (None, None, None, None, None, None, None)),
    ("KBZN 091256Z AUTO 01004KT //// 01/M01 A3000", (10, 4, None, None, None, None, None)),
    ("KGEG 091253Z 05004KT 10SM BKN/// 01/M01 A3000", (50, 4, None, 10.0, None, None, "VFR")),
    ("KGEG 091253Z 05004KT OVC/// 01/M01 A3000", (50, 4, None, None, None, None, None)),
    ("KCVG 091252Z 14011KT 3SM RA BR OVC006 04/04 A3014 $", (140, 11, None, 3.0, 600, "RA BR", "IFR")),
    ("KMIA 091253Z 10P99KT 4SM SQ OVC030 25/24 A2890", None),
    ("KGUC 091253Z NIL=", (None, None, None, None, None, None, None)),
]


@pytest.mark.parametrize(("text", "expected"), REPORTS)
def test_reports_are_read_into_their_groups(text, expected):
    parsed = parse_metar(text, 2013, 2)

    if expected is None:
        assert parsed == ParsedMetar("failed")
    else:
        assert parsed == ParsedMetar("parsed", *expected)


@pytest.mark.parametrize(
    "text",
    [
        "hello world",
        "KJFK 091251Z 31015KT 10SM TOWER CLOSED CLR 04/M06 A3002",
        "KJFK 301251Z 31015KT 10SM CLR 04/M06 A3002",
        "KJFK 092561Z 31015KT 10SM CLR 04/M06 A3002",
        "KJFK 091251Z 99915KT 10SM CLR 04/M06 A3002",
        "KJFK 091251Z 31015KT 1/0SM CLR 04/M06 A3002",
        "x " * 50_000,
        "\x00",
    ],
)
def test_what_the_parser_refuses_fails_without_values(text):
    started = time.perf_counter()

    assert parse_metar(text, 2013, 2) == ParsedMetar("failed")
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("text", [None, "", "   ", "M"])
def test_no_text_is_missing_and_not_failed(text):
    assert parse_metar(text, 2013, 2) == ParsedMetar("missing")


def test_the_month_is_that_of_the_observation():
    text = "KJFK 311251Z 31015KT 10SM CLR 04/M06 A3002"

    assert parse_metar(text, 2013, 3).metar_status == "parsed"
    assert parse_metar(text, 2013, 4).metar_status == "failed"


@pytest.mark.parametrize(
    ("ceiling_ft", "visibility_miles", "category"),
    [
        (3001, 5.1, "VFR"),
        (3000, 10, "MVFR"),
        (None, 5, "MVFR"),
        (1000, 3, "MVFR"),
        (999, 10, "IFR"),
        (None, 2.9, "IFR"),
        (500, 1, "IFR"),
        (499, 10, "LIFR"),
        (None, 0.9, "LIFR"),
        (None, None, "VFR"),
        (200, None, "LIFR"),
    ],
)
def test_the_flight_category_is_the_worse_of_ceiling_and_visibility(ceiling_ft, visibility_miles, category):
    assert flight_category(ceiling_ft, visibility_miles, sky_reported=True) == category


def test_without_sky_and_visibility_there_is_no_flight_category():
    assert flight_category(None, None, sky_reported=False) is None
    assert flight_category(None, 10, sky_reported=False) == "VFR"


def test_each_distinct_text_is_parsed_once_per_month(monkeypatch):
    monkeypatch.setattr("ingestion.metar_text.BATCH_ROWS", 2)
    con = duckdb.connect()
    con.execute(
        """
        create temp table reports as
        select * from (values
            ('KJFK 010051Z 31015KT 10SM CLR 04/M06 A3002', timestamp '2013-01-01 00:51'),
            ('KJFK 010051Z 31015KT 10SM CLR 04/M06 A3002', timestamp '2013-01-01 00:51'),
            ('KJFK 010051Z 31015KT 10SM CLR 04/M06 A3002', timestamp '2013-02-01 00:51'),
            ('garbage', timestamp '2013-02-01 00:51'),
            (null, timestamp '2013-02-01 00:51')
        ) as t(metar, valid)
        """
    )

    parse_distinct(con, "reports", "parsed")

    rows = con.execute("select metar_year, metar_month, metar_status from parsed order by all").fetchall()
    assert rows == [(2013, 1, "parsed"), (2013, 2, "failed"), (2013, 2, "parsed")]
    assert con.table("parsed").columns == SCHEMA.names


def test_a_batch_without_reports_gives_an_empty_table():
    con = duckdb.connect()
    con.execute("create temp table reports (metar varchar, valid timestamp)")

    parse_distinct(con, "reports", "parsed")

    assert con.execute("select count(*) from parsed").fetchone() == (0,)


GROUPS = [
    ["KJFK", "PHNL", "EGLL", "METAR KORD", "SPECI TJSJ", "K1O5"],
    ["010051Z", "311251Z", "092561Z", "012460Z", "010051"],
    ["", "AUTO", "COR"],
    ["00000KT", "VRB03KT", "31015G24KT", "09010", "/////KT", "24008MPS", "99015KT", "0901OKT"],
    [
        "",
        "10SM",
        "P6SM",
        "M1/4SM",
        "1 1/2SM",
        "9999",
        "CAVOK",
        "////",
        "10+SM",
        "0800 0400NE",
        "3/4SM R04R/2000FT",
    ],
    ["", "-RA BR", "+TSRA", "//", "TOWER"],
    ["", "CLR", "FEW055 BKN250", "VV002", "//////", "BKN///"],
    ["", "04/M06", "M01/M05", "//", "XX/MM", "22/", "04/M06 03/02"],
    ["", "A3002", "Q1013", "A////", "A3002 TSNO", "A3002 $", "Q1010 TEMPO 2000 SHRA", "A3002 RMK AO2"],
]


@given(st.tuples(*map(st.sampled_from, GROUPS)), st.sampled_from([1, 2, 4]))
@settings(max_examples=300, deadline=None)
def test_a_shortened_report_is_read_as_the_whole_of_it_would_be(groups, month):
    text = " ".join(group for group in groups if group)

    assert parse_metar(text, 2013, month) == metar_text._parse(metar_text._body(text), 2013, month)
