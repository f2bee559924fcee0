"""Features are compared with a set's by days, so that what chance does raises few alarms."""

import math
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feature_store.monitoring.chart import draw_findings
from feature_store.monitoring.drift import DRIFTED, TOO_FEW_DAYS, compare
from feature_store.monitoring.findings import STABLE
from feature_store.retrieval.joining import INSTANT as RETRIEVED_AT
from feature_store.training_sets.distribution import (
    INSTANT,
    cut,
    describe_part,
    find_limits,
    number_bins,
    stability_index,
)
from ontime.charts import verify_chart_file
from ontime.errors import OntimeError

START = datetime(2013, 1, 1)
ROWS = 40


def days_of(random, days, shift=0.0):
    """Rows of days that each have a value of their own, as weather has; with instants, numbers, text and nulls."""
    level = np.repeat(random.normal(shift, 1, days), ROWS)
    number = level + random.normal(0, 1, days * ROWS)
    return {
        "at": [START + timedelta(days=row // ROWS, minutes=row % ROWS) for row in range(days * ROWS)],
        "weather__celsius": pa.array(number, mask=random.random(days * ROWS) < 0.1),
        "weather__category": pa.array(np.where(number > 1, "IFR", "VFR")),
        "weather__observed_at": [START] * days * ROWS,
    }


def describe(tmp_path, days):
    columns = days_of(np.random.default_rng(1), days)
    pq.write_table(pa.table({INSTANT: columns.pop("at"), **columns}), tmp_path / "train.parquet")
    return describe_part(tmp_path / "train.parquet")


def find(reference, days, shift=0.0, allowed=0.2):
    columns = days_of(np.random.default_rng(2), days, shift)
    features = pa.table({RETRIEVED_AT: columns.pop("at"), **columns})
    return {each.feature: each for each in compare(features, reference, dict.fromkeys(columns, allowed))}


def test_the_index_is_what_its_formula_gives():
    expected = (0.6 - 0.5) * math.log(0.6 / 0.5) + (0.4 - 0.5) * math.log(0.4 / 0.5)
    assert stability_index(np.array([6000, 4000, 0]), np.array([5000, 5000, 0])) == pytest.approx(expected, rel=1e-2)
    assert stability_index(np.array([7, 3]), np.array([7, 3])) == 0
    assert np.isnan(stability_index(np.array([0, 0]), np.array([1, 1])))


def test_every_value_has_its_bin():
    numbers = pa.chunked_array([pa.array([1, 2, None, 3, 4, 100], pa.int64())])
    bins = cut(numbers)
    assert number_bins(numbers, bins).tolist() == [0, 1, bins.size - 1, 2, 3, 4]
    assert number_bins(pa.chunked_array([pa.array([0.5, 1e9])]), bins).tolist() == [0, bins.size - 2]
    texts = pa.chunked_array([pa.array(["VFR", "IFR", "VFR", None])])
    assert cut(texts).names == ("VFR", "IFR")
    assert number_bins(pa.chunked_array([pa.array(["IFR", "LIFR", None])]), cut(texts)).tolist() == [1, 2, 3]
    assert cut(pa.chunked_array([pa.array([None, None], pa.float64())])).size == 2


def test_a_receipt_tells_of_features_and_of_no_instant(tmp_path):
    reference = describe(tmp_path, 90)
    assert reference.days == 90
    assert list(reference.features) == ["weather__celsius", "weather__category"]
    for bins in reference.features.values():
        assert sum(bins.counts) == 90 * ROWS
        assert 0 < bins.limit < 2


def test_what_is_alike_is_stable_and_what_has_moved_has_drifted(tmp_path):
    reference = describe(tmp_path, 90)
    assert {each.verdict for each in find(reference, 28).values()} == {STABLE}
    drifted = find(reference, 28, shift=3.0)["weather__celsius"]
    assert (drifted.verdict, drifted.is_beyond, len(drifted.days)) == (DRIFTED, True, 28)
    assert drifted.psi > drifted.limit
    assert drifted.days[0].day == date(2013, 1, 1)
    assert drifted.mean == pytest.approx(3, abs=1)


def test_of_days_that_are_too_few_nothing_is_said(tmp_path):
    few = find(describe(tmp_path, 90), 27, shift=3.0)["weather__celsius"]
    assert (few.verdict, few.is_beyond, few.limit) == (TOO_FEW_DAYS, False, None)
    small_set = find(describe(tmp_path, 80), 28, shift=3.0)["weather__celsius"]
    assert small_set.verdict == TOO_FEW_DAYS


def test_the_least_index_is_the_features_own(tmp_path):
    assert find(describe(tmp_path, 90), 28, shift=3.0, allowed=100)["weather__celsius"].verdict == STABLE


def test_of_periods_that_are_alike_few_raise_an_alarm():
    """The stated share is 1 of 100: more than 4 in 100 runs are as unlikely as 1 of 250."""
    random = np.random.default_rng(3)
    alarms = 0
    for _ in range(100):
        counts = {}
        for feature in range(4):
            shares = random.dirichlet(np.full(8, 2.0), 128)
            counts[str(feature)] = np.stack([random.multinomial(ROWS, share) for share in shares])
        limits = find_limits({name: by_day[:100] for name, by_day in counts.items()})
        alarms += any(
            stability_index(by_day[100:].sum(axis=0), by_day[:100].sum(axis=0)) > limits[name]
            for name, by_day in counts.items()
        )
    assert alarms <= 4


@pytest.mark.parametrize(("name", "begins"), [("drift.png", b"\x89PNG"), ("drift.html", b"<!doctype html>")])
def test_a_chart_is_a_picture_or_a_page_of_its_own(tmp_path, name, begins):
    found = list(find(describe(tmp_path, 90), 28, shift=3.0).values())
    draw_findings(found, tmp_path / name, "Features <against> spring")
    drawn = (tmp_path / name).read_bytes()
    assert drawn.startswith(begins)
    if name.endswith("html"):
        page = drawn.decode()
        assert "<title>Features &lt;against&gt; spring</title>" in page
        assert "weather__celsius" in page
        assert "src=" not in page


def test_a_file_that_is_no_chart_is_refused(tmp_path):
    with pytest.raises(OntimeError, match=r"let its name end in \.png or \.html"):
        verify_chart_file(tmp_path / "drift.pdf")
    with pytest.raises(OntimeError, match="is no folder"):
        verify_chart_file(tmp_path / "missing" / "drift.png")
