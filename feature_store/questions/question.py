"""What a question is, and the version of its definition."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from feature_store.questions.feature_groups import FeatureGroup
from feature_store.questions.labels import Label
from feature_store.questions.population import Population
from feature_store.registry.feature_tables import SEPARATOR


@dataclass(frozen=True)
class Question:
    """A question with all that it names looked up.

    Attributes:
        name: That of its file.
        text: What is asked, in words.
        label: What is to be predicted.
        horizons_minutes: Minutes before the scheduled departure at which predictions are made, the longest first;
            0 stands for the departure itself, whenever it is.
        population: Which flights are asked about.
        groups: The groups of features, each with the columns that the question takes of it, in their order.
    """

    name: str
    text: str
    label: Label
    horizons_minutes: tuple[int, ...]
    population: Population
    groups: tuple[FeatureGroup, ...]

    @property
    def model(self) -> str:
        """The dbt model of its examples."""
        return f"trn_{self.name}"

    @property
    def features(self) -> dict[str, tuple[str, ...]]:
        """The columns of tables of features that it takes, by group."""
        return {group.name: tuple(column.name for column in group.columns) for group in self.groups}

    @property
    def tables(self) -> dict[str, str]:
        """The table of features of each group."""
        return {group.name: group.model for group in self.groups}

    @cached_property
    def definition(self) -> dict[str, Any]:
        """What its examples are made by, as dbt takes it."""
        return {
            "name": self.name,
            "label": {
                "model": self.label.model,
                "settled_at": self.label.settled_at,
                "columns": {column.name: column.source for column in self.label.columns},
            },
            "horizons_minutes": list(self.horizons_minutes),
            "population": self.population.conditions,
            "groups": {
                group.name: {
                    "features": group.model,
                    "keys": list(group.keys),
                    "columns": [column.name for column in group.columns],
                }
                for group in self.groups
            },
        }

    @property
    def version(self) -> str:
        """SHA-256 of its definition."""
        return hashlib.sha256(json.dumps(self.definition, sort_keys=True).encode()).hexdigest()


def column_of(group: str, feature: str) -> str:
    """The column of examples that a feature of a group is."""
    return f"{group}{SEPARATOR}{feature}"


def group_of(column: str) -> str | None:
    """The group of features that a column of examples belongs to, None for those of the schedule and the label."""
    group, separator, _ = column.partition(SEPARATOR)
    return group if separator else None
