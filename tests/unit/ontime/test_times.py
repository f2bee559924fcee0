from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from ontime.cli import app
from ontime.errors import OntimeError
from ontime.spans import read_age
from ontime.times import FORMS, period_of, read_time


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("2013-03", "2013-03-01 00:00", "2013-04-01 00:00"),
        ("2013-12", "2013-12-01 00:00", "2014-01-01 00:00"),
        ("2012-02-29", "2012-02-29 00:00", "2012-03-01 00:00"),
        (" 2013-03-01T12:00 ", "2013-03-01 12:00", "2013-03-01 12:00"),
        ("2013-03-01 12:00:30.5Z", "2013-03-01 12:00:30.5", "2013-03-01 12:00:30.5"),
        ("2013-03-01T01:00+02:00", "2013-02-28 23:00", "2013-02-28 23:00"),
    ],
)
def test_a_month_a_day_and_an_instant_stand_for_their_time(text, first, end):
    time = read_time(text)
    assert (time.first, time.end) == (datetime.fromisoformat(first), datetime.fromisoformat(end))


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))
def test_any_instant_is_read_as_it_is_written(instant):
    assert read_time(instant.isoformat()).first == instant.replace(tzinfo=None)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "2013", "2013-13", "2013-02-30", "0000-01", "20130301", "2013-W10", "2013-03-01T25:00"),
        *("9999-12", "9999-12-31", "0001-01-01T00:00+14:00", "2013-03-01T12", "2013-03'--", "2013-03\n2013-04"),
    ],
)
def test_what_is_no_time_is_refused_with_the_forms(text):
    with pytest.raises(OntimeError, match="is not a month, a day or an instant") as error:
        read_time(text)
    assert error.value.remedy == f"write {FORMS}"


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2013-03", None, "2013-03"),
        ("2013-03", "2013-03", "2013-03"),
        ("2013-03-31", "2013-04-01", "2013-03..2013-04"),
        ("2013-03", "2013-04-01T00:00Z", "2013-03"),
        ("2013-03", "2013-04-01T00:01Z", "2013-03..2013-04"),
        ("2013-03-01T00:00Z", "2013-03-01T00:00Z", "2013-03"),
    ],
)
def test_a_period_holds_the_months_that_it_touches(start, end, months):
    assert str(period_of(read_time(start), read_time(end) if end else None)) == months


@pytest.mark.parametrize("end", ["2013-02", "2013-02-28", "2013-02-28T23:59Z", "2013-03-01T00:00Z"])
def test_a_period_that_ends_before_it_starts_is_refused(end):
    with pytest.raises(OntimeError, match="before it starts"):
        period_of(read_time("2013-03"), read_time(end))


def test_an_age_is_a_span_or_the_time_since():
    since = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    assert read_age("7d") == timedelta(days=7)
    assert timedelta(days=3) <= read_age(since) < timedelta(days=3, minutes=5)
    with pytest.raises(OntimeError, match="still to come"):
        read_age("9000-01-01")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("ingest", "--start", "soon"), 2),
        (("ingest", "--start", "2013-03", "--end", "2013-02-30"), 2),
        (("training-set", "create", "x", "--start", "soon"), 1),
        (("training-set", "create", "x", "--as-of", "soon"), 1),
        (("lake", "expire", "--older-than", "soon"), 2),
        (("landing", "prune", "--older-than", "soon"), 2),
    ],
)
def test_every_option_for_a_time_shows_the_forms(arguments, status, monkeypatch):
    monkeypatch.setenv("TERMINAL_WIDTH", "300")
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == status
    assert FORMS in " ".join(done.stderr.replace("│", " ").split())
