"""What services ask and what they are answered; the OpenAPI page is made of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr

from feature_store.online.features import Answer, Status

FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)


def _is_text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("expected a text with date, time and zone")  # noqa: TRY004 - pydantic's way to refuse
    return value


def _is_of_these_times(value: datetime) -> datetime:
    if not FIRST <= value <= LAST:
        raise ValueError("expected an instant from 1970 to 2200")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_is_text), AfterValidator(_is_of_these_times)]
Text = Annotated[StrictStr, Field(max_length=64)]
Value = bool | int | float | datetime | str | None


class Body(BaseModel):
    """A part of a request; what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FeaturesRequest(Body):
    """Features of entities.

    Attributes:
        entities: Each with the keys of all tables that are asked for.
        features: As `origin_departures:departures_3h`; by default all that the key may have.
        at: The instant; by default now.
    """

    entities: Annotated[list[dict[Text, Text | None]], Field(min_length=1, examples=[[{"origin_airport_code": "JFK"}]])]
    features: Annotated[
        list[Annotated[StrictStr, Field(max_length=200)]] | None,
        Field(max_length=500, examples=[["origin_departures"]]),
    ] = None
    at: Instant | None = None


class Flight(Body):
    """A scheduled flight.

    Attributes:
        carrier_code: Such as B6.
        flight_number: Such as 583.
        origin_airport_code: Such as JFK.
        destination_airport_code: Such as MCO.
        scheduled_departure_at: The instant.
        tail_number: The aircraft, where it is known.
    """

    carrier_code: Annotated[StrictStr, Field(pattern="^[A-Z0-9]{2}$", examples=["B6"])]
    flight_number: Annotated[StrictInt, Field(ge=1, le=9999)]
    origin_airport_code: Annotated[StrictStr, Field(pattern="^[A-Z0-9]{3}$", examples=["JFK"])]
    destination_airport_code: Annotated[StrictStr, Field(pattern="^[A-Z0-9]{3}$", examples=["MCO"])]
    scheduled_departure_at: Instant
    tail_number: Text | None = None

    @property
    def entity(self) -> dict[str, str | None]:
        """The keys of all tables of features."""
        return {
            "carrier_code": self.carrier_code,
            "origin_airport_code": self.origin_airport_code,
            "destination_airport_code": self.destination_airport_code,
            "tail_number": self.tail_number,
        }


class FlightsRequest(Body):
    """Flights of which something is asked, at an instant that is by default now."""

    flights: Annotated[list[Flight], Field(min_length=1)]
    at: Instant | None = None


class Features(Body):
    """Features by name, null but for what is PRESENT, and the status of each."""

    values: dict[str, Value]
    statuses: dict[str, Status]


class FeaturesResponse(Body):
    """The answers, in the order of what was asked."""

    answers: list[Features]


class Prediction(Body):
    """How likely a flight leaves 15 or more minutes late.

    Attributes:
        probability: From 0 to 1.
        predicted_at: The instant whose features were taken.
        horizon_minutes: Before departure, for which the model was trained.
        training_set: Its name.
        training_set_sha256: Of the set's content, as its receipt has it.
        features_found: The share of the model's features that were there.
    """

    probability: float
    predicted_at: datetime
    horizon_minutes: int
    training_set: str
    training_set_sha256: str
    features_found: float


class PredictionsResponse(Body):
    """The predictions, in the order of the flights."""

    predictions: list[Prediction]


class Problem(BaseModel):
    """What is wrong, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def write_features(answer: Answer) -> Features:
    """An answer as services get it: instants with their zone, decimals as numbers."""
    return Features.model_construct(
        values={name: _write(value) for name, value in answer.values.items()}, statuses=answer.statuses
    )


def _write(value: Any) -> Value:  # noqa: ANN401 - of any type of SQL
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - not a number, which JSON has not
        return None
    found: Value = value
    return found
