"""How features are distributed, and how far two distributions are apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from feature_store.questions.question import group_of
from feature_store.training_sets.reference import Bins, Reference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64] | NDArray[np.float64]

INSTANT: Final = "prediction_at"
BINS: Final = 10
NAMES: Final = 20
# length of the periods that limits are found for, in days: those of shorter ones are too wide to tell anything
LENGTH: Final = 28
# from so many days of the set on
LEAST_DAYS: Final = 3 * LENGTH
# of the periods that are like the set, the share in which some feature is over its limit
FALSE_ALARMS: Final = 0.01
SPLITS: Final = 1000
# what is added to the share of each bin that either has, so that one which few days have is no infinite distance
LEAST_SHARE: Final = 0.001
SEED: Final = 2013


def describe_part(path: Path) -> Reference:
    """How the features in a part of a set are distributed.

    Args:
        path: The part, a file of Parquet.
    """
    part = pq.ParquetFile(path)
    day_numbers, _ = number_days(part.read([INSTANT]).column(INSTANT))
    bins, counts = {}, {}
    for name in feature_columns(part.schema_arrow):
        column = part.read([name]).column(name)
        bins[name] = cut(column)
        counts[name] = count_by_day(day_numbers, number_bins(column, bins[name]), bins[name].size)
    days = int(day_numbers.max()) + 1
    limits = find_limits(counts) if counts and days >= LEAST_DAYS else {}
    return Reference(
        days=days,
        features={
            name: each.model_copy(
                update={"counts": tuple(map(int, counts[name].sum(axis=0))), "limit": limits.get(name)}
            )
            for name, each in bins.items()
        },
    )


def feature_columns(schema: pa.Schema) -> Iterator[str]:
    """The columns of features whose distribution can be told: all but instants, which have ages beside them."""
    for field in schema:
        if group_of(field.name) is not None and not pa.types.is_temporal(field.type):
            yield field.name


def cut(column: pa.ChunkedArray[Any]) -> Bins:
    """Bins with as many values of a column in each as can be."""
    if is_text(column.type):
        counted = sorted(
            Counter(map(str, column.drop_null().to_pylist())).items(), key=lambda each: (-each[1], each[0])
        )
        return Bins(names=tuple(name for name, _ in counted[:NAMES]))
    values = to_numbers(column.drop_null())
    if not len(values):
        return Bins()
    edges = np.unique(np.quantile(values, np.arange(1, BINS) / BINS, method="inverted_cdf"))
    return Bins(edges=tuple(map(float, edges[edges < values.max()])))


def stability_index(counts: Counts, reference: Counts) -> NDArray[np.float64]:
    """The population stability index of rows in bins against others; each bin that either has counts a little more.

    Args:
        counts: Rows by bin, in the last dimension.
        reference: Those that they are compared with, of the same shape but for a first dimension.

    Returns:
        The index, 0 for the same shares; nan where there are no rows.
    """
    is_used = counts + reference > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        shares, expected = (_shares(each, is_used) for each in (counts, reference))
        terms = (shares - expected) * np.log(shares / expected)
    index: NDArray[np.float64] = np.where(is_used, terms, 0).sum(axis=-1)
    return np.where(counts.sum(axis=-1) > 0, index, np.nan)


def find_limits(counts: Mapping[str, NDArray[np.int64]]) -> dict[str, float]:
    """Indexes over which some feature is in the stated share of the periods that are like the set.

    Such periods are taken from the set itself: its days are split at random, many times, into a period and the rest.
    Days are drawn, and not rows, as the values of a day depend on each other. All features are drawn together, so that
    the share is that of periods in which any of them is over its limit.

    Args:
        counts: By feature, rows by day and bin; of more days than a period has.

    Returns:
        The limit of each feature.
    """
    days = len(next(iter(counts.values())))
    order = np.random.default_rng(SEED).random((SPLITS, days)).argsort(axis=1)
    is_in_period = (order < LENGTH).astype(np.float64)
    spreads, greatest = {}, np.zeros(len(is_in_period))
    for name, by_day in counts.items():
        drawn = is_in_period @ by_day
        indexes = np.nan_to_num(stability_index(drawn, by_day.sum(axis=0) - drawn))
        spreads[name] = float(np.quantile(indexes, 1 - FALSE_ALARMS))
        if spreads[name] > 0:
            greatest = np.maximum(greatest, indexes / spreads[name])
    factor = float(np.quantile(greatest, 1 - FALSE_ALARMS, method="higher"))
    return {name: round(factor * spread, 6) for name, spread in spreads.items()}


def number_days(instants: pa.ChunkedArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.datetime64]]:
    """The days (UTC) of instants: of each its place among those that there are, and these in their order."""
    days, numbers = np.unique(instants.to_numpy().astype("datetime64[D]"), return_inverse=True)
    return numbers, days


def number_bins(column: pa.ChunkedArray[Any], bins: Bins) -> NDArray[np.int64]:
    """The number of each value's bin, from 0."""
    if is_text(column.type):
        places = {name: place for place, name in enumerate(bins.names)}
        found = np.array([places.get(str(value), len(places)) for value in column.to_pylist()], np.int64)
    else:
        found = np.searchsorted(bins.edges, to_numbers(column), side="left")
    return np.where(column.is_null().to_numpy(), bins.size - 1, found).astype(np.int64)


def count_by_day(days: NDArray[np.int64], bins: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Rows by day and bin.

    Args:
        days: Of each row the number of its day.
        bins: Of each row the number of its bin.
        size: How many bins there are.
    """
    rows = int(days.max()) + 1 if len(days) else 0
    return np.bincount(days * size + bins, minlength=rows * size).reshape(rows, size)


def to_numbers(column: pa.ChunkedArray[Any]) -> NDArray[np.float64]:
    """A column of numbers or of yes and no as numbers, nan where it is null."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return column.cast(pa.float64()).to_numpy()


def is_text(data_type: pa.DataType) -> bool:
    """Whether values of a type are text."""
    return pa.types.is_string(data_type) or pa.types.is_large_string(data_type)


def _shares(counts: Counts, is_used: NDArray[np.bool_]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        raised = counts / counts.sum(axis=-1, keepdims=True) + LEAST_SHARE * is_used
    shares: NDArray[np.float64] = raised / raised.sum(axis=-1, keepdims=True)
    return shares
