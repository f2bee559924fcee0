from datetime import date

import duckdb
import pytest

from ingestion.raw.tables import RawTable, columns
from ingestion.reading.layout import Layout
from ingestion.reading.typed_rows import read_rows
from ingestion.source import DamagedValues
from ingestion.verification import verify_damage, verify_rejects
from ontime.errors import OntimeError

TRIP = RawTable(
    "trips",
    columns(day="date", clock="text", leaves="text", delay="bigint", mass="double", at="timestamp", city="text"),
)
LAYOUT = Layout(TRIP, {"city": ("town",)}, frozenset({"clock", "leaves"}), ("day", "leaves"), day_column="day")
HEADER = b"day,clock,leaves,delay,mass,at,city\n"
GOOD = b"2013-01-02,0730,0700,81,1.5,2013-01-02 10:00,Ulm\n"


@pytest.fixture
def con():
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": False}) as connection:
        yield connection


@pytest.fixture
def read(con, tmp_path):
    def read(content, layout=LAYOUT):
        path = tmp_path / "trips.csv"
        path.write_bytes(content)
        reading = read_rows(con, layout, path, path.name)
        rows = con.execute(reading.tables[layout.table.name] + " order by _source_line").fetchall()
        rejected = con.execute(reading.rejected).fetchall() if reading.rejected else []
        assert (len(rows), len(rejected)) == (reading.rows, reading.rejected_rows)
        return rows, rejected, reading

    return read


def told(reading):
    return [(found.column, found.rule, found.count, found.example) for found in reading.damaged]


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        (1, b"2561", "is no clock time"),
        (1, b"2575", "is no clock time"),
        (1, b"3000", "is no clock time"),
        (1, b"9999", "is no clock time"),
        (1, b"60", "is no clock time"),
        (1, b"1260", "is no clock time"),
        (1, b"00000", "is no clock time"),
        (1, b"-5", "is no clock time"),
        (1, b"ab", "is no clock time"),
        (1, b"905.5", "is no clock time"),
        (1, b"2575.0", "is no clock time"),
        (3, b"1.5", "is no whole number"),
        (3, b"late", "is no whole number"),
        (3, b"nan", "is no whole number"),
        (3, b"1e30", "is no whole number"),
        (3, b"2147483648", "is no whole number"),
        (4, b"inf", "is no number"),
        (4, b"1,5", "is no number"),
        (5, b"yesterday", "is no timestamp"),
        (6, b"M\xfcnchen", "is not UTF-8"),
        (6, b"a\0b", "holds a zero byte"),
        (1, b"07\xff0", "is not UTF-8"),
        (3, b"8\xff", "is not UTF-8"),
    ],
)
def test_damage_in_a_column_that_no_row_is_known_by_costs_the_value_and_is_counted(read, column, text, rule):
    fields = GOOD.rstrip(b"\n").split(b",")
    fields[column] = b'"' + text + b'"'

    rows, rejected, reading = read(HEADER + GOOD + b",".join(fields) + b"\n" + GOOD)

    whole = rows[0][:-1]
    assert [row[:-1] for row in rows] == [whole, (*whole[:column], None, *whole[column + 1 :]), whole]
    assert [row[-1] for row in rows] == [2, 3, 4]
    assert rejected == []
    example = text.decode(errors="replace").replace("\0", "\u2400")
    assert reading.damaged == (DamagedValues(TRIP.columns[column].name, rule, 1, example, 3),)


@pytest.mark.parametrize(
    ("leaves", "reason"),
    [
        (b"", "leaves is missing"),
        (b"2561", "leaves is no clock time: 2561"),
        (b"ab", "leaves is no clock time: ab"),
        (b"07\xff0", "leaves is not UTF-8: 07\ufffd0"),
    ],
)
def test_a_row_is_rejected_for_what_it_is_known_by_whatever_else_is_damaged(read, leaves, reason):
    line = b"2013-01-02,9999," + leaves + b",late,1,,x"

    rows, rejected, reading = read(HEADER + GOOD + line + b"\n")

    assert len(rows) == 1
    assert rejected == [(3, reason, line.decode(errors="replace"))]
    assert reading.damaged == ()


def test_a_clock_time_that_a_row_is_known_by_may_be_a_float_or_of_the_next_day(read):
    lines = b"2013-01-02,,2410,,,,\n2013-01-02,,905.0,,,,\n"

    rows, rejected, _ = read(HEADER + lines)

    assert ([row[2] for row in rows], rejected) == (["2410", "0905"], [])


