"""The rows that features are retrieved for, whichever library holds them: taken apart, and given back with features."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pyarrow as pa

from ontime.errors import OntimeError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    Spine = TypeVar("Spine", pd.DataFrame, pa.Table, duckdb.DuckDBPyRelation)


class Rows(Protocol):
    """Rows of a library.

    Attributes:
        names: Their columns.
    """

    names: list[str]

    def column(self, name: str) -> pa.ChunkedArray[Any]:
        """A column, in the order of the rows."""

    def with_features(self, features: pa.Table) -> Any:  # noqa: ANN401 - of the library that the rows are of
        """All columns of the rows as they were, then those of features, row by row."""


class ArrowRows:
    """A table of Arrow."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.names: list[str] = table.column_names

    def column(self, name: str) -> pa.ChunkedArray[Any]:
        """See `Rows.column`."""
        return self.table.column(name)

    def with_features(self, features: pa.Table) -> pa.Table:
        """See `Rows.with_features`."""
        table = self.table
        for name in features.column_names:
            table = table.append_column(name, features.column(name))
        return table


class RelationRows:
    """A relation of DuckDB, which is run once: it may not give the same rows in the same order again."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self.relation = relation
        self.rows = ArrowRows(relation.to_arrow_table())
        self.names = self.rows.names

    def column(self, name: str) -> pa.ChunkedArray[Any]:
        """See `Rows.column`."""
        return self.rows.column(name)

    def with_features(self, features: pa.Table) -> duckdb.DuckDBPyRelation:
        """A relation of the same connection; see `Rows.with_features`."""
        retrieved = self.rows.with_features(features)  # noqa: F841 - DuckDB finds it by its name
        return self.relation.query("spine", "from retrieved")


class PandasRows:
    """A frame of pandas."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.names = [str(name) for name in frame.columns]

    def column(self, name: str) -> pa.ChunkedArray[Any]:
        """See `Rows.column`.

        Raises:
            OntimeError: If it holds values of several types.
        """
        try:
            array = pa.Array.from_pandas(self.frame[name])
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise OntimeError(f"holds values of several types ({error})", where=f"column {name}") from None
        return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])

    def with_features(self, features: pa.Table) -> pd.DataFrame:
        """Integers may be null as those of pandas, decimals are floats; see `Rows.with_features`."""
        import pandas as pd  # noqa: PLC0415 - whoever has no frame does without

        nullable = {
            pa.int16(): pd.Int16Dtype(),
            pa.int32(): pd.Int32Dtype(),
            pa.int64(): pd.Int64Dtype(),
            pa.bool_(): pd.BooleanDtype(),
        }
        types = [pa.float64() if pa.types.is_decimal(field.type) else field.type for field in features.schema]
        floats = features.cast(pa.schema(zip(features.column_names, types, strict=True)))
        found = floats.to_pandas(types_mapper=nullable.get)
        found.index = self.frame.index
        return pd.concat([self.frame, found], axis=1)


def read_rows(spine: Any) -> Rows:  # noqa: ANN401 - what it can be is found out here
    """The rows of a spine.

    Args:
        spine: A frame of pandas, a table of Arrow or a relation of DuckDB.

    Raises:
        OntimeError: It is none of them, or two of its columns have the same name.
    """
    rows = _of_library(spine)
    names = Counter(name.lower() for name in rows.names)
    if twice := [name for name in rows.names if names[name.lower()] > 1]:
        raise OntimeError(f"the spine has the column {twice[0]} twice", remedy="name each column once")
    return rows


def _of_library(spine: Any) -> Rows:  # noqa: ANN401
    library = type(spine).__module__.partition(".")[0]
    if isinstance(spine, pa.Table):
        return ArrowRows(spine)
    if library == "_duckdb" and hasattr(spine, "to_arrow_table"):
        return RelationRows(spine)
    if library == "pandas" and hasattr(spine, "columns"):
        return PandasRows(spine)
    raise OntimeError(
        f"the spine is a {type(spine).__name__}", remedy="give a pandas frame, an Arrow table or a DuckDB relation"
    )
