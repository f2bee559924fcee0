"""How likely a flight leaves 15 or more minutes late, by the features in force and a saved model."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import airportsdata
import numpy as np
import pandas as pd

from feature_store.serving.bodies import Flight, Prediction
from ontime.errors import OntimeError
from ontime.project import project_folder

if TYPE_CHECKING:
    from feature_store.online.features import Answer, OnlineFeatures
    from feature_store.serving.models import Model

HOLIDAYS: Final = Path("seeds", "us_holidays.csv")


def predict(
    features: OnlineFeatures, models: Sequence[Model], flights: Sequence[Flight], at: datetime | None
) -> list[Prediction]:
    """Predict flights at an instant.

    Args:
        features: Of which the newest are taken.
        models: Of several horizons, the longest first.
        flights: Scheduled flights.
        at: The instant; by default now.

    Raises:
        OntimeError: A flight is scheduled to leave before the instant, or the features cannot be read.
    """
    instant = (at or datetime.now(UTC)).astimezone(UTC)
    for flight in flights:
        if flight.scheduled_departure_at < instant:
            raise OntimeError(
                f"is to leave before {instant:%Y-%m-%dT%H:%MZ}, at which it would be predicted",
                where=f"{flight.carrier_code} {flight.flight_number}",
                remedy="ask at an instant before its departure",
            )
    answers = features.read([flight.entity for flight in flights], at=instant)
    return [_predict(models, flight, answer, instant) for flight, answer in zip(flights, answers, strict=True)]


def _predict(models: Sequence[Model], flight: Flight, answer: Answer, at: datetime) -> Prediction:
    minutes = (flight.scheduled_departure_at - at).total_seconds() / 60
    # the one that was trained the longest before departure, of those that know no more than is known now
    model = next((each for each in models if each.receipt.horizon_minutes <= minutes), models[-1])
    receipt = model.receipt
    known = {**answer.values, **_read_schedule(flight, receipt.routes)}
    row = pd.DataFrame({name: [_to_number(known.get(name))] for name in receipt.columns}, columns=list(receipt.columns))
    for name, categories in receipt.categories.items():
        row[name] = pd.Categorical(row[name], categories=list(categories))
    of_features = [name for name in receipt.columns if name in answer.values]
    found = sum(answer.values[name] is not None for name in of_features)
    return Prediction(
        probability=float(model.classifier.predict_proba(row)[0, 1]),
        predicted_at=at,
        horizon_minutes=receipt.horizon_minutes,
        training_set=receipt.training_set,
        training_set_sha256=receipt.training_set_sha256,
        features_found=found / len(of_features) if of_features else 1.0,
    )


def _read_schedule(flight: Flight, routes: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """What the schedule says of a flight, as training sets call it."""
    miles, minutes = routes.get(f"{flight.origin_airport_code}-{flight.destination_airport_code}", (None, None))
    zone = _zones().get(flight.origin_airport_code)
    local = flight.scheduled_departure_at.astimezone(ZoneInfo(zone)) if zone else None
    return {
        "carrier_code": flight.carrier_code,
        "origin_airport_code": flight.origin_airport_code,
        "destination_airport_code": flight.destination_airport_code,
        "distance_miles": miles,
        "scheduled_elapsed_minutes": minutes,
        "scheduled_departure_local_hour": local.hour if local else None,
        "iso_day_of_week": local.isoweekday() if local else None,
        "is_us_holiday": str(local.date()) in _holidays() if local else None,
    }


@cache
def _zones() -> dict[str, str]:
    return {code: airport["tz"] for code, airport in airportsdata.load("IATA").items()}


@cache
def _holidays() -> frozenset[str]:
    with (project_folder() / HOLIDAYS).open(encoding="utf-8", newline="") as lines:
        return frozenset(row["holiday_date"] for row in csv.DictReader(lines))


def _to_number(value: Any) -> Any:  # noqa: ANN401 - of any type of SQL
    if value is None:
        return np.nan
    return float(value) if isinstance(value, bool | Decimal) else value
