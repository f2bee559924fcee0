"""The documents of the topics. Fields that are not named here are kept in the document, and read by nobody."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from ingestion.sources.events.columns import FLIGHT_EVENTS, WEATHER_REPORTS

SCHEMA_VERSION: Final = 2

AirportCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,4}$")]
CarrierCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9 ()]{1,6}$")]
Clock = Annotated[
    str,
    StringConstraints(pattern=r"^(([01][0-9]|2[0-3])[0-5][0-9]|2400)$"),
    Field(description="Local clock time as hhmm; 2400 is the end of the day."),
]
Minutes = Annotated[int, Field(ge=0, le=100_000)]


class Document(BaseModel):
    """What all documents have."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    schema_version: Literal[2]


class FlightEvent(Document):
    """What names a flight: its number, its local date and clock time of departure as scheduled, and its airports."""

    carrier_code: CarrierCode
    flight_number: Annotated[int, Field(ge=1, le=99_999)]
    flight_date: Annotated[date, Field(description="Local date of the scheduled departure.")]
    origin_airport_code: AirportCode
    destination_airport_code: AirportCode
    scheduled_departure_clock: Clock


class Scheduled(FlightEvent):
    """A flight stands in the timetable."""

    event_type: Literal["scheduled"]
    scheduled_arrival_clock: Clock | None = None
    scheduled_elapsed_minutes: Minutes | None = None
    distance_miles: Annotated[int, Field(ge=0, le=100_000)] | None = None


class AircraftAssigned(FlightEvent):
    """Which aircraft will fly it; null where none is assigned any more."""

    event_type: Literal["aircraft_assigned"]
    tail_number: Annotated[str, StringConstraints(pattern=r"^[ -~]{1,20}$")] | None


class Happened(FlightEvent):
    """Something that happened to a flight; `is_withdrawn` takes back what was reported of the kind."""

    is_withdrawn: bool = False


class Departed(Happened):
    """It left the gate."""

    event_type: Literal["departed"]
    occurred_at: AwareDatetime


class Arrived(Happened):
    """It came to the gate. The delay is reported of diverted flights alone: that of others is told by the schedule."""

    event_type: Literal["arrived"]
    occurred_at: AwareDatetime
    air_time_minutes: Minutes | None = None
    arrival_delay_minutes: Annotated[int, Field(ge=-100_000, le=100_000)] | None = None
    carrier_delay_minutes: Minutes | None = None
    weather_delay_minutes: Minutes | None = None
    nas_delay_minutes: Minutes | None = None
    security_delay_minutes: Minutes | None = None
    late_aircraft_delay_minutes: Minutes | None = None


class Cancelled(Happened):
    """It will not fly."""

    event_type: Literal["cancelled"]
    cancellation_code: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")] | None = None


class Diverted(Happened):
    """It goes to another airport first."""

    event_type: Literal["diverted"]


class WeatherReport(Document):
    """What a station observed, as METAR text."""

    station: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,4}$")]
    observed_at: AwareDatetime
    metar: Annotated[str, StringConstraints(pattern=r"^[ -~\r\n\t]{1,1000}$")]


AnyFlightEvent = Annotated[
    Scheduled | AircraftAssigned | Departed | Arrived | Cancelled | Diverted, Field(discriminator="event_type")
]
EVENT_TYPES: Final = ("scheduled", "aircraft_assigned", "departed", "arrived", "cancelled", "diverted")
DOCUMENTS: Final[dict[str, TypeAdapter[BaseModel]]] = {
    FLIGHT_EVENTS: TypeAdapter(AnyFlightEvent),
    WEATHER_REPORTS: TypeAdapter(WeatherReport),
}


def flight_key(event: FlightEvent) -> str:
    """The message key of a flight's events: `UA|1545|2013-01-01|EWR|IAH|0515`."""
    return "|".join(
        (
            event.carrier_code,
            str(event.flight_number),
            event.flight_date.isoformat(),
            event.origin_airport_code,
            event.destination_airport_code,
            event.scheduled_departure_clock,
        )
    )
