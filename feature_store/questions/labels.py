"""The facts that a question can ask for, and from when each was known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class LabelColumn:
    """A column that tells what came of a flight.

    Attributes:
        name: In the examples.
        source: In the model of the label.
        data_type: As contracts write it.
        description: For the property file.
    """

    name: str
    source: str
    data_type: str
    description: str


@dataclass(frozen=True)
class Label:
    """A fact with the instant of truth and that from which it was known (`known_at`).

    Attributes:
        name: As a question names it.
        model: The dbt model that has a row for each flight of which the fact is known.
        columns: What the examples hold of it; the first is the answer.
        settled_at: The model's instant of truth: from then on there is nothing to predict.
        can_be_asked_at_departure: Whether it is settled only after the departure.
        flights: Which flights have it, in words.
        has_it: The same as a condition on `fct_flights`.
        flight_settled_at: The instant of truth as an expression on `fct_flights`.
        waited_minutes: Minutes from the prediction to the instant of truth, as an expression on the examples.
    """

    name: str
    model: str
    columns: tuple[LabelColumn, ...]
    settled_at: str
    can_be_asked_at_departure: bool
    flights: str
    has_it: str
    flight_settled_at: str
    waited_minutes: str

    @property
    def answer(self) -> LabelColumn:
        """The column that a model is trained to tell."""
        return self.columns[0]


_IS_DEPARTURE_DELAYED = LabelColumn(
    "is_departure_delayed_15",
    "is_departure_delayed_15",
    "boolean",
    "The label: true when the flight left 15 or more minutes late.",
)
_DEPARTURE_DELAY = LabelColumn(
    "label_departure_delay_minutes",
    "departure_delay_minutes",
    "integer",
    "The label in minutes, negative when early. Named so that nobody takes it for a feature.",
)
_IS_ARRIVAL_DELAYED = LabelColumn(
    "is_arrival_delayed_15",
    "is_arrival_delayed_15",
    "boolean",
    "The label: true when the flight reached its gate 15 or more minutes late.",
)
_ARRIVAL_DELAY = LabelColumn(
    "label_arrival_delay_minutes",
    "arrival_delay_minutes",
    "integer",
    "The label in minutes, negative when early. Named so that nobody takes it for a feature.",
)
_ARRIVED_AT = LabelColumn(
    "label_arrived_at",
    "arrived_at",
    "timestamp",
    "UTC instant of the arrival, from which on there is nothing to predict. No feature.",
)
_IS_CANCELLED = LabelColumn("is_cancelled", "is_cancelled", "boolean", "The label: true when the flight was cancelled.")
_SETTLED_AT = LabelColumn(
    "label_settled_at",
    "settled_at",
    "timestamp",
    "UTC instant from which it was settled: the departure, or the schedule of a flight that was cancelled. No feature.",
)


def _departure_label(name: str, *columns: LabelColumn) -> Label:
    return Label(
        name=name,
        model="lbl_departure_delay",
        columns=columns,
        settled_at="departed_at",
        can_be_asked_at_departure=False,
        flights="operated",
        has_it="not is_cancelled and departed_at is not null",
        flight_settled_at="departed_at",
        waited_minutes="horizon_minutes + label_departure_delay_minutes",
    )


def _arrival_label(name: str, *columns: LabelColumn) -> Label:
    return Label(
        name=name,
        model="lbl_arrival_delay",
        columns=columns,
        settled_at="arrived_at",
        can_be_asked_at_departure=True,
        flights="arrived",
        has_it="arrival_delay_minutes is not null",
        flight_settled_at="arrived_at",
        waited_minutes="date_diff('minute', prediction_at, label_arrived_at)",
    )


LABELS: Final = {
    label.name: label
    for label in (
        _departure_label("departure_delayed_15", _IS_DEPARTURE_DELAYED, _DEPARTURE_DELAY),
        _departure_label("departure_delay_minutes", _DEPARTURE_DELAY),
        _arrival_label("arrival_delayed_15", _IS_ARRIVAL_DELAYED, _ARRIVAL_DELAY, _ARRIVED_AT),
        _arrival_label("arrival_delay_minutes", _ARRIVAL_DELAY, _ARRIVED_AT),
        Label(
            name="cancellation",
            model="lbl_cancellation",
            columns=(_IS_CANCELLED, _SETTLED_AT),
            settled_at="settled_at",
            can_be_asked_at_departure=False,
            flights="operated or was cancelled",
            has_it="is_cancelled or departed_at is not null",
            flight_settled_at="case when is_cancelled then scheduled_departure_at else departed_at end",
            waited_minutes="date_diff('minute', prediction_at, label_settled_at)",
        ),
    )
}
