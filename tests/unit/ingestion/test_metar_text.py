import time

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metar.Metar import Metar

from ingestion.sources.asos.metar_text import SCHEMA, ParsedMetar, parse_distinct, parse_metar


def said(text):
    """Direction, speed, gust, visibility, whether there is a ceiling, its height, and the weather."""
    report = parse_metar(text)
    return (
        report.metar_wind_direction_degrees,
        report.metar_wind_speed_knots,
        report.metar_wind_gust_knots,
        report.metar_visibility_miles,
        report.metar_has_ceiling,
        report.metar_ceiling_ft,
        report.metar_present_weather,
    )


WHOLE_REPORTS = [
    (
        "KJFK 091251Z 31015G24KT 10SM FEW055 BKN250 04/M06 A3002 RMK AO2 PK WND 30028/1220 SLP164 T00391056",
        (310, 15, 24, 10.0, True, 25000, None),
    ),
    ("KLGA 091251Z VRB03KT 5SM HZ CLR 22/15 A3010", (None, 3, None, 5.0, False, None, "HZ")),
    ("KLGA 091251Z VRB05G15KT 130V200 10SM SKC 22/15 A3010", (None, 5, 15, 10.0, False, None, None)),
    ("KEWR 091251Z 00000KT M1/4SM R04R/2000FT FG VV002 03/03 A2991", (0, 0, None, 0.25, True, 200, "FG")),
    ("KEWR 091251Z 00000KT 1/4SM R04R/2000V4000FT RVRNO FG VV000 03/03 A2991", (0, 0, None, 0.25, True, 0, "FG")),
    ("KORD 091251Z 36012KT P6SM SKC M18/M24 A3055", (360, 12, None, 6.0, False, None, None)),
    (
        "KBOS 091251Z 09022G35KT 1 1/2SM -SN BLSN OVC008 M03/M05 A2960",
        (90, 22, 35, 1.5, True, 800, "-SN BLSN"),
    ),
    ("KDEN 091251Z 18005KT 10+SM SCT100 20/02 A3020", (180, 5, None, 10.0, False, None, None)),
    (
        "SPECI KATL 091305Z 24018G30KT 2SM +TSRA BKN025CB OVC060 21/20 A2985",
        (240, 18, 30, 2.0, True, 2500, "+TSRA"),
    ),
    ("KMIA 081403Z 16032G45KT 1/2SM +FC +TSRA BR SCT005 BKN016CB 23/19 A3003 $", None),
    ("KEST 081335Z AUTO 33021G61KT 10SM VCTS SQ FEW026 BKN041 22/15 A2979 RMK AO2", None),
    ("KICT 210556Z 01015KT 5SM -SNFZDZ BR OVC014 M08/M09 A3025", (10, 15, None, 5.0, True, 1400, "-SNFZDZ BR")),
    ("KSFO 091256Z AUTO 28009KT 10SM OVC010 13/11 A3004 RMK AO2", (280, 9, None, 10.0, True, 1000, None)),
    ("KCOF 281855Z FEW029TCU SCT250 09008KT 7SM 32/25 A3008 SLP162", (90, 8, None, 7.0, False, None, None)),
    ("KCVG 091252Z 14011KT 3SM RA BR OVC006 04/04 A3014 $", (140, 11, None, 3.0, True, 600, "RA BR")),
    ("KBZN 091256Z AUTO /////KT ////SM // ////// 01/M01 A3000", (None, None, None, None, None, None, None)),
    ("KBZN 091256Z AUTO 01004KT //// 01/M01 A3000", (10, 4, None, None, None, None, None)),
    ("KDSM 091256Z AUTO ////05KT 7SM OVC020 A2980 RMK SLP905", (None, 5, None, 7.0, True, 2000, None)),
    ("KDSM 091256Z 10SM CLR 01/M01 A3000 TSNO FROPA RAB05", (None, None, None, 10.0, False, None, None)),
    ("KDSM 091256Z 18005KT 10SM NSW CLR 01/M01 A3000", (180, 5, None, 10.0, False, None, None)),
    ("KDSM 091256Z 18OO5KT 10SM OVCO10 01/M01 A3000", (180, 5, None, 10.0, True, 1000, None)),
    ("KTPA 091253Z 310P99KT 4SM SQ OVC030 25/24 A2890", (310, 99, None, 4.0, True, 3000, "SQ")),
    ("EGLL 091250Z 24008MPS CAVOK 10/05 Q1013 NOSIG", (240, 16, None, 6.2137, False, None, None)),
    ("MMUN 091240Z 12010KT 9999 SCT020 29/24 Q1014", (120, 10, None, 6.2137, False, None, None)),
    ("UUEE 091230Z 24004MPS 0800 0400NE SN OVC004 M10/M11 Q1013 TEMPO 2000 BKN010", None),
    ("KGUC 091253Z NIL=", (None, None, None, None, None, None, None)),
]


