"""Which features there are, as the views in the stream's file tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import duckdb

SUM: Final = re.compile(r"pair_\d+_\d+[hd]")
WINDOW: Final = re.compile(r"_(\d+)([hd])$")
UNITS: Final = {"h": "hours", "d": "days"}
FLIGHT_FACTS: Final = "fct_flight_events"
WEATHER_FACTS: Final = "int_weather_report_versions"


@dataclass(frozen=True)
class FeatureTable:
    """A model of features.

    Attributes:
        name: The model, such as `feat_origin_departures`.
        entity: The columns that name its entity.
        facts: The relation that it counts.
        columns: All columns of the view with their types, in order.
    """

    name: str
    entity: tuple[str, ...]
    facts: str
    columns: dict[str, str]

    @property
    def keys(self) -> str:
        """The columns of the entity, as SQL lists them."""
        return ", ".join(self.entity)

    @cached_property
    def sums(self) -> tuple[str, ...]:
        """The columns that are carried over; none where a view needs only the facts."""
        return tuple(name for name in self.columns if SUM.fullmatch(name))

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The columns that readers get, as the model has them elsewhere."""
        return tuple(name for name in self.columns if name not in self.sums)

    @property
    def view(self) -> str:
        """The view, in SQL."""
        return f"features.{self.name}"

    @property
    def stored(self) -> str:
        """The table of its newest rows, in SQL."""
        return f"live.{self.name}"

    @property
    def replaced(self) -> str:
        """The table of the entities whose rows a batch replaced, in SQL."""
        return f"live.replaced_{self.name}"

    @property
    def carried(self) -> str:
        """The temporary table of the sums that a batch begins with, in SQL."""
        return f"carried_{self.name}"


def read_feature_tables(connection: duckdb.DuckDBPyConnection) -> list[FeatureTable]:
    """The models of features in the stream's file, those that carry sums first.

    Args:
        connection: Of the file, with the table `live.feature_tables`.
    """
    found = connection.execute("select name, entity, facts from live.feature_tables order by name").fetchall()
    tables = [
        FeatureTable(name, tuple(entity), facts, read_columns(connection, "features", name))
        for name, entity, facts in found
    ]
    return sorted(tables, key=lambda table: not table.sums)


def read_columns(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> dict[str, str]:
    """The columns of a table or view with their types; what a view reads need not be there."""
    rows = connection.execute(
        "select column_name, data_type from duckdb_columns()"
        " where database_name = current_database() and schema_name = ? and table_name = ? order by column_index",
        [schema, name],
    ).fetchall()
    return dict(rows)


def windows(tables: list[FeatureTable]) -> list[timedelta]:
    """The lengths of all windows in which flights are counted, as the names of the columns tell them."""
    found = {
        timedelta(**{UNITS[match[2]]: int(match[1])})
        for table in tables
        if table.facts == FLIGHT_FACTS
        for column in table.columns
        if column not in table.sums and (match := WINDOW.search(column))
    }
    return sorted(found)
