"""How far the features of the flights of some days are from those that a training set is of."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import yaml

from feature_store.monitoring.findings import STABLE, DayFinding, Finding
from feature_store.monitoring.profiles import PROFILES, find_in_profiles, first_day, read_allowed_indexes
from feature_store.questions import load_question
from feature_store.questions.horizons import AT_DEPARTURE
from feature_store.registry.catalogue import Catalogue, load_catalogue
from feature_store.registry.stored import read_catalogue
from feature_store.retrieval.joining import INSTANT, join_features
from feature_store.sources import PUBLISHED, open_source
from feature_store.training_sets.distribution import (
    LENGTH,
    count_by_day,
    is_text,
    number_bins,
    number_days,
    stability_index,
    to_numbers,
)
from feature_store.training_sets.receipt import Receipt, set_folder
from ontime.errors import OntimeError
from ontime.project import PROJECT_FILE, project_folder
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from feature_store.questions import Question
    from feature_store.training_sets.choices import Choices
    from feature_store.training_sets.reference import Reference
    from ontime.settings import Settings

AIRCRAFT_KNOWN: Final = "aircraft_known_minutes"
TOO_FEW_DAYS: Final = "too few days"
DRIFTED: Final = "drifted"


def find(
    settings: Settings,
    against: str | None,
    since: datetime | None,
    source: str | None,
    tell: Callable[[str], None] = lambda _line: None,
) -> list[Finding]:
    """What there is to tell of each feature.

    Args:
        settings: For the target, and where sets are.
        against: A training set that features are compared with; none for the profiles that dbt builds.
        since: The first day is that of this instant (UTC); by default the newest 28 days are looked at.
        source: As `open_source` has it.
        tell: Is told of each step.

    Raises:
        OntimeError: There is no such set, it tells of no distribution, nothing was built, or it cannot be reached.
    """
    receipt = None if against is None else Receipt.read(set_folder(settings, against))
    if receipt is not None and receipt.reference is None:
        raise OntimeError(
            f"the receipt of {against} tells of no distributions", remedy="create the set again with --force"
        )
    with open_source(settings, source, tell) as connection:
        first = first_day(connection, since)
        if receipt is None or receipt.reference is None:
            found = find_in_profiles(connection, first)
        else:
            tell(f"features of the flights since {first}")
            catalogue = (
                read_catalogue(connection, settings.published_database) if source == PUBLISHED else load_catalogue()
            )
            features = read_features(connection, catalogue, receipt.choices, first)
            found = compare(features, receipt.reference, read_allowed_indexes(connection))
    if not found:
        raise OntimeError(f"there is no flight since {first}", where=PROFILES, remedy="choose an earlier --since")
    return found


def read_features(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, choices: Choices, first: date
) -> pa.Table:
    """The features of the predictions that a set is of, at those of the same question from a day on.

    Args:
        connection: Of `open_source`.
        catalogue: The tables of features.
        choices: What the set was asked to hold.
        first: The first day of predictions (UTC).

    Returns:
        A row a prediction: `INSTANT`, and the features under the names of the set.
    """
    question = load_question(choices.question)
    wanted = choices.features or tuple(question.features)
    selection = [
        f"{question.tables[group]}:{column}"
        for group, columns in question.features.items()
        if group in wanted
        for column in columns
    ]
    keys = connection.execute(_spine(question, choices, first)).to_arrow_table()
    selected = catalogue.parse_selection(selection)
    return join_features(connection, keys, selected).append_column(INSTANT, keys.column(INSTANT))


def compare(features: pa.Table, reference: Reference, allowed: dict[str, float]) -> list[Finding]:
    """What is to tell of features against those of a set, those that are furthest over their limit first.

    Args:
        features: As `read_features` gives them.
        reference: How those of the set are distributed.
        allowed: Up to which index each counts as unchanged, whatever chance does.
    """
    if not len(features):
        return []
    numbers, days = number_days(features.column(INSTANT))
    found = [
        _compare(name, features.column(name), numbers, days, reference, allowed.get(name, 0.0))
        for name in reference.features
        if name in features.column_names
    ]
    return sorted(found, key=lambda each: (not each.is_beyond, -(each.psi or 0) / (each.limit or math.inf)))


def _compare(
    name: str,
    column: pa.ChunkedArray[Any],
    numbers: NDArray[np.int64],
    days: NDArray[np.datetime64],
    reference: Reference,
    allowed: float,
) -> Finding:
    bins = reference.features[name]
    by_day = count_by_day(numbers, number_bins(column, bins), bins.size)
    expected = np.array(bins.counts)
    psi = float(stability_index(by_day.sum(axis=0), expected))
    limit = None if bins.limit is None or len(days) < LENGTH else max(bins.limit, allowed)
    is_beyond = limit is not None and psi > limit
    verdict = DRIFTED if is_beyond else TOO_FEW_DAYS if limit is None and psi > allowed else STABLE
    values = None if is_text(column.type) else to_numbers(column)
    return Finding(
        feature=name,
        rows=len(column),
        null_share=column.null_count / len(column),
        mean=_mean(values),
        verdict=verdict,
        is_beyond=is_beyond,
        days=tuple(
            DayFinding(
                day=day.item(),
                rows=int(counts.sum()),
                null_share=float(counts[-1] / counts.sum()),
                mean=None if values is None else _mean(values[numbers == number]),
                psi=float(stability_index(counts, expected)),
            )
            for number, (day, counts) in enumerate(zip(days, by_day, strict=True))
        ),
        psi=psi,
        limit=limit,
    )


def _mean(values: NDArray[np.float64] | None) -> float | None:
    if values is None or np.isnan(values).all():
        return None
    return float(np.nanmean(values))


def _spine(question: Question, choices: Choices, first: date) -> str:
    """The keys and instants of predictions in SQL: of flights that have the label, as the examples are."""
    conditions = " and ".join([f"({question.label.has_it})", *question.population.conditions])
    known = _aircraft_known_minutes()
    horizons = ", ".join(f"({minutes})" for minutes in choices.horizons_minutes)
    return (
        f"select carrier_code, origin_airport_code, destination_airport_code,"
        f" case when horizon_minutes <= {known} then tail_number end as tail_number, {INSTANT} from ("
        f"select *, {question.label.flight_settled_at} as settled_at, case when horizon_minutes = {AT_DEPARTURE}"
        f" then departed_at else scheduled_departure_at - horizon_minutes * interval 1 minute end as {INSTANT}"
        f" from marts.fct_flights cross join (values {horizons}) as horizons (horizon_minutes) where {conditions})"
        f" where {INSTANT} >= timestamp {quote_sql(str(first))} and settled_at > {INSTANT}"
    )


def _aircraft_known_minutes() -> int:
    variables = yaml.safe_load((project_folder() / PROJECT_FILE).read_text(encoding="utf-8"))["vars"]
    return int(variables[AIRCRAFT_KNOWN])
