"""The incremental features, labels and examples equal their full refresh, whatever order facts come in."""

import shutil
from datetime import timedelta

import pytest
from daily_loads import loads
from dbt_project import EVERY_QUESTION, DbtProject
from raw_rows import FIRST_LOAD, RawData

FEATURES = (
    "features.feat_origin_departures",
    "features.feat_carrier_departures",
    "features.feat_carrier_origin_departures",
    "features.feat_route_flights",
    "features.feat_aircraft_rotation",
    "features.feat_origin_weather",
    "training.lbl_departure_delay",
    "training.lbl_arrival_delay",
    "training.lbl_cancellation",
    *(f"training.trn_{name}" for name, _ in EVERY_QUESTION),
)
LOADS_AT_FIRST = 4
MODELS = (
    "int_flight_movements",
    "int_weather_report_versions",
    "fct_flights",
    "fct_flight_events",
    "fct_weather_observations",
    "path:models/features",
    "path:models/training",
)


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory):
    """One warehouse built after every load but the first ones, and one built at the end from nothing."""
    stepwise = DbtProject(tmp_path_factory.mktemp("stepwise"), kept_questions=EVERY_QUESTION)
    raw = RawData(stepwise.data_dir)
    stepwise.run("seed")
    at_first = ("run", "--select", "+path:models/training")
    for number, (source, table, rows, loaded_at) in enumerate(loads(), 1):
        raw.load(source, table, rows, loaded_at)
        if number >= LOADS_AT_FIRST:
            stepwise.run(*(at_first if number == LOADS_AT_FIRST else ("run", "--select", *MODELS)))
    whole = DbtProject(tmp_path_factory.mktemp("whole"), kept_questions=EVERY_QUESTION)
    shutil.copy(raw.path, whole.data_dir)
    whole.run("seed")
    whole.run("run", "--select", "+path:models/training")
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
