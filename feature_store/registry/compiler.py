"""Tables of features from dbt's manifest; a model that says too little of itself is refused, and named."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from feature_store.registry.feature_tables import KNOWN_AT, SEPARATOR, Feature, FeatureTable, Key
from ontime.errors import OntimeError

FOLDER: Final = "features"
KEY_TEST: Final = "unique_combination"
INSTANT: Final = "instant"
INSTANT_TYPE: Final = "timestamp"
# spines, the online store and Feast look keys up as texts
KEY_TYPE: Final = "varchar"
# how a model says that a feature looks at no window
NO_WINDOW: Final = "none"
TYPES: Final = re.compile(
    r"varchar|boolean|smallint|integer|bigint|double|date|timestamp|decimal\([0-9]{1,2},[0-9]{1,2}\)"
)
REMEDY: Final = "mend its property file in models/features"

Node = dict[str, Any]


def compile_tables(manifest: dict[str, Any]) -> tuple[FeatureTable, ...]:
    """The tables of features that a manifest defines, by name.

    Args:
        manifest: dbt's manifest.json.

    Raises:
        OntimeError: A model or a column lacks what is needed of it, has an unknown type, or a name is used twice.
    """
    models = [
        node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["fqn"][1:2] == [FOLDER]
    ]
    tested = _tested_keys(manifest)
    tables = tuple(
        _compile_table(node, tested.get(node["unique_id"], []), manifest["macros"])
        for node in sorted(models, key=lambda node: str(node["name"]))
    )
    _verify_names(tables)
    return tables


def _compile_table(node: Node, tested: list[set[str]], macros: dict[str, Node]) -> FeatureTable:
    model = node["name"]
    meta = node["config"]["meta"]
    store = meta.get("feature_store", {})
    if not node["config"]["contract"]["enforced"]:
        raise _refusal(model, "has no enforced contract")
    key_names = store.get("entity") or []
    if not key_names or "entity_name" not in meta:
        raise _refusal(model, "names no entity")
    if {*key_names, KNOWN_AT} not in tested:
        raise _refusal(model, f"has no {KEY_TEST} test of its entity and {KNOWN_AT}")
    if not store.get("owner"):
        raise _refusal(model, "has no owner")
    columns = {name: _typed(model, column) for name, column in node["columns"].items()}
    for name, data_type in (*((name, KEY_TYPE) for name in key_names), (KNOWN_AT, INSTANT_TYPE)):
        if name not in columns:
            raise _refusal(model, "is not in the contract", name)
        if columns[name]["data_type"] != data_type:
            what = "the instant" if name == KNOWN_AT else "a key"
            raise _refusal(model, f"is {columns[name]['data_type']}, and {what} is {data_type}", name)
    left_out = {*key_names, KNOWN_AT, *store.get("exclude_columns", ())}
    minutes = meta.get("maximum_age_minutes")
    if minutes is not None and (type(minutes) is not int or minutes <= 0):
        raise _refusal(model, f"has a maximum_age_minutes of {minutes!r}, which is no number of minutes")
    return FeatureTable(
        name=model,
        schema=node["schema"],
        entity_name=meta["entity_name"],
        keys=tuple(Key(name, columns[name]["data_type"]) for name in key_names),
        features=tuple(_compile_feature(model, column) for name, column in columns.items() if name not in left_out),
        maximum_age=None if minutes is None else timedelta(minutes=minutes),
        owner=store["owner"],
        description=node["description"],
        tags=tuple(node["tags"]),
        version=_hash_definition(node, macros),
    )


def _typed(model: str, column: Node) -> Node:
    data_type = column["data_type"]
    if not data_type:
        raise _refusal(model, "has no type", column["name"])
    if not TYPES.fullmatch(data_type):
        raise _refusal(model, f"is of the unknown type {data_type}", column["name"])
    return column


def _compile_feature(model: str, column: Node) -> Feature:
    meta = column["config"]["meta"]
    name, unit, window, age_name = column["name"], meta.get("unit"), meta.get("window"), meta.get("age_name")
    if not unit:
        raise _refusal(model, "has no unit", name)
    is_instant = unit == INSTANT
    if is_instant != (column["data_type"] == INSTANT_TYPE) or is_instant != bool(age_name):
        raise _refusal(model, f"is an instant without all of: type {INSTANT_TYPE}, unit {INSTANT}, age_name", name)
    return Feature(
        name=name,
        data_type=column["data_type"],
        description=column["description"],
        unit=unit,
        window=None if window in {None, NO_WINDOW} else window,
        nullable=not any(each["type"] == "not_null" for each in column["constraints"]),
        age_name=age_name,
    )


def _verify_names(tables: Iterable[FeatureTable]) -> None:
    """Refuse an entity's name, or a retrieved column's, that is used twice."""
    entities: dict[str, str] = {}
    for table in tables:
        if (other := entities.setdefault(table.entity_name, table.name)) != table.name:
            raise _refusal(table.name, f"uses the entity name {table.entity_name} of {other}")
        if SEPARATOR in table.entity_name:
            raise _refusal(table.name, f"has {SEPARATOR} in its entity name, which ends the entity in names of columns")
        ages = [feature.age_name for feature in table.instants if feature.age_name]
        names = Counter([*table.key_names, KNOWN_AT, *(feature.name for feature in table.features), *ages])
        if twice := [name for name, times in names.items() if times > 1]:
            raise _refusal(table.name, "is a name used twice", twice[0])


def _tested_keys(manifest: dict[str, Any]) -> dict[str, list[set[str]]]:
    """The combinations of columns that are tested to be unique, by model."""
    found: dict[str, list[set[str]]] = {}
    for node in manifest["nodes"].values():
        metadata = node.get("test_metadata") or {}
        if node["resource_type"] == "test" and metadata.get("name") == KEY_TEST:
            found.setdefault(node["attached_node"], []).append(set(metadata["kwargs"]["columns"]))
    return found


def _hash_definition(node: Node, macros: dict[str, Node]) -> str:
    """A hash of a model's SQL with the project's macros in it, of its contract and of its maximum age."""
    columns = [[name, column["data_type"], column["constraints"]] for name, column in node["columns"].items()]
    texts = [macros[name]["macro_sql"] for name in sorted(set(_used_macros(node, macros, node["package_name"])))]
    parts = [node["raw_code"], texts, columns, node["config"]["meta"].get("maximum_age_minutes")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _used_macros(node: Node, macros: dict[str, Node], package: str) -> Iterator[str]:
    for name in node["depends_on"]["macros"]:
        if name in macros and macros[name]["package_name"] == package:
            yield name
            yield from _used_macros(macros[name], macros, package)


def _refusal(model: str, found: str, column: str | None = None) -> OntimeError:
    return OntimeError(found, where=model if column is None else f"{model}.{column}", remedy=REMEDY)