@pytest.mark.parametrize(("text", "expected"), WHOLE_REPORTS)
def test_reports_are_read_into_their_groups(text, expected):
    assert (parse_metar(text).metar_status, parse_metar(text).metar_unread_text) == ("parsed", None)
    if expected is not None:
        assert said(text) == expected


@pytest.mark.parametrize(
    "header",
    [
        "KJFK 201451Z AUTO COR",
        "KJFK 201451Z COR AUTO",
        "METAR COR KJFK 201451Z AUTO",
        "SPECI KJFK 201451Z CORR",
        "KJFK 201451Z CCA",
        "METAR KJFK COR 201451Z",
        "KJFK 201451Z RTD AUTO",
        "KJFK 201451",
    ],
)
def test_corrections_are_marked_in_any_place_and_order(header):
    text = f"{header} 18005KT 2SM BR OVC004 20/18 A2990"

    assert parse_metar(text).metar_status == "parsed"
    assert said(text) == (180, 5, None, 2.0, True, 400, "BR")


@pytest.mark.parametrize(
    ("sky", "ceiling_ft"),
    [
        ("OVC 004", 400),
        ("BKN 010CB", 1000),
        ("BKN010 CB", 1000),
        ("FEW 003 OVC 012", 1200),
        ("VV 002", 200),
        ("BKN ///", None),
        ("0VC004", 400),
    ],
)
def test_a_layer_with_a_blank_in_it_is_one_layer_and_no_wind(sky, ceiling_ft):
    assert said(f"KCLT 201453Z 18005KT 4SM BR {sky} 20/18 A2990") == (180, 5, None, 4.0, True, ceiling_ft, "BR")


@pytest.mark.parametrize(("visibility", "miles"), [("10 SM", 10.0), ("1/2 SM", 0.5), ("2 1/4 SM", 2.25), ("10+", 10.0)])
def test_a_unit_with_a_blank_before_it_belongs_to_its_number(visibility, miles):
    assert said(f"KCLT 201453Z 18005 KT {visibility} CLR 20/18 A2990")[:4] == (180, 5, None, miles)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("-PE", "-PL"),
        ("+PE", "+PL"),
        ("TSPE", "TSPL"),
        ("PEBR", "PLBR"),
        ("FZRAPE", "FZRAPL"),
        ("-SNPE HZ", "-SNPL HZ"),
    ],
)
def test_ice_pellets_of_before_november_1998_are_those_of_today(sent, read):
    text = f"KBUF 151254Z 24010KT 2SM {sent} OVC010 M01/M02 A2992"

    assert parse_metar(text).metar_status == "parsed"
    assert said(text) == (240, 10, None, 2.0, True, 1000, read)


@pytest.mark.parametrize("weather", ["SHRA", "VCSH", "BR FG", "FZFG", "-FZUP", "+DS", "BLDU", "MIFG", "PO", "IC", "GS"])
def test_weather_is_told_as_it_was_sent(weather):
    assert said(f"KBUF 151254Z 24010KT 2SM {weather} OVC010 M01/M02 A2992")[-1] == weather


@pytest.mark.parametrize(
    "station", ["KJFK", "JFK", "1O5", "K1O5", "PANC", "PHNL", "PGUM", "TJSJ", "TIST", "NSTU", "PKWA"]
)
def test_winds_without_unit_are_in_knots_at_every_station_of_the_us(station):
    assert said(f"{station} 091253Z 06014G22 10SM FEW025 27/19 A3004")[:3] == (60, 14, 22)
    assert said(f"{station} 091253Z 06014 9999 FEW025")[:3] == (60, 14, None)


def test_winds_without_unit_elsewhere_are_not_understood():
    report = parse_metar("ZBAA 091250Z 24008 9999 CLR 10/05 Q1013")

    assert (report.metar_status, report.metar_wind_speed_knots, report.metar_unread_text) == ("partial", None, "24008")


