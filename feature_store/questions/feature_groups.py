"""The groups of features that a question can ask for: the tables of features, as their property files describe them.

Not as the catalogue has them: that one asks dbt, which cannot parse a project before its questions are compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from ontime.errors import OntimeError

FOLDER: Final = Path("models", "features")
# what an example has of its flight to look features up by
SPINE_KEYS: Final = frozenset(
    {"carrier_code", "flight_number", "tail_number", "origin_airport_code", "destination_airport_code"}
)


@dataclass(frozen=True)
class FeatureColumn:
    """A feature.

    Attributes:
        name: Of the column in its table.
        data_type: As contracts write it.
        age_name: The column with the minutes since then, where it is an instant.
    """

    name: str
    data_type: str
    age_name: str | None = None


@dataclass(frozen=True)
class FeatureGroup:
    """A table of features under the name of its entity.

    Attributes:
        name: The entity.
        model: The table.
        keys: Columns that name the entity, in the table and in the examples.
        columns: Its features.
    """

    name: str
    model: str
    keys: tuple[str, ...]
    columns: tuple[FeatureColumn, ...]


def read_feature_groups(project: Path) -> dict[str, FeatureGroup]:
    """The groups that examples can take, by name.

    Args:
        project: Where the dbt project is.

    Raises:
        OntimeError: A property file cannot be read, or says too little.
    """
    groups = {}
    for path in sorted((project / FOLDER).glob("_*.yml")):
        for model in read_models(path):
            group = _group(model, path)
            if SPINE_KEYS.issuperset(group.keys):
                groups[group.name] = group
    return groups


def read_models(path: Path) -> list[dict[str, Any]]:
    """The models that a property file describes.

    Raises:
        OntimeError: It cannot be read.
    """
    try:
        found: list[dict[str, Any]] = yaml.safe_load(path.read_text()).get("models", [])
    except (OSError, yaml.YAMLError, AttributeError) as error:
        raise OntimeError(f"it cannot be read ({' '.join(str(error).split())})", where=path, remedy="mend it") from None
    return found


def _group(model: dict[str, Any], path: Path) -> FeatureGroup:
    try:
        meta = model["config"]["meta"]
        columns = tuple(
            FeatureColumn(column["name"], column["data_type"], column["config"]["meta"].get("age_name"))
            for column in model["columns"]
            if "feature_store" in column.get("config", {}).get("meta", {})
        )
        return FeatureGroup(meta["entity_name"], model["name"], tuple(meta["feature_store"]["entity"]), columns)
    except (KeyError, TypeError) as error:
        raise OntimeError(
            f"a model of features does not say its {error}",
            where=path,
            remedy="describe it as docs/how-to-add-a-feature.md does",
        ) from None
