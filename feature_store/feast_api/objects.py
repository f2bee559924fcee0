"""Feast's objects, compiled from the catalogue."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from feast import Entity, FeatureService, FeatureView, Field, ValueType
from feast.types import Bool, FeastType, Float64, Int64, String, UnixTimestamp

from feature_store.feast_api.source import WarehouseSource
from feature_store.registry.feature_tables import KNOWN_AT
from ontime.errors import OntimeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feast.feast_object import FeastObject

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
# the questions that features answer, each with a service
QUESTIONS: Final = ("departure_delay",)


def compile_objects(catalogue: Catalogue) -> list[FeastObject]:
    """All entities, views and services, as `FeatureStore.apply` takes them.

    Raises:
        OntimeError: Feast has no type for a feature.
    """
    keys = {key.name for table in catalogue.tables for key in table.keys}
    entities = {name: Entity(name=name, join_keys=[name], value_type=ValueType.STRING) for name in sorted(keys)}
    views = [_compile_view(table, [entities[name] for name in table.key_names]) for table in catalogue.tables]
    return [*entities.values(), *views, *(_compile_service(name, catalogue, views) for name in QUESTIONS)]


def service_name(question: str, tables: Sequence[FeatureTable]) -> str:
    """The service of a question, with the version of what it is made of, as `departure_delay_1a2b3c4d`."""
    versions = " ".join(f"{table.name} {table.version}" for table in tables)
    return f"{question}_{hashlib.sha256(versions.encode()).hexdigest()[:8]}"


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


def _compile_service(question: str, catalogue: Catalogue, views: list[FeatureView]) -> FeatureService:
    return FeatureService(
        name=service_name(question, catalogue.tables),
        features=list(views),
        owner=catalogue.tables[0].owner,
        description=f"The features of the question {question}.",
        tags={"question": question},
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
