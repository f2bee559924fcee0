"""All tables of features, to be looked up by what users write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from feature_store.registry.compiler import compile_tables
from feature_store.registry.feature_tables import PREFIX, Feature, FeatureTable, Key, SelectedTable
from feature_store.registry.manifest import read_manifest
from ontime.errors import OntimeError
from ontime.near_names import choose_from

__all__ = ["Catalogue", "Feature", "FeatureTable", "Key", "SelectedTable", "load_catalogue"]


@dataclass(frozen=True)
class Catalogue:
    """All tables of features.

    Attributes:
        tables: In the order of their names.
    """

    tables: tuple[FeatureTable, ...]

    @cached_property
    def _by_name(self) -> dict[str, FeatureTable]:
        return {table.short_name: table for table in self.tables}

    def table(self, name: str) -> FeatureTable:
        """The table of a name, with or without `feat_`.

        Raises:
            OntimeError: There is none; the remedy has near names.
        """
        found = self._by_name.get(name.removeprefix(PREFIX))
        if found is None:
            raise OntimeError(f"there is no table of features {name!r}", remedy=choose_from(name, self._by_name))
        return found

    def version(self, name: str) -> str:
        """The version of a table's definition: a hash.

        Raises:
            OntimeError: There is no such table.
        """
        return self.table(name).version

    def parse_selection(self, selection: str | Sequence[str] | None) -> tuple[SelectedTable, ...]:
        """Read which features are asked for.

        Args:
            selection: Tables and features as `origin_departures:departures_3h,carrier_departures`, or a sequence of
                such texts; a table without a feature stands for all of its features, none for all tables.

        Returns:
            Each table once, in the order in which they were named.

        Raises:
            OntimeError: There is no such table or feature, or none is named; the remedy has near names.
        """
        if selection is None:
            return tuple(SelectedTable(table, table.features) for table in self.tables)
        texts = [selection] if isinstance(selection, str) else selection
        wanted: dict[FeatureTable, set[str]] = {}
        for item in (part.strip() for text in texts for part in text.split(",")):
            if item:
                name, _, feature = item.partition(":")
                table = self.table(name.strip())
                wanted.setdefault(table, set()).update(_named(table, feature.strip(), is_all=":" not in item))
        if not wanted:
            raise OntimeError("no feature is named", remedy=f"name tables of {', '.join(self._by_name)}")
        return tuple(
            SelectedTable(table, tuple(feature for feature in table.features if feature.name in names))
            for table, names in wanted.items()
        )


def load_catalogue() -> Catalogue:
    """Compile the catalogue from dbt's manifest, which is written first where it is older than the project.

    Raises:
        OntimeError: There is no project, dbt cannot parse it, or a model of features says too little of itself.
    """
    return Catalogue(compile_tables(read_manifest()))


def _named(table: FeatureTable, feature: str, *, is_all: bool) -> tuple[str, ...]:
    names = tuple(each.name for each in table.features)
    if is_all:
        return names
    if feature not in names:
        raise OntimeError(f"{table.short_name} has no feature {feature!r}", remedy=choose_from(feature, names))
    return (feature,)
