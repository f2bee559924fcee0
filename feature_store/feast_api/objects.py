"""Feast's objects, compiled from the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from feast import Entity, FeatureService, FeatureView, Field, ValueType
from feast.types import Bool, FeastType, Float64, Int64, String, UnixTimestamp

from feature_store.feast_api.source import WarehouseSource
from feature_store.questions.services import service_name
from feature_store.registry.feature_tables import KNOWN_AT
from ontime.errors import OntimeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feast.feast_object import FeastObject

    from feature_store.questions import Question
    from feature_store.registry.catalogue import Catalogue, FeatureTable

# decimals are of few digits, which a double holds exactly as text
TYPES: Final[dict[str, FeastType]] = {
    "varchar": String,
    "boolean": Bool,
    "smallint": Int64,
    "integer": Int64,
    "bigint": Int64,
    "double": Float64,
    "decimal": Float64,
    "timestamp": UnixTimestamp,
}


def compile_objects(catalogue: Catalogue, questions: Iterable[Question]) -> list[FeastObject]:
    """All entities, views and services, as `FeatureStore.apply` takes them.

    Raises:
        OntimeError: Feast has no type for a feature.
    """
    keys = {key.name for table in catalogue.tables for key in table.keys}
    entities = {name: Entity(name=name, join_keys=[name], value_type=ValueType.STRING) for name in sorted(keys)}
    views = [_compile_view(table, [entities[name] for name in table.key_names]) for table in catalogue.tables]
    return [*entities.values(), *views, *(_compile_service(each, catalogue, views) for each in questions)]


def _compile_view(table: FeatureTable, entities: list[Entity]) -> FeatureView:
    source = WarehouseSource(
        name=f"{table.schema}.{table.name}", timestamp_field=KNOWN_AT, description=table.description, owner=table.owner
    )
    keys = [Field(name=name, dtype=String) for name in table.key_names]
    features = [
        Field(
            name=feature.name,
            dtype=feast_type(table, feature.data_type),
            description=feature.description,
            tags={"unit": feature.unit, "window": feature.window or "none"},
        )
        for feature in table.features
    ]
    return FeatureView(
        name=table.short_name,
        entities=entities,
        ttl=table.maximum_age,
        schema=[*keys, *features],
        source=source,
        owner=table.owner,
        description=table.description,
        tags={"version": table.version, "model": table.name, **dict.fromkeys(table.tags, "true")},
    )


def _compile_service(question: Question, catalogue: Catalogue, views: list[FeatureView]) -> FeatureService:
    tables = [catalogue.table(model) for model in question.tables.values()]
    named = {view.name: view for view in views}
    return FeatureService(
        name=service_name(question, tables),
        features=[
            named[table.short_name][list(columns)]
            for table, columns in zip(tables, question.features.values(), strict=True)
        ],
        owner=tables[0].owner,
        description=question.text,
        tags={"question": question.name, "version": question.version},
    )


def feast_type(table: FeatureTable, data_type: str) -> FeastType:
    """Feast's type for an SQL type.

    Raises:
        OntimeError: There is none.
    """
    found = TYPES.get(data_type.partition("(")[0])
    if found is None:
        raise OntimeError(f"Feast has no type for {data_type}", where=table.name, remedy="give the feature another")
    return found
