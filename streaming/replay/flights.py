"""Flights of the marts as documents of events, in SQL of DuckDB."""

from __future__ import annotations

from typing import Final

from ingestion.sources.events.columns import CAUSES
from ontime.sql import quote_sql

# a timetable is known long before: at least before the longest horizon of a prediction
SCHEDULED_AHEAD: Final = "interval 7 days"
_NAME: Final = {
    "carrier_code": "carrier_code",
    "flight_number": "flight_number",
    "flight_date": "flight_date",
    "origin_airport_code": "origin_airport_code",
    "destination_airport_code": "destination_airport_code",
    "scheduled_departure_clock": "departure_clock",
}
_ARRIVED: Final = {
    "air_time_minutes": "air_time_minutes",
    "arrival_delay_minutes": "case when is_diverted then arrival_delay_minutes end",
    **{cause: cause for cause in CAUSES},
}


def flight_documents(start: str, end: str, aircraft_known_minutes: int, schema_version: int) -> str:
    """A select of known_at, key, document, and the document's place among those of one flight and instant.

    Args:
        start: SQL of the first instant.
        end: SQL of the instant after the last scheduled departure.
        aircraft_known_minutes: How long before its scheduled departure a flight has an aircraft.
        schema_version: Of the documents.
    """
    kinds = [
        # never after the flight has left, which may be before its schedule, and with it before the start
        _kind(
            "scheduled",
            f"greatest(scheduled_departure_at - {SCHEDULED_AHEAD}, least({start}, left_at))",
            "true",
            _SCHEDULED,
        ),
        _kind(
            "aircraft_assigned",
            f"least(greatest(scheduled_departure_at - interval {aircraft_known_minutes} minutes, {start}), left_at)",
            "tail_number is not null",
            {"tail_number": "tail_number"},
        ),
        _kind("departed", "left_at", "left_at is not null", {"occurred_at": _utc("left_at")}),
        _kind("cancelled", "cancelled_at", "is_cancelled", {"cancellation_code": "cancellation_code"}),
        _kind(
            "diverted",
            "coalesce(arrived_at, greatest(scheduled_departure_at, departed_at, scheduled_arrival_at))",
            "is_diverted",
            {},
        ),
        _kind("arrived", "arrived_at", "arrived_at is not null", {"occurred_at": _utc("arrived_at"), **_ARRIVED}),
    ]
    told = " union all ".join(f"select *, {place} as place from ({kind})" for place, kind in enumerate(kinds))
    name = ", ".join(_field(field, value) for field, value in _NAME.items())
    return f"""
        with flights as (
            select
                flights.*,
                {_clock("scheduled_departure_local", "flight_date")} as departure_clock,
                cancellations.occurred_at as cancelled_at,
                -- a flight that came back is cancelled once it had left
                coalesce(
                    departed_at,
                    case when cancellations.occurred_at > scheduled_departure_at then cancellations.occurred_at end
                ) as left_at
            from marts.fct_flights as flights
            left join (
                select flight_key, occurred_at
                from marts.fct_flight_events
                where event_type = 'cancellation' and superseded_at is null
            ) as cancellations using (flight_key)
            where flights.scheduled_departure_at >= {start} and flights.scheduled_departure_at < {end}
        ),
        named as (
            select
                *,
                '{{"schema_version":' || {schema_version} || ',' || concat_ws(',', {name}) as beginning,
                concat_ws('|', {", ".join(_NAME.values())}) as key
            from flights
        ),
        told as ({told})
        select known_at, key, document, place from told
    """


def _kind(event_type: str, known_at: str, condition: str, fields: dict[str, str]) -> str:
    told = "".join(f" || coalesce(',' || {_field(field, value)}, '')" for field, value in fields.items())
    return (
        f"select {known_at} as known_at, key,"
        f""" beginning || ',"event_type":' || to_json({quote_sql(event_type)}){told} || '}}' as document"""
        f" from named where {condition}"
    )


def _field(field: str, value: str) -> str:
    """A field of a document with a value of SQL; null without one."""
    return f"""'"{field}":' || to_json({value})::varchar"""


def _utc(instant: str) -> str:
    return f"strftime({instant}, '%Y-%m-%dT%H:%M:%SZ')"


def _clock(local: str, day: str) -> str:
    """The hhmm that a local clock shows: 2400 for the midnight after a day, where one is given."""
    shown = f"strftime({local}, '%H%M')"
    return f"case when {local} = {day} + interval 1 day then '2400' else {shown} end" if day else shown


_SCHEDULED: Final = {
    "scheduled_arrival_clock": _clock("scheduled_arrival_local", ""),
    "scheduled_elapsed_minutes": "date_diff('minute', scheduled_departure_at, scheduled_arrival_at)",
    "distance_miles": "distance_miles",
}
