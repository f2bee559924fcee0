"""The tables that every engine must hold alike, and their keys, as dbt's manifest declares them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ontime.artifacts import read_nodes
from ontime.errors import OntimeError

# dbt's hash of, among others, the text of the instant of a load, which each engine loads at its own, and the numbers
# that each gives its files
LEFT_OUT: Final = frozenset({"dbt_scd_id", "load_number", "superseded_load_number"})

HISTORIES: Final = "snapshots"


@dataclass(frozen=True)
class KeyedTable:
    """A table that is compared.

    Attributes:
        schema: Its schema, the same on every engine.
        table: Its name.
        key: The columns whose values together no two of its rows share.
    """

    schema: str
    table: str
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        """As `marts.fct_flights`."""
        return f"{self.schema}.{self.table}"


def contract_bound_tables(target: Path) -> list[KeyedTable]:
    """The models with an enforced contract, and the histories: snapshots, or the models in their place; by name.

    A table's key is what its tests prove to be unique: the columns of a `unique` or `unique_combination` test without
    a condition. Of several the one with the fewest columns is taken, and none with a column of `LEFT_OUT`.

    Args:
        target: dbt's target folder, where any command has left a manifest, on any target.

    Raises:
        OntimeError: If there is no manifest, it cannot be read, or a table has no such test.
    """
    nodes = read_nodes(target)
    keys: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for node in nodes.values():
        columns = _proved_unique(node)
        if columns and not LEFT_OUT.intersection(columns):
            keys[node["attached_node"]].append(columns)
    bound = {unique_id: node for unique_id, node in nodes.items() if _is_bound(node)}
    keyless = sorted(node["name"] for unique_id, node in bound.items() if unique_id not in keys)
    if keyless:
        raise OntimeError(
            f"no test proves a key of {', '.join(keyless)}",
            where=target / "manifest.json",
            remedy="add a unique_combination test",
        )
    found = [
        KeyedTable(node["schema"], node["alias"], min(keys[unique_id], key=lambda columns: (len(columns), columns)))
        for unique_id, node in bound.items()
    ]
    return sorted(found, key=lambda table: table.name)


def _is_bound(node: dict[str, Any]) -> bool:
    is_built = node["resource_type"] in {"model", "snapshot"}
    return is_built and (node["schema"] == HISTORIES or bool(node["contract"]["enforced"]))


def _proved_unique(node: dict[str, Any]) -> tuple[str, ...]:
    """The columns that a test proves to be unique together; none of other nodes."""
    test = node.get("test_metadata") or {}
    if not node.get("attached_node") or node["config"].get("where"):
        return ()
    if test.get("name") == "unique":
        return (test["kwargs"]["column_name"],)
    if test.get("name") == "unique_combination":
        return tuple(test["kwargs"]["columns"])
    return ()
