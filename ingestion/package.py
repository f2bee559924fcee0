"""Landed files as the files of rows of one load: read, checked against the limits, given their lineage."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb

from engines.engine import LoaderFileFormat
from engines.memory import connect_in_memory
from engines.targets import engine
from ingestion.landed_file import LandedFile
from ingestion.raw.database import unversioned
from ingestion.raw.lineage import DAMAGED_VALUES, LOADED_FILES, QUARANTINE, stored_columns
from ingestion.raw.tables import RawTable
from ingestion.reading.projection import ROWS_PER_GROUP
from ingestion.source import Context, Reading, Source
from ingestion.verification import verify_damage, verify_rejects, verify_row_count
from ontime.disk_faults import disk_fault
from ontime.errors import OntimeError
from ontime.months import Month
from ontime.sql import quote_sql

FileOfRows = tuple[Path, int]
Exported = dict[str, list[FileOfRows]]
COPY_OPTIONS: Final[dict[LoaderFileFormat, str]] = {
    "parquet": f"format parquet, row_group_size {ROWS_PER_GROUP}",
    "csv": "format csv, header",
}


@dataclass(frozen=True)
class Target:
    """Where the rows of one landed file go.

    Attributes:
        folder: For the files of rows.
        file_format: As the engine loads them.
    """

    folder: Path
    file_format: LoaderFileFormat

    def copy(self, con: duckdb.DuckDBPyConnection, table: str, select: str) -> FileOfRows:
        """Write the rows of a select for a raw table."""
        path = self.folder / f"{table}.{self.file_format}"
        found = con.execute(f"copy ({select}) to {quote_sql(str(path))} ({COPY_OPTIONS[self.file_format]})").fetchone()
        return path, int(found[0]) if found else 0


@dataclass(frozen=True)
class FileOutcome:
    """What became of a file: how many rows were loaded, or why none."""

    file: LandedFile
    rows: int = 0
    rejected_rows: int = 0
    damaged_values: int = 0
    period: tuple[Any, Any] = (None, None)
    error: str | None = None


@dataclass
class Package:
    """A batch of files on its way into one dlt package.

    Attributes:
        source: Reads the files.
        files: What to load.
        context: The settings and landing.
        last_rows: Rows of each file's last version, by its unversioned name, to see that it did not shrink.
        last_months: Rows of each month's last whole file, whatever its name, for the same.
        first_load_number: The load number of the first file; the others follow.
        force: Load a file that did shrink.
        outcomes: One for each file, after the export.
    """

    source: Source
    files: list[LandedFile]
    context: Context
    last_rows: dict[str, int]
    last_months: dict[Month, int]
    first_load_number: int
    force: bool
    outcomes: list[FileOutcome] = field(default_factory=list)

    def export(self, folder: Path, load_id: str) -> Exported:
        """Write the rows of the files that can be loaded; `outcomes` tells of all."""
        exported: Exported = {}
        for number, file in enumerate(self.files):
            self.context.progress(f"{self.source.name}: reading {file.name}")
            own = folder / str(number)
            own.mkdir()
            outcome, tables = self._export_file(file, own, load_id, self.first_load_number + number)
            self.outcomes.append(outcome)
            for name, made in tables.items():
                exported.setdefault(name, []).append(made)
        return exported

    def _export_file(
        self, file: LandedFile, folder: Path, load_id: str, load_number: int
    ) -> tuple[FileOutcome, dict[str, FileOfRows]]:
        con = connect_in_memory(self.context.settings, preserve_insertion_order=False)
        try:
            with self.context.landing.local(file) as path:
                reading = self.source.read(con, file, path)
                self._verify(con, file, reading)
                target = Target(folder, engine(self.context.settings).file_format)
                return _export_reading(con, file, reading, target, load_id, load_number)
        except OntimeError as error:
            return FileOutcome(file, error=str(error)), {}
        except duckdb.Error as error:
            reason = disk_fault(error) or str(error).strip().splitlines()[0]
            return FileOutcome(file, error=f"{file.name}: {reason}"), {}
        finally:
            con.close()

    def _verify(self, con: duckdb.DuckDBPyConnection, file: LandedFile, reading: Reading) -> None:
        settings = self.context.settings
        verify_rejects(con, file.name, reading, settings.max_rejected_row_share)
        verify_damage(file.name, reading, settings.max_damaged_value_share)
        last_rows = self.last_rows.get(unversioned(file.file))
        if file.coverage == "month" and reading.period_start is not None:
            last_rows = self.last_months.get(Month.of(reading.period_start), last_rows)
        verify_row_count(file.name, reading.rows, last_rows, settings.min_size_share, force=self.force)


def _export_reading(
    con: duckdb.DuckDBPyConnection, file: LandedFile, reading: Reading, target: Target, load_id: str, load_number: int
) -> tuple[FileOutcome, dict[str, FileOfRows]]:
    origin, load = quote_sql(file.file), quote_sql(load_id)
    exported: dict[str, FileOfRows] = {}
    for name, select in reading.tables.items():
        lineage = f"{origin} as _source_file, _source_line, {load} as _dlt_load_id"
        rows = f"select * exclude (_source_line), {lineage} from ({select})"
        exported[name] = target.copy(con, name, rows)
    row_count = sum(count for _, count in exported.values())
    rejected_rows = 0
    if reading.rejected is not None:
        select = (
            f"select {origin} as file, line_number, reason, raw_text, {load} as _dlt_load_id from ({reading.rejected})"
        )
        exported[QUARANTINE.name] = target.copy(con, QUARANTINE.name, select)
        rejected_rows = exported[QUARANTINE.name][1]
    if reading.damaged:
        exported[DAMAGED_VALUES.name] = target.copy(con, DAMAGED_VALUES.name, _damaged_rows(file, reading, load_id))
    outcome = FileOutcome(
        file,
        row_count,
        rejected_rows,
        sum(damaged.count for damaged in reading.damaged),
        (reading.period_start, reading.period_end),
    )
    exported[LOADED_FILES.name] = target.copy(con, LOADED_FILES.name, _file_row(outcome, load_id, load_number))
    return outcome, exported


def _file_row(outcome: FileOutcome, load_id: str, load_number: int) -> str:
    file = outcome.file
    values = (
        file.file,
        file.origin_url,
        file.sha256,
        file.bytes,
        outcome.rows,
        outcome.rejected_rows,
        *outcome.period,
        file.fetched_at,
        load_number,
        file.coverage,
        load_id,
    )
    return _row(LOADED_FILES, values)


def _damaged_rows(file: LandedFile, reading: Reading, load_id: str) -> str:
    days = [day for day in (reading.period_start, reading.period_end) if day is not None]
    months = {Month.of(day).first_day for day in days}
    month = months.pop() if len(months) == 1 else None
    return " union all ".join(
        _row(
            DAMAGED_VALUES,
            (file.file, damaged.column, damaged.rule, damaged.count, damaged.example, month, load_id),
        )
        for damaged in reading.damaged
    )


def _row(table: RawTable, values: tuple[object, ...]) -> str:
    return "select " + ", ".join(
        f"{'null' if value is None else quote_sql(str(value))}::{column.duckdb_type} as {column.name}"
        for value, column in zip(values, stored_columns(table), strict=True)
    )
