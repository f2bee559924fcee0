"""Airports, aircraft and carriers: what flights and weather refer to."""

from ingestion.raw_tables import RawTable, columns

AIRPORTS = RawTable(
    "airports",
    columns(
        airport_code="text",
        iata="text",
        icao="text",
        lid="text",
        name="text",
        city="text",
        subd="text",
        country="text",
        elevation="double",
        lat="double",
        lon="double",
        tz="text",
    ),
)
AIRCRAFT = RawTable(
    "aircraft",
    columns(
        tail_number="text",
        manufacturer="text",
        model="text",
        aircraft_type="text",
        engine_type="text",
        engine_count="bigint",
        seat_count="bigint",
        cruise_speed_mph="bigint",
        year_manufactured="bigint",
        registry="text",
    ),
)
CARRIERS = RawTable(
    "carriers",
    columns(carrier_code="text", carrier_name="text", first_year="bigint", last_year="bigint"),
)
TABLES = (AIRPORTS, AIRCRAFT, CARRIERS)
