"""Consumed records to typed rows: those that cannot be read say why, and keep nobody else from being read."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from ingestion.reading.layout import DAYS_AHEAD, FIRST_DAY
from ingestion.sources.events.columns import FLIGHT_FIELDS, LANDED, WEATHER_FIELDS
from ingestion.sources.events.records import as_text
from streaming.events.documents import DOCUMENTS, SCHEMA_VERSION
from streaming.events.upgrades import upgrade

if TYPE_CHECKING:
    from pydantic import BaseModel, TypeAdapter

TOMBSTONE: Final = "tombstone"
UNKNOWN_TOPIC: Final = "unknown topic"
# clocks of brokers and senders differ, and a zone may be mistaken; more is no clock of ours
MOST_AHEAD: Final = timedelta(days=1)
# as for delays: half a day before its day begins anywhere, and six days of delay after
DAYS_BEFORE, DAYS_AFTER = timedelta(days=2), timedelta(days=8)
FIELDS: Final = (*FLIGHT_FIELDS, *WEATHER_FIELDS)
Found = tuple["BaseModel | None", str | None]


def examine(records: pa.Table) -> pa.Table:
    """Read the records of a batch.

    Args:
        records: Columns of `CONSUMED`: topic, topic_generation, topic_partition, topic_offset, taken_at (UTC, without
            zone), key and value (bytes; null where the message has none).

    Returns:
        As many rows in the same order, with the columns of `LANDED`. `reason` is null of valid records; of the others
        the typed columns are null. `document` is the value as text, whatever became of it.
    """
    topics = records["topic"].to_pylist()
    values = records["value"].to_pylist()
    found = [_read(topic, value) for topic, value in zip(topics, values, strict=True)]
    documents = [document.__dict__ if document is not None else {} for document, _ in found]
    columns = {name: records[name].combine_chunks() for name in records.column_names if name not in ("key", "value")}
    columns["key"] = _texts(records["key"])
    columns["document"] = _texts(records["value"])
    columns["schema_version"] = _version(documents)
    for field in FIELDS:
        columns[field.name] = _typed(documents, field)
    reasons = pa.array([reason for _, reason in found], pa.string())
    columns["reason"] = pc.coalesce(reasons, _impossible_instants(columns))
    return _without_values_of_dead_letters(pa.table(columns).select(LANDED.names).cast(LANDED))


def _read(topic: str, value: bytes | None) -> Found:
    """A record's document, or why it has none."""
    adapter = DOCUMENTS.get(topic)
    if adapter is None:
        return None, UNKNOWN_TOPIC
    if value is None:
        return None, TOMBSTONE
    try:
        return adapter.validate_json(value), None
    except ValidationError:
        return _read_slowly(adapter, topic, value)


def _read_slowly(adapter: TypeAdapter[BaseModel], topic: str, value: bytes) -> Found:
    """Read what is no valid document of the present version: an older one, or one with a fault to be told."""
    try:
        document = json.loads(value)
    except (ValueError, RecursionError) as error:
        return None, f"no JSON: {error}"
    if not isinstance(document, dict):
        return None, f"no JSON object, but {type(document).__name__}"
    version = document.get("schema_version")
    if isinstance(version, int) and not isinstance(version, bool) and version > SCHEMA_VERSION:
        return None, f"schema_version: {version} is newer than {SCHEMA_VERSION}"
    try:
        upgraded = json.dumps(upgrade(topic, document))
        return adapter.validate_json(upgraded), None
    except ValidationError as error:
        return None, _faults(error)


def _faults(error: ValidationError) -> str:
    """Which fields are wrong, and how; without the values, which stand in the document."""
    return "; ".join(
        f"{'.'.join(str(part) for part in fault['loc'] if part not in _EVENT_TYPES) or 'document'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    )


_EVENT_TYPES: Final = ("scheduled", "aircraft_assigned", "departed", "arrived", "cancelled", "diverted")


def _texts(values: pa.ChunkedArray) -> pa.Array:
    """Bytes as text; what is not UTF-8 is written out."""
    try:
        return values.cast(pa.string()).combine_chunks()
    except pa.ArrowInvalid:
        return pa.array([as_text(value) for value in values.to_pylist()], pa.string())


def _version(documents: list[dict[str, Any]]) -> pa.Array:
    return pa.array([document.get("schema_version") for document in documents], pa.int64())


def _typed(documents: list[dict[str, Any]], field: pa.Field) -> pa.Array:
    values = [document.get(field.name) for document in documents]
    if pa.types.is_timestamp(field.type):
        return pa.array(values, pa.timestamp("us", tz="UTC")).cast(field.type)
    return pa.array(values, field.type)


def _impossible_instants(columns: dict[str, pa.Array]) -> pa.Array:
    """Reasons where a date or an instant cannot be."""
    day = columns["flight_date"]
    day_at = day.cast(pa.timestamp("us"))
    latest_at = pc.add(columns["taken_at"], pa.scalar(MOST_AHEAD))
    last_day_at = pc.add(columns["taken_at"], pa.scalar(DAYS_AHEAD))
    first_day_at = pa.scalar(FIRST_DAY).cast(pa.timestamp("us"))
    occurred_at, observed_at = columns["occurred_at"], columns["observed_at"]
    reasons = (
        (pc.less(day_at, first_day_at), f"flight_date: before {FIRST_DAY}"),
        (pc.greater(day_at, last_day_at), "flight_date: more than a year after it was taken"),
        (pc.greater(occurred_at, latest_at), "occurred_at: more than a day after it was taken"),
        (pc.less(occurred_at, pc.subtract(day_at, pa.scalar(DAYS_BEFORE))), "occurred_at: long before flight_date"),
        (pc.greater(occurred_at, pc.add(day_at, pa.scalar(DAYS_AFTER))), "occurred_at: long after flight_date"),
        (pc.greater(observed_at, latest_at), "observed_at: more than a day after it was taken"),
        (pc.less(observed_at, first_day_at), f"observed_at: before {FIRST_DAY}"),
    )
    conditions = pc.make_struct(
        *(pc.fill_null(condition, False) for condition, _ in reasons), field_names=[reason for _, reason in reasons]
    )
    return pc.case_when(conditions, *(pa.scalar(reason) for _, reason in reasons))


def _without_values_of_dead_letters(table: pa.Table) -> pa.Table:
    valid = pc.is_null(table["reason"])
    if pc.all(valid).as_py() is not False:
        return table
    for field in FIELDS:
        nulls = pc.if_else(valid, table[field.name], pa.scalar(None, field.type))
        table = table.set_column(table.schema.get_field_index(field.name), field, nulls)
    return table
