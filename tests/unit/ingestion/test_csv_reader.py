from datetime import date, datetime

import duckdb
import pytest

from ingestion.raw.tables import RawTable, columns
from ingestion.reading import csv_reader
from ingestion.reading.typed_rows import Layout, read_rows
from ontime.errors import OntimeError

TRIP = RawTable("trips", columns(day="date", clock="text", delay="bigint", mass="double", city="text"))
LAYOUT = Layout(TRIP, {"day": ("FL_DATE",)}, frozenset({"clock"}), ("day",), day_column="day")
HEADER = b"day,clock,delay,mass,city\n"


@pytest.fixture
def con():
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": False}) as connection:
        yield connection


@pytest.fixture
def read(con, tmp_path):
    def read(content, layout=LAYOUT):
        path = tmp_path / "trips.csv"
        path.write_bytes(content)
        reading = read_rows(con, layout, path, "trips.csv")
        rows = con.execute(reading.tables[layout.table.name] + " order by _source_line").fetchall()
        rejected = con.execute(reading.rejected).fetchall() if reading.rejected else []
        assert (len(rows), len(rejected)) == (reading.rows, reading.rejected_rows)
        return rows, rejected, reading

    return read


GOOD = b'2013-01-02,0730,81.00,1.5,"New York, NY"\n2013-01-03,,,,""\n'
TYPED = [
    (date(2013, 1, 2), "0730", 81, 1.5, "New York, NY", 2),
    (date(2013, 1, 3), None, None, None, None, 3),
]


@pytest.mark.parametrize(
    "content",
    [
        HEADER + GOOD,
        (HEADER + GOOD).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + HEADER + GOOD,
        (HEADER + GOOD).replace(b"\n", b",\n"),
        (HEADER + GOOD).replace(b"\n", b",\r\n"),
        HEADER + GOOD.replace(b"\n", b",\n"),
        HEADER.replace(b"\n", b",\n") + GOOD,
        HEADER.replace(b"\n", b"\r\n") + GOOD,
        HEADER + GOOD.rstrip(b"\n"),
        HEADER + GOOD + b"\n\n",
        HEADER.replace(b"day,clock", b'"DAY"," Clock "') + GOOD,
        HEADER.replace(b"day", b"FL_DATE") + GOOD,
    ],
    ids=[
        "LF",
        "CRLF",
        "byte order mark",
        "trailing comma",
        "trailing comma and CRLF",
        "trailing comma in rows only",
        "trailing comma in the header only",
        "mixed line ends",
        "no last line end",
        "blank lines at the end",
        "quoted upper-case names",
        "other name",
    ],
)
def test_every_spelling_of_the_same_rows_reads_the_same(read, content):
    rows, rejected, reading = read(content)

    assert rows == TYPED
    assert rejected == []
    assert (reading.period_start, reading.period_end) == (date(2013, 1, 2), date(2013, 1, 3))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"2013-01-02,0730,1,1", "4 fields, expected 5"),
        (b"2013-01-02,0730,1,1,x,y", "6 fields, expected 5"),
        (b'2013-01-02,0730,1,1,"New York', "unterminated quote"),
        (b'2013-01-02,0730,1,1,"New" York', "misplaced quote (',' expected after '\"')"),
        (b"2013-01-02,0730,1,1,a\rb", "carriage return inside the line"),
        (b"2013-02-30,0730,1,1,x", "day is no date: 2013-02-30"),
        (b",0730,1,1,x", "day is missing"),
        (b"2013-\xff1-02,0730,1,1,x", "day is not UTF-8: 2013-\ufffd1-02"),
        (b"2013-01-02\0,0730,1,1,x", "day holds a zero byte: 2013-01-02\u2400"),
    ],
)
def test_a_line_that_cannot_be_read_is_rejected_and_the_rest_is_kept(read, line, reason):
    first, last = GOOD.splitlines()

    rows, rejected, _ = read(HEADER + b"\n".join([first, line, last, b""]))

    assert rejected == [(3, reason, line.decode(errors="replace").replace("\0", "\u2400"))]
    assert rows == [TYPED[0], (*TYPED[1][:-1], 4)]


def test_lines_keep_their_numbers_when_others_are_blank_or_unreadable(read):
    content = HEADER + b"\n2013-01-02,1,1,1,a\nshort\n\n2013-13-02,9,1,1,b\n2013-01-03,2,2,2,c\n"

    rows, rejected, _ = read(content)

    assert [(row[4], row[-1]) for row in rows] == [("a", 3), ("c", 7)]
    assert [(line, text) for line, _, text in rejected] == [(4, "short"), (6, "2013-13-02,9,1,1,b")]


def test_a_quoted_line_end_ends_the_record(read):
    rows, rejected, _ = read(HEADER + b'2013-01-02,1,1,1,"a\nb"\n2013-01-03,2,2,2,c\n')

    assert [row[-1] for row in rows] == [4]
    assert [line for line, _, _ in rejected] == [2, 3]


