"""A row of features as bytes: of two rows of an entity the one with the greater bytes holds.

A record is the instant from which the row holds, the version in which it was written, and its values. The first two are
numbers of fixed length, greatest byte first, so stores compare whole records and know nothing of what is in them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgpack

from feature_store.registry.feature_tables import KNOWN_AT, FeatureTable
from ontime.errors import OntimeError

if TYPE_CHECKING:
    import pyarrow as pa

EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC without zone, as all instants
FIRST_DAY: Final = EPOCH.date()
HEADER: Final = struct.Struct(">QQ")
# makes instants before 1970 positive, so that their bytes are in their order
SHIFT: Final = 2**63
# versions of streamed rows follow all loads' numbers: of two rows known at the same instant, the stream's holds
STREAMED: Final = 2**62
MICROSECOND: Final = timedelta(microseconds=1)
KEY_TYPES: Final[dict[str, tuple[type, str]]] = {
    "varchar": (str, "a text"),
    "smallint": (int, "a whole number"),
    "integer": (int, "a whole number"),
    "bigint": (int, "a whole number"),
}


class Record(NamedTuple):
    """A row of features as it was written.

    Attributes:
        known_at: Microseconds since 1970 (UTC) from which it holds.
        version: In which it was written: a load's number, or above `STREAMED` a batch's.
        values: Of the features, in the table's order; instants in microseconds since 1970, days since 1970, decimals as
            text.
    """

    known_at: int
    version: int
    values: list[Any]


def pack_header(known_at: int, version: int) -> bytes:
    """What a record begins with; no record of that instant and version is less."""
    return HEADER.pack(known_at + SHIFT, version)


def read_record(record: bytes) -> Record:
    """What a record tells."""
    known_at, version = HEADER.unpack_from(record)
    return Record(known_at - SHIFT, version, msgpack.unpackb(memoryview(record)[HEADER.size :]))


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970 of an instant; without a zone it is UTC."""
    if instant.tzinfo is not None:
        instant = instant.astimezone(UTC).replace(tzinfo=None)
    return (instant - EPOCH) // MICROSECOND


def to_instant(microseconds: int) -> datetime:
    """An instant, UTC without zone."""
    return EPOCH + timedelta(microseconds=microseconds)


def _to_day(days: int) -> date:
    return FIRST_DAY + timedelta(days=days)


READERS: Final[dict[str, Callable[[Any], Any]]] = {"timestamp": to_instant, "date": _to_day, "decimal": Decimal}


@dataclass(frozen=True)
class RowFormat:
    """How rows of a table of features become keys and records, and records values."""

    table: FeatureTable

    @cached_property
    def relation(self) -> str:
        """What the table's rows are called in a store: rows of another definition are others."""
        return f"{self.table.name}@{self.table.version}"

    @cached_property
    def key_types(self) -> tuple[tuple[str, type, str], ...]:
        """The keys by name, each with its Python type and what that is called."""
        return tuple((key.name, *KEY_TYPES[key.data_type]) for key in sorted(self.table.keys, key=lambda key: key.name))

    @cached_property
    def readers(self) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
        """The features that are not stored as what they are: their places, and what makes them of it."""
        kinds = [feature.data_type.partition("(")[0] for feature in self.table.features]
        return tuple((place, READERS[kind]) for place, kind in enumerate(kinds) if kind in READERS)

    def pack_key(self, entity: Mapping[str, object]) -> bytes | None:
        """The key of an entity; none where a part of it is null, which no row has.

        Raises:
            OntimeError: A part is missing, or not of its type: 7 is no "7".
        """
        parts = []
        for name, kind, called in self.key_types:
            try:
                value = entity[name]
            except KeyError:
                raise OntimeError(f"the entity has no {name}", where=self.table.short_name) from None
            if value is None:
                return None
            if type(value) is not kind:
                raise OntimeError(f"expected {called}, not {type(value).__name__}", where=name)
            parts.append(value)
        packed: bytes = msgpack.packb(parts)
        return packed

    def read_key(self, key: bytes) -> dict[str, object]:
        """The entity of a key."""
        return dict(zip((name for name, *_ in self.key_types), msgpack.unpackb(key), strict=True))

    def read_values(self, values: list[Any]) -> list[Any]:
        """The values of a record as what they are."""
        for place, read in self.readers:
            if values[place] is not None:
                values[place] = read(values[place])
        return values

    def pack_rows(self, rows: pa.Table, version: int) -> Iterator[tuple[bytes, bytes]]:
        """Keys and records of rows.

        Args:
            rows: With the keys, `known_at` and the features of the table, by name.
            version: In which they are written.
        """
        yield from zip(self.pack_keys(rows), self._pack_records(rows, version), strict=True)

    def pack_keys(self, rows: pa.Table) -> Iterator[bytes]:
        """Keys of rows."""
        columns = [rows.column(name).to_pylist() for name, *_ in self.key_types]
        return map(msgpack.packb, zip(*columns, strict=True))

    def _pack_records(self, rows: pa.Table, version: int) -> Iterator[bytes]:
        known_at = list_stored(rows.column(KNOWN_AT), "timestamp")
        columns = [list_stored(rows.column(feature.name), feature.data_type) for feature in self.table.features]
        for instant, values in zip(known_at, zip(*columns, strict=True), strict=True):
            yield pack_header(instant, version) + msgpack.packb(values)


def list_stored(column: pa.ChunkedArray[Any], data_type: str) -> list[Any]:
    """The values of a column as records hold them.

    Args:
        column: As a warehouse gives it.
        data_type: Its SQL type.
    """
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and readers do not need it

    kind = data_type.partition("(")[0]
    if kind == "timestamp":
        column = column.cast(pa.timestamp("us")).cast(pa.int64())
    elif kind == "date":
        column = column.cast(pa.date32()).cast(pa.int32())
    elif kind == "decimal":
        column = column.cast(pa.string())
    found: list[Any] = column.to_pylist()
    return found
