"""The raw tables of events, named as the fields of their documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from ingestion.raw.tables import DataType, RawColumn, RawTable
from ingestion.sources.asos.fetch import OBSERVATIONS
from ingestion.sources.events.columns import FLIGHT_FIELDS, LANDED, PLACE

if TYPE_CHECKING:
    from collections.abc import Iterable

_RAW_TYPES: Final[dict[pa.DataType, DataType]] = {
    pa.string(): "text",
    pa.int64(): "bigint",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp",
    pa.bool_(): "bool",
}


def _raw(fields: Iterable[pa.Field[Any]]) -> tuple[RawColumn, ...]:
    return tuple(RawColumn(field.name, _RAW_TYPES[field.type]) for field in fields)


def _landed(*names: str) -> tuple[RawColumn, ...]:
    return _raw(LANDED.field(name) for name in names)


_RECORD: Final = _raw(PLACE)
_DOCUMENT: Final = _landed("key", "schema_version", "document")
FLIGHT_EVENTS_TABLE: Final = RawTable("flight_events", (*_RECORD, *_raw(FLIGHT_FIELDS), *_DOCUMENT))
# a report is what IEM would have made of its text; `valid` is when it was observed
WEATHER_REPORTS_TABLE: Final = RawTable("weather_reports", (*_RECORD, *OBSERVATIONS.columns, *_DOCUMENT))
DEAD_LETTERS_TABLE: Final = RawTable("dead_letters", (*_RECORD, *_landed("key", "document", "reason")))
TABLES: Final = (FLIGHT_EVENTS_TABLE, WEATHER_REPORTS_TABLE, DEAD_LETTERS_TABLE)
