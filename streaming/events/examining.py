"""Consumed records to typed rows: those that cannot be read say why, and keep nobody else from being read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.reading.layout import DAYS_AHEAD, FIRST_DAY
from ingestion.sources.events.columns import FLIGHT_FIELDS, LANDED, PLACE, WEATHER_FIELDS
from ingestion.sources.events.records import NUL, WRITTEN_NUL, as_text
from streaming.events.reading import read_document

# clocks of brokers and senders differ, and a zone may be mistaken; more is no clock of ours
MOST_AHEAD: Final = timedelta(days=1)
# a day begins somewhere before it does in UTC, and delays end below six days
DAYS_BEFORE: Final = timedelta(days=2)
DAYS_AFTER: Final = timedelta(days=8)
FIELDS: Final = (*FLIGHT_FIELDS, *WEATHER_FIELDS)
# documents become columns before there are so many that the collector of garbage looks through them again and again
ROWS_AT_ONCE: Final = 2_000
Columns = dict[str, Any]


def examine(records: pa.Table) -> pa.Table:
    """Read the records of a batch.

    Args:
        records: Columns of `CONSUMED`: topic, topic_generation, topic_partition, topic_offset, taken_at (UTC, without
            zone), key and value (bytes; null where the message has none).

    Returns:
        As many rows in the same order, with the columns of `LANDED`. `reason` is null of valid records; of the others
        the typed columns are null. `document` is the value as text, whatever became of it.
    """
    batches = records.combine_chunks().to_batches(max_chunksize=ROWS_AT_ONCE)
    return pa.concat_tables([_examine_some(batch) for batch in batches] or [LANDED.empty_table()])


def _examine_some(records: pa.RecordBatch) -> pa.Table:
    pairs = zip(records["topic"].to_pylist(), records["value"].to_pylist(), strict=True)
    documents, reasons = zip(*(read_document(topic or "", value) for topic, value in pairs), strict=True)
    columns: Columns = {field.name: records[field.name] for field in PLACE}
    columns |= {"key": _texts(records["key"]), "document": _texts(records["value"])}
    columns |= _typed(list(documents))
    columns["reason"] = pc.coalesce(pa.array(reasons, pa.string()), _impossible_instants(columns))
    return pa.table(_without_values_of_dead_letters(columns)).select(LANDED.names).cast(LANDED)


def _texts(values: Any) -> Any:  # noqa: ANN401 - Arrow's arrays have a type for each of their contents
    """Bytes as text, as `as_text` has it."""
    try:
        return pc.replace_substring(values.cast(pa.string()), NUL, WRITTEN_NUL)
    except pa.ArrowInvalid:
        return pa.array([as_text(value) for value in values.to_pylist()], pa.string())


def _typed(documents: list[dict[str, Any] | None]) -> Columns:
    """The columns of documents; instants come with their zones, and leave in UTC without one."""
    zoned = [field.with_type(_zoned(field.type)) for field in (LANDED.field("schema_version"), *FIELDS)]
    structs: Any = pa.array(documents, pa.struct(zoned))
    return {field.name: pc.struct_field(structs, field.name).cast(LANDED.field(field.name).type) for field in zoned}


def _zoned(kind: pa.DataType) -> pa.DataType:
    return pa.timestamp("us", tz="UTC") if pa.types.is_timestamp(kind) else kind


def _impossible_instants(columns: Columns) -> Any:  # noqa: ANN401
    """Reasons where a date or an instant cannot be, else null."""
    taken_at, occurred_at, observed_at = (columns[name] for name in ("taken_at", "occurred_at", "observed_at"))
    day_at = columns["flight_date"].cast(pa.timestamp("us"))
    first_day_at = pa.scalar(FIRST_DAY).cast(pa.timestamp("us"))
    latest_at = pc.add(taken_at, pa.scalar(MOST_AHEAD))
    rules = {
        f"flight_date: before {FIRST_DAY}": pc.less(day_at, first_day_at),
        "flight_date: more than a year after it was taken": pc.greater(day_at, pc.add(taken_at, pa.scalar(DAYS_AHEAD))),
        "occurred_at: more than a day after it was taken": pc.greater(occurred_at, latest_at),
        "occurred_at: long before flight_date": pc.less(occurred_at, pc.subtract(day_at, pa.scalar(DAYS_BEFORE))),
        "occurred_at: long after flight_date": pc.greater(occurred_at, pc.add(day_at, pa.scalar(DAYS_AFTER))),
        "observed_at: more than a day after it was taken": pc.greater(observed_at, latest_at),
        f"observed_at: before {FIRST_DAY}": pc.less(observed_at, first_day_at),
    }
    is_broken: Any = False
    broken: Any = pa.StructArray.from_arrays([pc.fill_null(rule, is_broken) for rule in rules.values()], list(rules))
    return pc.case_when(broken, *(pa.scalar(reason) for reason in rules))


def _without_values_of_dead_letters(columns: Columns) -> Columns:
    if columns["reason"].null_count == len(columns["reason"]):
        return columns
    is_valid = pc.is_null(columns["reason"])
    return columns | {
        field.name: pc.if_else(is_valid, columns[field.name], pa.scalar(None, field.type)) for field in FIELDS
    }