def test_a_line_without_end_is_rejected_without_being_held_in_memory(read, monkeypatch):
    monkeypatch.setattr(csv_reader, "LONGEST_LINE_BYTES", 100)
    rows, rejected, _ = read(HEADER + b"2013-01-02,1,1,1,\xff" + b"x" * 1000 + b"\n2013-01-03,2,2,2,c\n")

    assert [(line, reason, len(text)) for line, reason, text in rejected] == [(2, "longer than 100 bytes", 100)]
    assert [row[-1] for row in rows] == [3]


@pytest.mark.parametrize(
    "clock", ["0000", "0", "5", "05", "0005", "59", "0059", "517", "0517", "2359", "2400", "2401", "2410", "2959"]
)
def test_clock_times_stay_the_source_s_text(read, clock):
    rows, _, reading = read(HEADER + f"2013-01-02,{clock},1,1,x\n".encode())

    assert rows[0][1] == clock
    assert reading.damaged == ()


@pytest.mark.parametrize(
    ("clock", "text"), [("905.0", "0905"), ("5.0", "0005"), ("0.0", "0000"), ("1730.00", "1730"), ("2410.0", "2410")]
)
def test_clock_times_that_were_saved_as_floats_are_read(read, clock, text):
    rows, rejected, reading = read(HEADER + f"2013-01-02,{clock},1,1,x\n2013-01-03,730,1,1,x\n".encode())

    assert [row[1] for row in rows] == [text, "730"]
    assert (rejected, reading.damaged) == ([], ())


@pytest.mark.parametrize("day", ["2013-01-02", "1/2/2013", "01/02/2013", "1/2/2013 12:00:00 AM"])
def test_days_are_read_in_iso_and_us_form(read, day):
    rows, _, _ = read(HEADER + f"{day},,,,\n".encode())

    assert rows[0][0] == date(2013, 1, 2)


def test_missing_numbers_stay_missing_under_every_null_string(read):
    layout = Layout(TRIP, {}, frozenset({"clock"}), null_strings=("", "NA"))

    rows, rejected, _ = read(HEADER + b'2013-01-02,NA,NA,"NA",NA\n2013-01-02,"",,,""\n', layout)

    assert rejected == []
    assert {row[1:5] for row in rows} == {(None, None, None, None)}


def test_an_instant_with_a_z_is_read_as_its_utc_clock(read):
    layout = Layout(RawTable("t", columns(at="timestamp", ok="bool")), {})

    rows, rejected, _ = read(b"at,ok\n2013-01-01T10:00:00Z,true\n2013-01-01 10:00,maybe\n", layout)

    assert rows == [(datetime(2013, 1, 1, 10), True, 2), (datetime(2013, 1, 1, 10), None, 3)]
    assert rejected == []


def test_text_without_quotes_may_hold_them(read):
    layout = Layout(RawTable("t", columns(a="text", b="text")), {}, delimiter="\t", quoted=False)

    rows, rejected, _ = read(b'a\tb\n"x\ty"\n1,2\t3\nonly\n', layout)

    assert rows == [('"x', 'y"', 2), ("1,2", "3", 3)]
    assert rejected == [(4, "1 fields, expected 2", "only")]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "trips.csv: its first line is no header (it is blank)"),
        (b"\n1,2\n", "trips.csv: its first line is no header (it is blank)"),
        (b"PK\x03\x04\0\0", "trips.csv: its first line is no header (holds a zero byte)"),
        (b"<html>\n<p>\n", "trips.csv: refused, it lacks the columns day"),
        (
            b"day,clock,Delay,city,DELAY\n",
            "trips.csv: refused, its header has more than one column Delay: leave the right one",
        ),
        (
            b"FL_DATE,city,fl date,mass,City,CITY\n",
            "trips.csv: refused, its header has more than one column city, FL_DATE: leave the right one",
        ),
    ],
)
def test_a_file_without_the_needed_header_is_refused_by_name(read, content, error):
    with pytest.raises(OntimeError) as raised:
        read(content)

    assert str(raised.value) == error


def test_columns_of_one_meaning_or_none_may_stand_beside_each_other(read):
    rows, _, _ = read(b"day,FL_DATE,,notes,,notes\n2013-01-02,2013-01-03,a,b,c,d\n")

    assert [row[0] for row in rows] == [date(2013, 1, 2)]


def test_a_header_alone_reads_as_no_rows(read):
    rows, rejected, reading = read(HEADER)

    assert (rows, rejected, reading.period_start) == ([], [], None)


def test_line_numbers_hold_over_many_buffers_and_threads(con, tmp_path):
    path = tmp_path / "many.csv"
    table = RawTable("t", columns(n="bigint", filler="text"))
    with path.open("w") as output:
        output.write("n,filler\n")
        output.writelines(f"{number},{'x' * 60}\n" for number in range(2, 600_002))

    reading = read_rows(con, Layout(table, {}), path, path.name)

    wrong = f"select count(*), count(*) filter (where n <> _source_line) from ({reading.tables['t']})"
    assert con.execute(wrong).fetchall() == [(600_000, 0)]


def test_temporary_files_go_with_the_reading(read):
    _, _, reading = read(HEADER + GOOD + b"short\n")
    folder = reading.workspace.name

    assert duckdb.sql(f"select count(*) from glob('{folder}/*')").fetchall() != [(0,)]
    reading.workspace.cleanup()
    assert duckdb.sql(f"select count(*) from glob('{folder}/*')").fetchall() == [(0,)]
