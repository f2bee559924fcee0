"""How fresh tables of features are, and how much of them is null: from what was built."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from feature_store.registry.feature_tables import KNOWN_AT
from ontime.errors import NotYetError
from ontime.sql import quoted

if TYPE_CHECKING:
    import duckdb

    from feature_store.registry.catalogue import FeatureTable


@dataclass(frozen=True)
class TableState:
    """A table as it is.

    Attributes:
        rows: How many.
        newest: UTC instant from which its newest row holds; none where it has no row.
        null_shares: Of each feature, from 0 to 1; empty where the table has no row.
    """

    rows: int
    newest: datetime | None
    null_shares: dict[str, float]


def read_state(connection: duckdb.DuckDBPyConnection, table: FeatureTable) -> TableState:
    """Read how a table is.

    Raises:
        NotYetError: It was not built, or not as the model is now.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    counts = ", ".join(f"count({quoted(feature.name)})" for feature in table.features)
    try:
        found = connection.execute(f"select count(*), max({KNOWN_AT}), {counts} from {table.relation}").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        raise NotYetError(f"{table.schema}.{table.name} was not built", remedy="build it with dbt build") from None
    ((rows, newest, *filled),) = found
    names = (feature.name for feature in table.features)
    return TableState(
        rows, newest, {name: 1 - each / rows for name, each in zip(names, filled, strict=True)} if rows else {}
    )
