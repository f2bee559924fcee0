"""The same features for the same rows on dev, PostgreSQL and a lake, in a published copy, through Feast and online."""

from datetime import datetime

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dbt_project import environment
from paths import ROOT
from sample_files import run_ontime

import feature_store
from feature_store.feast_api.store import apply_registry, open_store
from feature_store.online.excluded import ExcludedAircraft
from feature_store.online.materialize import materialize
from feature_store.online.records import RowFormat, read_record
from feature_store.online.sqlite_store import SqliteStore
from feature_store.registry.catalogue import load_catalogue
from publishing.published_file import publish

pytestmark = pytest.mark.slow
AT = "event_timestamp"
SPINE = f"""
    select tail_number, carrier_code, origin_airport_code, destination_airport_code, prediction_at as {AT}
    from training.trn_departure_delay
    order by hash(flight_key, horizon_minutes) limit 5000
"""
# no keys, keys of nothing, past every maximum age, and before everything
ODD_ROWS = [
    (None, None, None, None, datetime(2013, 2, 1)),
    ("N0", "??", "JFK", "???", datetime(2013, 2, 1, 0, 0, 0, 1)),
    ("N593JB", "B6", "JFK", "MCO", datetime(2014, 6, 1)),
    ("N593JB", "B6", "JFK", "MCO", datetime(1950, 1, 1)),
]
NOON, ONE = datetime(2013, 3, 1, 12), datetime(2013, 3, 1, 13)


@pytest.fixture(scope="module")
def places(dev_warehouse, postgres_warehouse, lake_warehouse):
    """The settings of each target."""
    warehouses = {"dev": dev_warehouse, "postgres": postgres_warehouse, "lake": lake_warehouse}
    return {name: warehouse.settings for name, warehouse in warehouses.items()}


@pytest.fixture(scope="module", autouse=True)
def variables(dev_warehouse, postgres_warehouse, lake_warehouse, tmp_path_factory):
    """The environment of each target, with the manifest of the project, which all have in common."""
    target_path = tmp_path_factory.mktemp("target")
    dev_warehouse.project.manifest().writable_manifest().write(str(target_path / "manifest.json"))
    own = {"ONTIME_DATA_DIR": str(dev_warehouse.settings.data_dir)}
    with environment(DBT_TARGET_PATH=str(target_path)):
        yield {
            "dev": own,
            "postgres": dict(postgres_warehouse.project.variables),
            "lake": dict(lake_warehouse.project.variables),
        }


@pytest.fixture(scope="module")
def spine(dev_warehouse):
    with duckdb.connect(str(dev_warehouse.settings.warehouse_database), read_only=True) as connection:
        rows = connection.sql(SPINE).to_arrow_table()
    odd = pa.Table.from_pylist([dict(zip(rows.column_names, row, strict=True)) for row in ODD_ROWS], rows.schema)
    return pa.concat_tables([odd, rows])


@pytest.fixture(scope="module")
def expected(places, variables, spine):
    found = feature_store.retrieve(spine, at=AT, settings=places["dev"])
    assert all(0 < found[name].null_count < len(found) for name in found.column_names if name.endswith("__known_at"))
    return found


@pytest.mark.parametrize("target", ["postgres", "lake"])
def test_rows_get_the_features_of_dev(places, spine, expected, target):
    assert feature_store.retrieve(spine, at=AT, settings=places[target]).equals(expected)


def test_the_published_copy_of_a_server_gives_the_features_of_dev(places, spine, expected):
    publish(places["postgres"], lambda _line: None, force=True)
    assert feature_store.retrieve(spine, at=AT, source="published", settings=places["postgres"]).equals(expected)


@pytest.mark.parametrize("target", ["postgres", "lake"])
def test_the_command_gives_a_file_the_features_of_dev(variables, spine, expected, target, tmp_path):
    rows, out = tmp_path / "rows.parquet", tmp_path / "found.parquet"
    pq.write_table(spine, rows)
    own = variables[target]
    done = run_ontime(own["ONTIME_DATA_DIR"], "features", "get", str(rows), "--at", AT, "-o", str(out), env=own)
    assert (done.returncode, done.stderr) == (0, "")
    assert pq.read_table(out).equals(expected)


@pytest.mark.parametrize("target", ["dev", "postgres", "lake"])
def test_feast_gives_the_features_of_dev(places, variables, spine, expected, target, tmp_path):
    settings = places[target].model_copy(update={"data_dir": tmp_path})
    apply_registry(settings)
    frame = spine.to_pandas()
    frame[AT] = pd.to_datetime(frame[AT], utc=True)
    tables = load_catalogue().tables
    names = {
        f"{table.short_name}:{feature.name}": table.retrieved_name(feature.name)
        for table in tables
        for feature in table.features
    }
    with environment(**variables[target]):
        found = open_store(settings).get_historical_features(frame, [*names], full_feature_names=True).to_arrow()
    for name, retrieved in names.items():
        assert found[name.replace(":", "__")].equals(expected[retrieved]), name


def test_the_online_store_is_filled_with_the_same_rows(places, tmp_path):
    catalogue = load_catalogue()
    filled = {}
    for name, settings in places.items():
        store = SqliteStore(tmp_path / f"{name}.sqlite")
        for instant, is_refilled in ((NOON, True), (ONE, False)):
            done = materialize(settings, catalogue, store, ExcludedAircraft(ROOT), instant)
            assert {each.is_refilled for each in done} == {is_refilled}, name
            assert all(each.rows for each in done)
            filled.setdefault(instant, {})[name] = held(store, catalogue)
    for each in filled.values():
        assert each["dev"] == each["postgres"] == each["lake"]


def held(store, catalogue):
    """What a store holds, but for the versions, which are of each engine's own builds."""
    relations = [RowFormat(table).relation for table in catalogue.tables]
    records = [(relation, key, read_record(record)) for relation in relations for key, record in store.scan(relation)]
    return {(relation, key): (record.known_at, record.values) for relation, key, record in records}
