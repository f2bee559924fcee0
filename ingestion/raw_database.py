"""What is loaded: the truth is in the destination, in `loaded_files` and dlt's list of completed loads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ingestion.csv_reader import quote_sql
from ingestion.lineage import INGEST_RUNS, LOADS_TABLE, dataset_name, stored_columns
from ingestion.source import IngestError

if TYPE_CHECKING:
    import duckdb

    from ingestion.raw_tables import RawTable

COMPLETED = "select load_id from {dataset}._dlt_loads where status = 0"


@dataclass(frozen=True)
class LoadedVersion:
    """The newest loaded version of a file."""

    file: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class LoadedSummary:
    """What is loaded of a source, over all versions.

    Attributes:
        files: Loads of files.
        rows: Rows in them.
        rejected_rows: Rows in quarantine.
        period_start: First local day, if the rows have days.
        period_end: Last local day.
    """

    files: int
    rows: int
    rejected_rows: int
    period_start: date | None
    period_end: date | None


class RawDatabase:
    """Bookkeeping on the raw schemas over an open connection, in SQL that every engine knows."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a select."""
        return self.connection.execute(sql).fetchall()

    def incomplete_tables(self, source: str, tables: tuple[RawTable, ...]) -> bool:
        """Whether a table or column of the source's schema is missing.

        Raises:
            IngestError: If a column has another type than the source delivers.
        """
        dataset = dataset_name(source)
        found = self._columns(dataset)
        for table in tables:
            for column in stored_columns(table):
                stored = found.get((table.name, column.name), column.duckdb_type)
                if stored != column.duckdb_type:
                    raise IngestError(
                        f"{dataset}.{table.name}.{column.name} is {stored}, but {source} delivers "
                        f"{column.duckdb_type}: rename the table and ingest again with --full-refresh"
                    )
        wanted = {(table.name, column.name) for table in tables for column in stored_columns(table)}
        return not wanted | {(LOADS_TABLE, "load_id")} <= found.keys()

    def loaded(self, source: str) -> dict[str, LoadedVersion]:
        """The newest completed version of each file, by the file's name without its version."""
        dataset = dataset_name(source)
        newest: dict[str, LoadedVersion] = {}
        for file, sha256, rows in self.rows(
            f"select file, sha256, rows from {dataset}.loaded_files"
            f" where _dlt_load_id in ({COMPLETED.format(dataset=dataset)}) order by load_number"
        ):
            newest[unversioned(file)] = LoadedVersion(file, sha256, rows)
        return newest

    def newest_load_number(self, source: str) -> int:
        """The greatest load number of a source's completed files, 0 for none.

        Files are numbered in the order in which they are loaded, over all sources: no clock tells which is newer.
        """
        dataset = dataset_name(source)
        found = self.rows(
            f"select coalesce(max(load_number), 0) from {dataset}.loaded_files"
            f" where _dlt_load_id in ({COMPLETED.format(dataset=dataset)})"
        )
        return int(found[0][0])

    def summary(self, source: str) -> LoadedSummary | None:
        """What is loaded of a source, None before its tables exist."""
        dataset = dataset_name(source)
        if not {("loaded_files", "file"), (LOADS_TABLE, "load_id")} <= self._columns(dataset).keys():
            return None
        found = self.rows(
            "select count(*), coalesce(sum(rows), 0), coalesce(sum(rejected_rows), 0), min(period_start),"
            f" max(period_end) from {dataset}.loaded_files"
            f" where _dlt_load_id in ({COMPLETED.format(dataset=dataset)})"
        )[0]
        return LoadedSummary(int(found[0]), int(found[1]), int(found[2]), found[3], found[4])

    def unfinished_rows(self, source: str, tables: tuple[RawTable, ...]) -> int:
        """Rows that a load which did not complete left behind.

        Every row of a completed load is counted in `loaded_files`, so the tables' sizes tell.
        """
        summary = self.summary(source)
        existing = {table for table, _ in self._columns(dataset_name(source))}
        if summary is None:
            return 0
        dataset = dataset_name(source)
        names = [table.name for table in tables if table.name in existing]
        sizes = " + ".join(f"(select count(*) from {dataset}.{name})" for name in names)
        stored = self.rows(f"select {sizes or '0'}")[0][0]
        return int(stored) - summary.files - summary.rows - summary.rejected_rows

    def mend(self, source: str, tables: tuple[RawTable, ...]) -> int:
        """Delete what loads that did not complete left behind, and return the number of rows."""
        unfinished = self.unfinished_rows(source, tables)
        if unfinished <= 0:
            return 0
        dataset = dataset_name(source)
        existing = {table for table, _ in self._columns(dataset)}
        self.connection.execute("begin")
        for name in (table.name for table in tables if table.name in existing):
            self.connection.execute(
                f"delete from {dataset}.{name}"
                f" where _dlt_load_id is null or _dlt_load_id not in ({COMPLETED.format(dataset=dataset)})"
            )
        self.connection.execute("commit")
        return unfinished

    def last_runs(self) -> dict[str, dict[str, Any]]:
        """The newest run of each source, as its row in `raw_ops.ingest_runs`."""
        if not self._columns("raw_ops"):
            return {}
        names = [column.name for column in INGEST_RUNS.columns]
        rows = self.rows(f"select {', '.join(names)} from raw_ops.ingest_runs order by started_at, ended_at")
        return {row[1]: dict(zip(names, row, strict=True)) for row in rows}

    def _columns(self, dataset: str) -> dict[tuple[str, str], str]:
        sql = "select table_name, column_name, data_type from information_schema.columns where table_schema = "
        return {(table, column): kind.lower() for table, column, kind in self.rows(sql + quote_sql(dataset))}


def unversioned(file: str) -> str:
    """`2013-01/0123456789ab-flights.zip` without the part that differs between versions."""
    folder, _, name = file.rpartition("/")
    return f"{folder}/{name.partition('-')[2]}"
