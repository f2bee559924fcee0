import copy
from datetime import timedelta

import pytest

from feature_store.registry.catalogue import Catalogue
from feature_store.registry.compiler import compile_tables
from ontime.errors import OntimeError


def column(name, data_type="integer", **meta):
    return {"name": name, "data_type": data_type, "description": name, "constraints": [], "config": {"meta": meta}}


def model(name, entity, keys, *columns):
    store = {"entity": keys, "owner": "owner@example.org", "exclude_columns": ["known_month"]}
    all_columns = [*(column(key, "varchar") for key in keys), *columns, column("known_at", "timestamp")]
    return {
        "unique_id": f"model.ontime.{name}",
        "resource_type": "model",
        "name": name,
        "package_name": "ontime",
        "fqn": ["ontime", "features", name],
        "schema": "features",
        "description": "One row per entity.",
        "tags": [],
        "raw_code": "select 1",
        "depends_on": {"macros": []},
        "config": {
            "contract": {"enforced": True},
            "meta": {"entity_name": entity, "maximum_age_minutes": 60, "feature_store": store},
        },
        "columns": {each["name"]: each for each in all_columns},
    }


def key_test(name, columns):
    return {
        "resource_type": "test",
        "attached_node": f"model.ontime.{name}",
        "test_metadata": {"name": "unique_combination", "kwargs": {"columns": columns}},
    }


@pytest.fixture
def manifest():
    origin = model(
        "feat_origins",
        "origin",
        ["airport_code"],
        column("departures_1h", unit="flights", window="1h"),
        column("seen_at", "timestamp", unit="instant", age_name="seen_age_minutes"),
    )
    carrier = model("feat_carriers", "carrier", ["carrier_code"], column("departures_1h", unit="flights", window="1h"))
    nodes = {
        "origins": origin,
        "carriers": carrier,
        "test_origins": key_test("feat_origins", ["airport_code", "known_at"]),
        "test_carriers": key_test("feat_carriers", ["carrier_code", "known_at"]),
    }
    return copy.deepcopy({"nodes": nodes, "macros": {}})


def test_compiles_what_a_model_says(manifest):
    carriers, origins = compile_tables(manifest)
    assert (carriers.short_name, origins.key_names) == ("carriers", ("airport_code",))
    assert origins.maximum_age == timedelta(hours=1)
    assert [feature.name for feature in origins.features] == ["departures_1h", "seen_at"]
    assert [feature.name for feature in origins.instants] == ["seen_at"]


def drop_contract(origins):
    origins["config"]["contract"]["enforced"] = False


def drop_owner(origins):
    del origins["config"]["meta"]["feature_store"]["owner"]


def drop_entity(origins):
    origins["config"]["meta"]["feature_store"]["entity"] = []


def drop_unit(origins):
    del origins["columns"]["departures_1h"]["config"]["meta"]["unit"]


def drop_type(origins):
    origins["columns"]["departures_1h"]["data_type"] = None


def drop_key(origins):
    del origins["columns"]["airport_code"]


def take_number_as_key(origins):
    origins["columns"]["airport_code"]["data_type"] = "integer"


def take_date_as_instant(origins):
    origins["columns"]["known_at"]["data_type"] = "date"


def take_text_as_maximum_age(origins):
    origins["config"]["meta"]["maximum_age_minutes"] = "1h"


def take_unknown_type(origins):
    origins["columns"]["departures_1h"]["data_type"] = "hugeint"


def take_name_of_another_entity(origins):
    origins["config"]["meta"]["entity_name"] = "carrier"


def take_name_of_column_as_entity(origins):
    origins["config"]["meta"]["entity_name"] = "carrier__origin"


def take_name_twice(origins):
    origins["columns"]["seen_at"]["config"]["meta"]["age_name"] = "departures_1h"


def drop_age_name(origins):
    del origins["columns"]["seen_at"]["config"]["meta"]["age_name"]


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (drop_contract, "feat_origins: has no enforced contract"),
        (drop_owner, "feat_origins: has no owner"),
        (drop_entity, "feat_origins: names no entity"),
        (drop_unit, "feat_origins.departures_1h: has no unit"),
        (drop_type, "feat_origins.departures_1h: has no type"),
        (drop_key, "feat_origins.airport_code: is not in the contract"),
        (take_number_as_key, "feat_origins.airport_code: is integer, and a key is varchar"),
        (take_date_as_instant, "feat_origins.known_at: is date, and the instant is timestamp"),
        (take_text_as_maximum_age, "feat_origins: has a maximum_age_minutes of '1h'"),
        (take_unknown_type, "feat_origins.departures_1h: is of the unknown type hugeint"),
        (take_name_of_another_entity, "feat_origins: uses the entity name carrier"),
        (take_name_of_column_as_entity, "feat_origins: has __ in its entity name"),
        (take_name_twice, "feat_origins.departures_1h: is a name used twice"),
        (drop_age_name, "feat_origins.seen_at: is an instant without"),
    ],
)
def test_refuses_by_name(manifest, fault, named):
    fault(manifest["nodes"]["origins"])
    with pytest.raises(OntimeError, match=named):
        compile_tables(manifest)


def test_refuses_an_entity_without_a_test_of_its_key(manifest):
    manifest["nodes"]["test_origins"]["test_metadata"]["kwargs"]["columns"] = ["airport_code"]
    with pytest.raises(OntimeError, match="feat_origins: has no unique_combination test"):
        compile_tables(manifest)


def test_a_version_changes_with_the_sql(manifest):
    before = compile_tables(manifest)[1].version
    manifest["nodes"]["origins"]["raw_code"] = "select 2"
    assert compile_tables(manifest)[1].version != before


def test_reads_a_selection(manifest):
    catalogue = Catalogue(compile_tables(manifest))
    selected = catalogue.parse_selection("feat_origins:seen_at, carriers,origins:departures_1h")
    assert [(each.table.short_name, [feature.name for feature in each.features]) for each in selected] == [
        ("origins", ["departures_1h", "seen_at"]),
        ("carriers", ["departures_1h"]),
    ]


@pytest.mark.parametrize(
    ("selection", "near"),
    [("origin", "perhaps origins"), ("origins:departure_1h", "perhaps departures_1h"), (",", "no feature is named")],
)
def test_refuses_what_is_not_there(manifest, selection, near):
    with pytest.raises(OntimeError, match=near):
        Catalogue(compile_tables(manifest)).parse_selection(selection)
