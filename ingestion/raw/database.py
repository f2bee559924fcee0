"""What is loaded: the truth is in the destination, in `loaded_files` and dlt's list of completed loads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ingestion.raw.lineage import DAMAGED_VALUES, INGEST_RUNS, LOADED_FILES, LOADS_TABLE, stored_columns
from ingestion.raw.loads import COMPLETED
from ontime.errors import OntimeError
from ontime.months import Month
from ontime.schemas import dataset_name
from ontime.sql import quote_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from ingestion.raw.tables import RawTable


@dataclass(frozen=True)
class LoadedVersion:
    """The newest loaded version of a file."""

    file: str
    sha256: str
    rows: int
    coverage: str | None


@dataclass(frozen=True)
class LoadedSummary:
    """What is loaded of a source, over all versions.

    Attributes:
        files: Loads of files.
        rows: Rows in them.
        rejected_rows: Rows in quarantine.
        period_start: First local day, if the rows have days.
        period_end: Last local day.
        whole_months: Loads of files that were all of their month.
        parts: Loads of files that add to their month.
        damaged_values: Values that could not be read and are null.
    """

    files: int
    rows: int
    rejected_rows: int
    period_start: date | None
    period_end: date | None
    whole_months: int
    parts: int
    damaged_values: int


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
            OntimeError: If a column has another type than the source delivers.
        """
        dataset = dataset_name(source)
        found = self._columns(dataset)
        for table in tables:
            for column in stored_columns(table):
                stored = found.get((table.name, column.name), column.duckdb_type)
                if stored != column.duckdb_type:
                    raise OntimeError(
                        (
                            f"{dataset}.{table.name}.{column.name} is {stored}, but {source} delivers "
                            f"{column.duckdb_type}"
                        ),
                        remedy="rename the table and ingest again with --full-refresh",
                    )
        wanted = {(table.name, column.name) for table in tables for column in stored_columns(table)}
        return not wanted | {(LOADS_TABLE, "load_id")} <= found.keys()

    def loaded(self, source: str) -> dict[str, LoadedVersion]:
        """The newest completed version of each file, by the file's name without its version."""
        dataset = dataset_name(source)
        newest: dict[str, LoadedVersion] = {}
        for file, sha256, rows, coverage in self.rows(
            f"select file, sha256, rows, coverage from {dataset}.loaded_files"
            f" where _dlt_load_id in ({COMPLETED.format(dataset=dataset)})"
            " order by load_number nulls first, _dlt_load_id"
        ):
            newest[unversioned(file)] = LoadedVersion(file, sha256, rows, coverage)
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

    def number_older_files(self, sources: Iterable[str]) -> None:
        """Give load numbers to files that an earlier release loaded, which knew only when their loads had completed.

        Raises:
            OntimeError: If there are such files, and the engine's raw tables cannot be changed.
        """
        files = " union all ".join(
            f"select {quote_sql(source)} as source, files._dlt_load_id, files.file, loads.inserted_at"
            f" from {dataset_name(source)}.loaded_files as files"
            f" inner join {dataset_name(source)}.{LOADS_TABLE} as loads on files._dlt_load_id = loads.load_id"
            " where files.load_number is null"
            for source in sources
        )
        older = self.rows(f"select * from ({files}) as older order by inserted_at, source, file")
        if not older:
            return
        import duckdb  # noqa: PLC0415 - slow to import, and a run that finds nothing new does not need it

        self.connection.execute("begin")
        try:
            for number, (source, load_id, file, _) in enumerate(older, start=1):
                self.connection.execute(
                    f"update {dataset_name(source)}.loaded_files set load_number = {number}"
                    f" where _dlt_load_id = {quote_sql(load_id)} and file = {quote_sql(file)}"
                )
        except duckdb.Error:
            self.connection.execute("rollback")
            raise OntimeError(
                f"{len(older)} files in raw are of an earlier release, which gave them no load numbers",
                remedy="move the raw files away, and ingest them again from landing",
            ) from None
        self.connection.execute("commit")

    def whole_months(self, source: str) -> dict[Month, int]:
        """Rows of the newest file that was all of its month, by month."""
        dataset = dataset_name(source)
        found = self.rows(
            f"select period_start, rows from {dataset}.loaded_files"
            " where coverage = 'month' and period_start is not null"
            f" and _dlt_load_id in ({COMPLETED.format(dataset=dataset)}) order by load_number"
        )
        return {Month.of(day): rows for day, rows in found}

    def summary(self, source: str) -> LoadedSummary | None:
        """What is loaded of a source, None before its tables exist."""
        dataset = dataset_name(source)
        columns = self._columns(dataset).keys()
        if not {(LOADED_FILES.name, "file"), (LOADS_TABLE, "load_id")} <= columns:
            return None
        completed = f"_dlt_load_id in ({COMPLETED.format(dataset=dataset)})"
        # raw of an earlier release lacks these until the next ingest
        coverage = "coverage" if (LOADED_FILES.name, "coverage") in columns else "cast(null as varchar)"
        damaged = f"(select sum(value_count) from {dataset}.{DAMAGED_VALUES.name} where {completed})"
        found = self.rows(
            "select count(*), coalesce(sum(rows), 0), coalesce(sum(rejected_rows), 0), min(period_start),"
            f" max(period_end), count(case when {coverage} = 'month' then 1 end),"
            f" count(case when {coverage} = 'part' then 1 end),"
            f" coalesce({damaged if (DAMAGED_VALUES.name, 'file') in columns else 'null'}, 0)"
            f" from {dataset}.{LOADED_FILES.name} where {completed}"
        )[0]
        files, rows, rejected_rows, first_day, last_day, *counts = found
        return LoadedSummary(int(files), int(rows), int(rejected_rows), first_day, last_day, *map(int, counts))

    def unfinished_rows(self, source: str, tables: tuple[RawTable, ...]) -> int:
        """Rows that a load which did not complete left behind.

        Every row of a completed load is counted in `loaded_files`, so the tables' sizes tell; the table of damaged
        values is small.
        """
        summary = self.summary(source)
        existing = {table for table, _ in self._columns(dataset_name(source))}
        if summary is None:
            return 0
        dataset = dataset_name(source)
        unfinished = {DAMAGED_VALUES.name: self._unfinished(dataset)}
        names = [table.name for table in tables if table.name in existing]
        sizes = [f"(select count(*) from {dataset}.{name}{unfinished.get(name, '')})" for name in names]
        stored = self.rows(f"select {' + '.join(sizes) or '0'}")[0][0]
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
            self.connection.execute(f"delete from {dataset}.{name}{self._unfinished(dataset)}")
        self.connection.execute("commit")
        return unfinished

    def last_runs(self) -> dict[str, dict[str, Any]]:
        """The newest run of each source, as its row in `raw_ops.ingest_runs`."""
        if not self._columns("raw_ops"):
            return {}
        names = [column.name for column in INGEST_RUNS.columns]
        rows = self.rows(f"select {', '.join(names)} from raw_ops.ingest_runs order by started_at, ended_at")
        return {row[1]: dict(zip(names, row, strict=True)) for row in rows}

    @staticmethod
    def _unfinished(dataset: str) -> str:
        return f" where _dlt_load_id is null or _dlt_load_id not in ({COMPLETED.format(dataset=dataset)})"

    def _columns(self, dataset: str) -> dict[tuple[str, str], str]:
        sql = "select table_name, column_name, data_type from information_schema.columns where table_schema = "
        return {(table, column): kind.lower() for table, column, kind in self.rows(sql + quote_sql(dataset))}


def unversioned(file: str) -> str:
    """`2013-01/0123456789ab-flights.zip` without the part that differs between versions."""
    folder, _, name = file.rpartition("/")
    return f"{folder}/{name.partition('-')[2]}"