@pytest.mark.parametrize(
    ("sky", "has_ceiling", "ceiling_ft"),
    [
        ("BKN///", True, None),
        ("OVC///", True, None),
        ("VV///", True, None),
        ("OVC", True, None),
        ("VV", True, None),
        ("FEW010 BKN///", True, None),
        ("OVC/// BKN010", True, None),
        ("BKN010 OVC///", True, 1000),
        ("BKN010/// OVC020CB", True, 1000),
        ("FEW/// SCT///", False, None),
        ("FEW///", False, None),
        ("CLR BLO 120", False, None),
        ("CLR BLO120", False, None),
        ("NSC", False, None),
        ("NCD", False, None),
        ("//////", None, None),
        ("FEW010 //////", None, None),
        ("///015", None, None),
        ("//////CB", None, None),
        ("////// OVC004", True, None),
        ("", None, None),
    ],
)
def test_a_ceiling_whose_height_is_not_known_is_still_a_ceiling(sky, has_ceiling, ceiling_ft):
    text = f"KGEG 091253Z 05004KT 10SM {sky} 01/M01 A3000"

    assert parse_metar(text).metar_status == "parsed"
    assert said(text)[4:6] == (has_ceiling, ceiling_ft)


@pytest.mark.parametrize(
    ("groups", "unread", "expected"),
    [
        ("18005KT 10SM TOWER CLOSED CLR", "TOWER CLOSED", (180, 5, None, 10.0, False, None, None)),
        ("18005KT 36010KT 10SM CLR", "36010KT", (180, 5, None, 10.0, False, None, None)),
        ("18005KT 4SM 2SM CLR", "2SM", (180, 5, None, 4.0, False, None, None)),
        ("18005KT 4SM BR O VC004", "O VC004", (180, 5, None, 4.0, None, None, "BR")),
        ("18005KT 4SM BR OVC0 04", "OVC0 04", (180, 5, None, 4.0, None, None, "BR")),
        ("18005KT 4SM OVC004OVC010", "OVC004OVC010", (180, 5, None, 4.0, None, None, None)),
        ("18005KT 4SM -BKN015", "-BKN015", (180, 5, None, 4.0, None, None, None)),
        ("25005KY 10SM CLR", "25005KY", (None, None, None, 10.0, False, None, None)),
        ("180 05KT 10SM CLR", "180 05KT", (None, None, None, 10.0, False, None, None)),
        ("10P99KT 10SM CLR", "10P99KT", (None, None, None, 10.0, False, None, None)),
        ("99915KT 10SM CLR", "99915KT", (None, None, None, 10.0, False, None, None)),
        ("18005KT 1/0SM CLR", "1/0SM", (180, 5, None, None, False, None, None)),
        ("18005KT 11/2SM CLR", "11/2SM", (180, 5, None, None, False, None, None)),
        ("18005KT 1 3/2SM CLR", "1 3/2SM", (180, 5, None, None, False, None, None)),
        ("18005KT 10 CLR", "10", (180, 5, None, None, False, None, None)),
        ("18005KT 1 1/2SM BR-DZ OVC013", "BR-DZ", (180, 5, None, 1.5, True, 1300, None)),
        ("18005KT 10SM CLR 20/18 OVC004", "OVC004", (180, 5, None, 10.0, False, None, None)),
        ("18005KT CLR 2992", "2992", (180, 5, None, None, False, None, None)),
        ("CLR 18005", "18005", (None, None, None, None, False, None, None)),
    ],
)
def test_what_is_not_understood_is_told_and_changes_nothing_else(groups, unread, expected):
    text = f"KJFK 091251Z {groups}"
    report = parse_metar(text)

    assert (report.metar_status, report.metar_unread_text) == ("partial", unread)
    assert said(text) == expected


@pytest.mark.parametrize("header", ["KJFK", "KJFK 092561Z", "KJFK 321251Z", "KJFK O91251Z"])
def test_a_report_without_a_time_is_read_in_part(header):
    report = parse_metar(f"{header} 31015KT 10SM CLR 04/M06 A3002")

    assert (report.metar_status, report.metar_wind_speed_knots) == ("partial", 15)
    assert (report.day_of_month, report.minute_of_day) == (None, None)


