"""Where tables come from, down to the raw ones, and what is made of them: from dbt's manifest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from ontime.schemas import RAW_SCHEMAS

RAW: Final = "raw"
SEEDS: Final = "seeds"
TRAINING: Final = "training"
# in the order in which rows pass them
LAYERS: Final = (RAW, SEEDS, "staging", "intermediate", "snapshots", "marts", "reports", "features", TRAINING)
KINDS: Final = ("source", "seed", "model", "snapshot")


@dataclass(frozen=True)
class Relation:
    """A table or view.

    Attributes:
        unique_id: dbt's name of it.
        name: As people say it, a raw table with its schema.
        layer: One of `LAYERS`.
        description: What a row is.
    """

    unique_id: str
    name: str
    layer: str
    description: str

    @property
    def anchor(self) -> str:
        """Where dbt's docs tell of it."""
        return f"#!/{self.unique_id.partition('.')[0]}/{self.unique_id}"


class Lineage:
    """What is made of what.

    Args:
        manifest: dbt's manifest.json.
    """

    def __init__(self, manifest: dict[str, Any]) -> None:
        self._parents: dict[str, list[str]] = manifest["parent_map"]
        self._children: dict[str, list[str]] = manifest["child_map"]
        self._nodes: dict[str, dict[str, Any]] = {**manifest["nodes"], **manifest["sources"]}
        self._exposures: dict[str, dict[str, Any]] = manifest["exposures"]

    @cached_property
    def relations(self) -> dict[str, Relation]:
        """All tables and views of the project, by dbt's name of them; what a build notes of itself is none."""
        found = (_read_relation(node) for node in self._nodes.values() if node["resource_type"] in KINDS)
        return {relation.unique_id: relation for relation in found if relation.layer in LAYERS}

    def above(self, unique_id: str) -> dict[str, list[Relation]]:
        """All that a table is made of, itself included: by layer, in the order of the layers and then by name."""
        found = [*self._chosen(_reached(unique_id, self._parents)), self.relations[unique_id]]
        return {
            layer: sorted((each for each in found if each.layer == layer), key=lambda each: each.name)
            for layer in LAYERS
            if any(each.layer == layer for each in found)
        }

    def below(self, unique_id: str) -> list[Relation]:
        """All that is made of a table, by name."""
        return sorted(self._chosen(_reached(unique_id, self._children)), key=lambda each: each.name)

    def exposures(self, unique_id: str) -> list[str]:
        """What outside dbt reads a table, or what is made of it: the labels of dbt's exposures."""
        reached = _reached(unique_id, self._children)
        return sorted(node["label"] or node["name"] for key, node in self._exposures.items() if key in reached)

    def _chosen(self, unique_ids: Iterable[str]) -> list[Relation]:
        return [self.relations[unique_id] for unique_id in unique_ids if unique_id in self.relations]


def _read_relation(node: dict[str, Any]) -> Relation:
    match node["resource_type"]:
        case "source":
            layer = RAW if node["schema"] in RAW_SCHEMAS else node["schema"]
            name = f"{node['schema']}.{node['name']}"
        case "seed":
            layer, name = SEEDS, node["name"]
        case "snapshot":
            layer, name = "snapshots", node["name"]
        case _:
            layer, name = node["fqn"][1], node["name"]
    return Relation(node["unique_id"], name, layer, node["description"])


def _reached(start: str, steps: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    left = [start]
    while left:
        new = set(steps.get(left.pop(), ())) - found
        found |= new
        left.extend(new)
    return found - {start}
