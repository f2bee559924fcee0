"""What a table of features is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ontime.sql import quoted

PREFIX: Final = "feat_"
# the instant from which a row of features holds, in every table of them
KNOWN_AT: Final = "known_at"
# between the entity and the feature in a column's name
SEPARATOR: Final = "__"


@dataclass(frozen=True)
class Key:
    """A column that names the entity.

    Attributes:
        name: The column.
        data_type: Its SQL type, as the contract has it.
    """

    name: str
    data_type: str


@dataclass(frozen=True)
class Feature:
    """A column that tells something of the entity.

    Attributes:
        name: The column.
        data_type: Its SQL type, as the contract has it.
        description: What it tells.
        unit: Of its values, as `minutes`; `instant` for those whose age is what models use.
        window: How far back it looks, as `3h`; none where it looks at no window.
        nullable: Whether it can be null where a row holds.
        age_name: What the minutes from an instant to the retrieval are called; none for what is no instant.
    """

    name: str
    data_type: str
    description: str
    unit: str
    window: str | None
    nullable: bool
    age_name: str | None = None


@dataclass(frozen=True)
class FeatureTable:
    """A model of features: one row per entity and instant at which one of them changes.

    Attributes:
        name: The model, as `feat_origin_departures`.
        schema: Where it stands.
        entity_name: What its columns are called after once they are retrieved, as `origin`.
        keys: The columns of the entity.
        features: All others that readers get, in their order; `known_at` is none.
        maximum_age: From this age on a row says nothing any more; none for no age.
        owner: Whom to ask.
        description: What a row is.
        tags: Of the model.
        version: Changes with what the model computes or promises.
    """

    name: str
    schema: str
    entity_name: str
    keys: tuple[Key, ...]
    features: tuple[Feature, ...]
    maximum_age: timedelta | None
    owner: str
    description: str
    tags: tuple[str, ...]
    version: str

    @property
    def short_name(self) -> str:
        """The name that users write, as `origin_departures`."""
        return self.name.removeprefix(PREFIX)

    @property
    def relation(self) -> str:
        """The table in SQL that runs in its database."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names of the keys."""
        return tuple(key.name for key in self.keys)

    @property
    def instants(self) -> tuple[Feature, ...]:
        """The features that are instants: at retrieval they get an age beside them."""
        return tuple(feature for feature in self.features if feature.age_name is not None)

    @property
    def known_at_column(self) -> str:
        """The column of the retrieved rows that tells from when on their features hold."""
        return self.retrieved_name(KNOWN_AT)

    def retrieved_name(self, column: str) -> str:
        """What a column is called once it is retrieved, as `origin__departures_3h`."""
        return f"{self.entity_name}{SEPARATOR}{column}"


@dataclass(frozen=True)
class SelectedTable:
    """A table of features, and those of its features that were asked for, in the table's order."""

    table: FeatureTable
    features: tuple[Feature, ...]