def test_the_time_of_a_report_is_that_of_its_time_group():
    report = parse_metar("KJFK 312359Z 31015KT 10SM CLR 04/M06 A3002")

    assert (report.day_of_month, report.minute_of_day) == (31, 1439)


@pytest.mark.parametrize(
    "text", ["hello world", "THIS IS NO METAR", "KJFK 2013-02-09 12:51", "KJFK 091251Z TEXT", "x " * 50_000, "\x00"]
)
def test_what_is_no_report_fails_without_values(text):
    started = time.perf_counter()

    assert parse_metar(text) == ParsedMetar("failed")
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("text", [None, "", "   ", "M"])
def test_no_text_is_missing_and_not_failed(text):
    assert parse_metar(text) == ParsedMetar("missing")


def test_each_distinct_text_is_parsed_once(monkeypatch):
    monkeypatch.setattr("ingestion.sources.asos.metar_text.BATCH_ROWS", 2)
    con = duckdb.connect()
    con.execute(
        """
        create temp table reports as
        select * from (values
            ('KJFK 010051Z 31015KT 10SM CLR 04/M06 A3002'),
            ('KJFK 010051Z 31015KT 10SM CLR 04/M06 A3002'),
            ('KJFK 010151Z 31015KT 10SM TEXT CLR 04/M06 A3002'),
            ('garbage'),
            (null)
        ) as t(metar)
        """
    )

    parse_distinct(con, "reports", "parsed")

    rows = con.execute("select metar_status, minute_of_day from parsed order by all").fetchall()
    assert rows == [("failed", None), ("parsed", 51), ("partial", 111)]
    assert con.table("parsed").columns == SCHEMA.names


def test_a_batch_without_reports_gives_an_empty_table():
    con = duckdb.connect()
    con.execute("create temp table reports (metar varchar)")

    parse_distinct(con, "reports", "parsed")

    assert con.execute("select count(*) from parsed").fetchone() == (0,)


GROUPS = [
    ["KJFK", "PHNL", "EGLL", "METAR KORD", "SPECI TJSJ", "K1O5"],
    ["010051Z", "311251Z"],
    ["", "AUTO", "COR", "COR AUTO"],
    ["00000KT", "VRB03KT", "31015G24KT", "24008MPS", "36099KT", "/////KT"],
    ["10SM", "P6SM", "M1/4SM", "1 1/2SM", "9999", "CAVOK", "0800 0400NE", "3/4SM R04R/2000FT"],
    ["", "-RA BR", "+TSRA", "VCSH", "FZFG", "+FC SQ", "SHRASN BLSN"],
    ["CLR", "FEW055 BKN250", "VV002", "SCT010 OVC020CB OVC100", "SKC", "BKN000"],
    ["", "04/M06", "M01/M05", "XX/MM", "22/"],
    ["", "A3002", "Q1013", "A3002 $", "A3002 RMK AO2 SLP164 VIS 2 PK WND 36099/1220"],
]


@given(st.tuples(*map(st.sampled_from, GROUPS)))
@settings(max_examples=300, deadline=None)
def test_a_well_formed_report_is_read_as_the_package_metar_reads_it(groups):
    text = " ".join(group for group in groups if group)
    report = Metar(text.removesuffix(" $"), month=1, year=2013)
    heights = [height.value("FT") for cover, height, _ in report.sky if cover in ("BKN", "OVC", "VV")]
    expected = (
        round(report.wind_dir.value()) if report.wind_dir else None,
        round(report.wind_speed.value("KT")) if report.wind_speed else None,
        round(report.wind_gust.value("KT")) if report.wind_gust else None,
        round(report.vis.value("SM"), 4),
        bool(heights),
        round(min(heights)) if heights else None,
        " ".join("".join(part or "" for part in parts) for parts in report.weather) or None,
    )

    assert parse_metar(text).metar_status == "parsed"
    assert said(text) == expected


@given(st.text(alphabet="0123456789/+-MPGKTSVRBOCNFEWDZAQL ", max_size=40))
@settings(max_examples=500, deadline=None)
def test_any_text_gives_values_that_can_be(text):
    report = parse_metar(f"KJFK 091251Z 18005KT 4SM BR {text}")

    assert report.metar_status in ("parsed", "partial")
    assert (report.metar_wind_direction_degrees, report.metar_wind_speed_knots) == (180, 5)
    assert report.metar_visibility_miles == 4.0
