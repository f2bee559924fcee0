"""The tables beside a source's data in its raw schema, and the columns that tell where a row is from."""

from __future__ import annotations

from ingestion.raw.tables import LINEAGE_COLUMNS, RawColumn, RawTable, columns

LOAD_ID = RawColumn("_dlt_load_id", "text")
LOADS_TABLE = "_dlt_loads"

LOADED_FILES = RawTable(
    "loaded_files",
    columns(
        file="text",
        url="text",
        sha256="text",
        bytes="bigint",
        rows="bigint",
        rejected_rows="bigint",
        period_start="date",
        period_end="date",
        fetched_at="timestamp",
        load_number="bigint",
        coverage="text",
    ),
)
QUARANTINE = RawTable(
    "quarantine",
    columns(file="text", line_number="bigint", reason="text", raw_text="text"),
)
# values that are null in rows that are loaded, because they could not be read
DAMAGED_VALUES = RawTable(
    "damaged_values",
    columns(file="text", column_name="text", rule="text", value_count="bigint", example="text", month="date"),
)
INGEST_RUNS = RawTable(
    "ingest_runs",
    columns(
        run_id="text",
        source="text",
        period_start="date",
        period_end="date",
        started_at="timestamp",
        ended_at="timestamp",
        status="text",
        files="bigint",
        rows="bigint",
        rejected_rows="bigint",
        bytes="bigint",
        error="text",
    ),
)
BOOKKEEPING = (LOADED_FILES, QUARANTINE, DAMAGED_VALUES)


def stored_columns(table: RawTable) -> tuple[RawColumn, ...]:
    """A raw table's columns as they are stored: the source's, then the lineage."""
    if table in (*BOOKKEEPING, INGEST_RUNS):
        return (*table.columns, LOAD_ID)
    return (*table.columns, *LINEAGE_COLUMNS, LOAD_ID)
