from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontime.errors import OntimeError
from ontime.months import Month, Period

months = st.builds(Month, st.integers(1987, 2100), st.integers(1, 12))


@given(months)
def test_a_month_reads_what_it_writes(month):
    assert Month.parse(str(month)) == month


@given(months)
def test_months_follow_each_other_without_gap(month):
    assert (month.next().first_day - month.last_day).days == 1
    assert Month.of(month.last_day) == month


@pytest.mark.parametrize("text", ["2013", "2013-13", "2013-00", "0000-01", "13-01", "2013-01-01", "", "January"])
def test_what_is_no_month_is_an_error(text):
    with pytest.raises(OntimeError, match="is not a month: write it as year-month"):
        Month.parse(text)


def test_leap_days_count():
    assert Month(2012, 2).last_day == date(2012, 2, 29)


def test_a_period_holds_both_its_ends():
    period = Period(Month(2012, 11), Month(2013, 2))
    assert [str(month) for month in period.months()] == ["2012-11", "2012-12", "2013-01", "2013-02"]
    assert Period(Month(2013, 1), Month(2013, 1)).months() == [Month(2013, 1)]


def test_a_period_that_ends_before_it_starts_is_an_error():
    with pytest.raises(OntimeError, match=r"the period ends \(2013-01\) before it starts \(2013-02\)"):
        Period(Month(2013, 2), Month(2013, 1))


def test_months_are_told_by_the_fewest_periods():
    months = [Month(2000, 11), Month(2000, 12), Month(2001, 1), Month(2001, 3), Month(2002, 3)]

    assert [str(period) for period in Period.around(months)] == ["2000-11..2001-01", "2001-03", "2002-03"]
    assert Period.around([]) == []
