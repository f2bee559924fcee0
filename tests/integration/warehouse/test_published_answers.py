"""Answers that others have published about the 2013 flights, asked of `fct_flights`.

Sources: "R for Data Science", second edition (chapters named beside each case), and the public solutions to its first
edition's exercises by J. B. Arnold.
"""

from decimal import Decimal

import pytest

CLOCK = "extract(hour from departed_local) * 100 + extract(minute from departed_local)"
# the sources write the midnight that ends a day as 2400
DEPARTURE_HHMM = f"(case when departed_at is null then null when {CLOCK} = 0 then 2400 else {CLOCK} end)"

COUNTS = {
    "flights (transform)": (336776, "true"),
    "not departed (logicals)": (8255, "departed_at is null"),
    "no arrival delay (5.2.3)": (9430, "arrival_delay_minutes is null"),
    "departed without an arrival delay (5.6.3)": (
        1175,
        "departure_delay_minutes is not null and arrival_delay_minutes is null",
    ),
    "two hours late or more (5.2.1)": (10200, "arrival_delay_minutes >= 120"),
    "United, American or Delta (5.2.1)": (139504, "carrier_code in ('UA', 'AA', 'DL')"),
    "arrived over two hours late after leaving on time (5.2.1)": (
        29,
        "arrival_delay_minutes > 120 and departure_delay_minutes <= 0",
    ),
    "left between midnight and six (5.2.1)": (9373, f"{DEPARTURE_HHMM} % 2400 <= 600"),
    "January and February (transform)": (51955, "extract(month from flight_date) in (1, 2)"),
    "by day and about on time (logicals)": (
        172286,
        f"{DEPARTURE_HHMM} > 600 and {DEPARTURE_HHMM} < 2000 and abs(arrival_delay_minutes) < 20",
    ),
}

