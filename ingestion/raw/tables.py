"""The shape of the raw tables: what a source promises to deliver, typed and in order."""

from dataclasses import dataclass
from typing import Literal

DataType = Literal["text", "bigint", "double", "date", "timestamp", "bool"]

DUCKDB_TYPES: dict[DataType, str] = {
    "text": "varchar",
    "bigint": "bigint",
    "double": "double",
    "date": "date",
    "timestamp": "timestamp",
    "bool": "boolean",
}


@dataclass(frozen=True)
class RawColumn:
    """A column of a raw table.

    Attributes:
        name: The column's name in the warehouse (snake_case).
        data_type: dlt's name of its type. Timestamps carry no time zone; the column says whose clock they show.
        source_name: The field's name in the source, where it differs.
    """

    name: str
    data_type: DataType
    source_name: str | None = None

    @property
    def duckdb_type(self) -> str:
        """DuckDB's name of the type."""
        return DUCKDB_TYPES[self.data_type]


@dataclass(frozen=True)
class RawTable:
    """A raw table: a name and typed columns, without the lineage columns that every raw table ends with."""

    name: str
    columns: tuple[RawColumn, ...]


LINEAGE_COLUMNS = (RawColumn("_source_file", "text"), RawColumn("_source_line", "bigint"))


def columns(**types: DataType) -> tuple[RawColumn, ...]:
    """Columns whose names are those of the source: `columns(carrier="text", flight="bigint")`."""
    return tuple(RawColumn(name, data_type) for name, data_type in types.items())
