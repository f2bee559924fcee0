"""The 336,776 flights that left New York City in 2013, with their weather, planes, airports and airlines."""

from ingestion.raw_tables import RawTable, columns

FLIGHTS = RawTable(
    "flights",
    columns(
        year="bigint",
        month="bigint",
        day="bigint",
        dep_time="text",
        sched_dep_time="text",
        dep_delay="bigint",
        arr_time="text",
        sched_arr_time="text",
        arr_delay="bigint",
        carrier="text",
        flight="bigint",
        tailnum="text",
        origin="text",
        dest="text",
        air_time="bigint",
        distance="bigint",
        hour="bigint",
        minute="bigint",
        time_hour="timestamp",
    ),
)
WEATHER = RawTable(
    "weather",
    columns(
        origin="text",
        year="bigint",
        month="bigint",
        day="bigint",
        hour="bigint",
        temp="double",
        dewp="double",
        humid="double",
        wind_dir="bigint",
        wind_speed="double",
        wind_gust="double",
        precip="double",
        pressure="double",
        visib="double",
        time_hour="timestamp",
    ),
)
PLANES = RawTable(
    "planes",
    columns(
        tailnum="text",
        year="bigint",
        type="text",
        manufacturer="text",
        model="text",
        engines="bigint",
        seats="bigint",
        speed="bigint",
        engine="text",
    ),
)
AIRPORTS = RawTable(
    "airports",
    columns(
        faa="text",
        name="text",
        lat="double",
        lon="double",
        alt="bigint",
        tz="bigint",
        dst="text",
        tzone="text",
    ),
)
AIRLINES = RawTable("airlines", columns(carrier="text", name="text"))
TABLES = (FLIGHTS, WEATHER, PLANES, AIRPORTS, AIRLINES)