ANSWERS = {
    "pairs of airports (transform)": (
        [(224,)],
        "select count(*) from (select 1 from f group by origin_airport_code, destination_airport_code)",
    ),
    "destinations flown to (5.6.2)": (
        [(104,)],
        "select count(distinct destination_airport_code) from f where arrival_delay_minutes is not null",
    ),
    "tail numbers flown (5.6.2)": (
        [(4037,)],
        "select count(distinct tail_number) from f where arrival_delay_minutes is not null",
    ),
    "busiest destinations (numbers)": (
        [("ORD", 17283), ("ATL", 17215), ("LAX", 16174), ("BOS", 15508), ("MCO", 14082), ("CLT", 14064)],
        "select destination_airport_code, count(*) as n from f group by 1 order by n desc limit 6",
    ),
    "mean arrival delay of the first destinations (numbers)": (
        [
            ("ABQ", Decimal("4.38")),
            ("ACK", Decimal("4.85")),
            ("ALB", Decimal("14.4")),
            ("ANC", Decimal("-2.5")),
            ("ATL", Decimal("11.3")),
            ("AUS", Decimal("6.02")),
        ],
        "select destination_airport_code, case when abs(avg(arrival_delay_minutes)) < 10"
        " then round(avg(arrival_delay_minutes), 2) else round(avg(arrival_delay_minutes), 1) end::decimal(6, 2)"
        " from f group by 1 order by 1 limit 6",
    ),
    "miles of three aircraft (numbers)": (
        [("D942DN", 3418), ("N0EGMQ", 250866), ("N10156", 115966)],
        "select tail_number, sum(distance_miles) from f"
        " where tail_number in ('D942DN', 'N0EGMQ', 'N10156') group by 1 order by 1",
    ),
    "cancelled by destination (numbers)": (
        [("ALB", 20), ("ATL", 317), ("AUS", 21)],
        "select destination_airport_code, count(*) from f where is_cancelled"
        " and destination_airport_code in ('ALB', 'ATL', 'AUS') group by 1 order by 1",
    ),
    "mean departure delay by month (transform)": (
        [(1, 10.0), (2, 10.8), (3, 13.2), (4, 13.9), (5, 13.0), (6, 20.8)],
        "select extract(month from flight_date), round(avg(departure_delay_minutes), 1) from f"
        " where extract(month from flight_date) <= 6 group by 1 order by 1",
    ),
    "least and greatest arrival delay (5.6.1)": (
        [(-86, 1272)],
        "select min(arrival_delay_minutes), max(arrival_delay_minutes) from f",
    ),
    "departure clocks (5.6.1)": (
        [(907, 1401, 1744, 1, 2400)],
        f"select quantile_cont(d, 0.25), quantile_cont(d, 0.5), quantile_cont(d, 0.75), min(d), max(d)"
        f" from (select {DEPARTURE_HHMM} as d from f)",
    ),
    "greatest departure delays (transform)": (
        [(1, 9, 1301), (6, 15, 1137), (1, 10, 1126), (9, 20, 1014), (7, 22, 1005), (4, 10, 960)],
        "select extract(month from flight_date), extract(day from flight_date), departure_delay_minutes from f"
        " where departure_delay_minutes is not null order by 3 desc limit 6",
    ),
    "carriers by mean arrival delay (5.6.5)": (
        [("F9", 21.9), ("FL", 20.1), ("EV", 15.8), ("YV", 15.6), ("OO", 11.9), ("MQ", 10.8)],
        "select carrier_code, round(avg(arrival_delay_minutes), 1) from f"
        " group by 1 order by avg(arrival_delay_minutes) desc limit 6",
    ),
    "hours of the day (5.7.3)": (
        [(20,)],
        "select count(distinct extract(hour from scheduled_departure_local)) from f",
    ),
    "routes of flights that were ever late (5.7.4)": (
        [(8834,)],
        "select count(*) from (select 1 from f where arrival_delay_minutes > 0"
        " group by destination_airport_code, origin_airport_code, carrier_code, flight_number)",
    ),
    "aircraft with the worst record (5.7.2)": (
        [("N988AT", 0.189, 37)],
        "select tail_number,"
        " round(avg(case when arrived_at is not null and arrival_delay_minutes <= 0 then 1 else 0 end), 3),"
        " count(*) as n from f where tail_number is not null"
        " and (arrived_at is null or arrival_delay_minutes is not null) group by 1 having n >= 20 order by 2 limit 1",
    ),
    "early departures (logicals)": (
        [(6, 28, 32), (4, 10, 30), (7, 28, 30)],
        f"select extract(month from flight_date), extract(day from flight_date), count(*) as n from f"
        f" where {DEPARTURE_HHMM} < 500 group by 1, 2 order by n desc, 1, 2 limit 3",
    ),
    "how far ahead of time on the first of January (logicals)": (
        [(-12.5,)],
        "select round(avg(arrival_delay_minutes), 1) from f"
        " where flight_date = '2013-01-01' and arrival_delay_minutes < 0",
    ),
    "aircraft with a hundred flights (13.5.2)": (
        [(228390,)],
        "select sum(n)::bigint from (select count(*) as n from f"
        " where tail_number is not null group by tail_number having n >= 100)",
    ),
    "airports of the sample (joins)": ([(1458,)], "select count(*) from staging.stg_nycflights13__airports"),
    "weather hours of the sample (joins)": ([(26115,)], "select count(*) from staging.stg_nycflights13__weather"),
    "the doubled hour of each airport (joins)": (
        [(3,)],
        "select count(*) from (select airport_code,"
        " timezone('America/New_York', timezone('UTC', observed_hour_at)) as hour_local"
        " from staging.stg_nycflights13__weather group by all having count(*) > 1)",
    ),
    "airports that share altitude and latitude (joins)": (
        [(13, 2)],
        "select elevation_ft, count(*) from staging.stg_nycflights13__airports"
        " group by elevation_ft, latitude_degrees having count(*) > 1",
    ),
    "destinations among the sample's airports (joins)": (
        [(101,)],
        "select count(*) from staging.stg_nycflights13__airports"
        " where airport_code in (select destination_airport_code from f)",
    ),
    "tail numbers without a plane, none counting as one (joins)": (
        [(722,)],
        "select count(*) from (select tail_number from f group by 1) as t"
        " where tail_number is null or tail_number not in (select tail_number from marts.dim_aircraft)",
    ),
    "flights whose plane is known (joins)": (
        [(284170,)],
        "select count(*) from f inner join marts.dim_aircraft using (tail_number)",
    ),
}


@pytest.mark.parametrize(("expected", "condition"), COUNTS.values(), ids=COUNTS.keys())
def test_flights_are_counted_as_published(sample_warehouse, expected, condition):
    (count,) = sample_warehouse.query(f"select count(*) from marts.fct_flights where {condition}")[0]
    assert count == expected


@pytest.mark.parametrize(("expected", "question"), ANSWERS.values(), ids=ANSWERS.keys())
def test_questions_are_answered_as_published(sample_warehouse, expected, question):
    assert sample_warehouse.query(f"with f as (select * from marts.fct_flights) {question}") == expected