def test_damage_is_told_once_a_column_and_rule_with_an_example(read):
    lines = b"".join(
        (
            b"2013-01-02,9999,0700,late,,,\xff\n",
            b"2013-01-02,2575,0700,1.5,,,Ulm\n",
            b"2013-01-02,0730,0700,8\xff,,,\n",
            b"no row\n",
        )
    )

    rows, rejected, reading = read(HEADER + GOOD + lines)

    assert (len(rows), len(rejected)) == (4, 1)
    assert told(reading) == [
        ("clock", "is no clock time", 2, "2575"),
        ("delay", "is not UTF-8", 1, "8\ufffd"),
        ("delay", "is no whole number", 2, "1.5"),
        ("city", "is not UTF-8", 1, "\ufffd"),
    ]
    assert [found.values for found in reading.damaged] == [4, 4, 4, 3]


def test_missing_values_and_columns_are_not_damage(read):
    rows, rejected, reading = read(b"day,leaves,town\n2013-01-02,0700,\n")

    assert rows == [(date(2013, 1, 2), None, "0700", None, None, None, None, 2)]
    assert (rejected, reading.damaged) == ([], ())


def test_a_long_example_is_cut(read):
    _, _, reading = read(HEADER + b"2013-01-02,,0700," + b"x" * 5_000 + b",,,\n")

    assert told(reading) == [("delay", "is no whole number", 1, "x" * 100)]


@pytest.mark.parametrize("day", ["0001-01-05", "1986-12-31", "2027-01-03", "9999-12-31", "1/5/0001"])
def test_days_that_cannot_be_are_rejected_with_those_that_can(read, day):
    layout = LAYOUT.fetched_on(date(2026, 1, 1))

    rows, rejected, reading = read(HEADER + GOOD + f"{day},,0700,,,,\n".encode(), layout)

    assert len(rows) == 1
    assert [reason for _, reason, _ in rejected] == [f"day is not within 1987-01-01 to 2027-01-02: {day}"]
    assert (reading.period_start, reading.period_end) == (date(2013, 1, 2), date(2013, 1, 2))


def test_the_first_and_the_last_day_that_can_be_are_read(read):
    rows, _, _ = read(HEADER + b"1987-01-01,,0700,,,,\n2027-01-02,,0700,,,,\n", LAYOUT.fetched_on(date(2026, 1, 1)))

    assert [row[0] for row in rows] == [date(1987, 1, 1), date(2027, 1, 2)]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ("2013,13,1", "year, month, day are no date: 2013-13-1"),
        ("2013,2,30", "year, month, day are no date: 2013-2-30"),
        ("1,1,1", "year, month, day are not within 1987-01-01 to 2027-01-02: 1-1-1"),
        ("2013,,1", "month is missing"),
    ],
)
def test_a_day_in_three_columns_must_be_one(read, parts, reason):
    names = ("year", "month", "day")
    table = RawTable("t", columns(year="bigint", month="bigint", day="bigint"))
    layout = Layout(table, {}, required=names, day_parts=names).fetched_on(date(2026, 1, 1))

    rows, rejected, reading = read(f"year,month,day\n2013,1,31\n{parts}\n2012,12,1\n".encode(), layout)

    assert [row[:3] for row in rows] == [(2013, 1, 31), (2012, 12, 1)]
    assert rejected == [(3, reason, parts)]
    assert (reading.period_start, reading.period_end) == (date(2012, 12, 1), date(2013, 1, 31))


def lines(good, damaged, field=b"late"):
    return HEADER + GOOD * good + (b"2013-01-02,,0700," + field + b",,,\n") * damaged


def test_a_column_that_is_mostly_of_another_type_refuses_the_file_by_its_name(read):
    _, _, reading = read(lines(19, 20))

    with pytest.raises(OntimeError) as raised:
        verify_damage("trips.csv", reading, 0.5)
    assert str(raised.value) == (
        "trips.csv: refused, 20 of 39 values of delay cannot be read (more than 50.0% allowed by"
        " ONTIME_MAX_DAMAGED_VALUE_SHARE), as 'late' is no whole number"
    )
    verify_damage("trips.csv", reading, 0.6)


@pytest.mark.parametrize("content", [lines(20, 20), lines(0, 19), lines(0, 500, b"8\xff")])
def test_damage_in_half_of_a_column_or_in_a_few_values_or_in_bytes_does_not(read, content):
    _, _, reading = read(content)

    verify_damage("trips.csv", reading, 0.5)


def test_a_file_with_too_many_bad_rows_is_refused_with_the_first_of_them(con, read):
    _, _, reading = read(HEADER + GOOD + b"2013-01-02,,9999,,,,\nshort\n")

    with pytest.raises(OntimeError) as raised:
        verify_rejects(con, "trips.csv", reading, 0.5)
    assert str(raised.value) == (
        "trips.csv: refused, 2 of 3 rows cannot be read (more than 50.0% allowed by ONTIME_MAX_REJECTED_ROW_SHARE),"
        " the first is line 3: leaves is no clock time: 9999"
    )
    verify_rejects(con, "trips.csv", reading, 0.7)
