"""`spark`: raw as Parquet files that dlt writes, and the Parquet files of the tables that Spark builds."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engines.engine import LoaderFileFormat, Progress
from engines.extensions import extension_findings
from engines.folders import disk_findings, writable
from engines.memory import connect_in_memory
from engines.raw_copy import copy_raw
from engines.spark.java import java_findings
from engines.spark.master import master_findings
from engines.versions import package_findings
from ontime.errors import NotYetError
from ontime.locks import exclusive_lock
from ontime.sql import quote_sql, quoted

if TYPE_CHECKING:
    import duckdb
    from dlt.common.destination import Destination

    from engines.finding import Finding
    from ontime.settings import Settings

# a file's name tells the load that brought it
LAYOUT: Final = "{table_name}/{load_id}.{file_id}.{ext}"
LOADS: Final = "_dlt_loads"
LOADS_COLUMNS: Final = (
    "{load_id: 'varchar', schema_name: 'varchar', status: 'bigint', inserted_at: 'timestamptz',"
    " schema_version_hash: 'varchar'}"
)
LOCK_FILE: Final = "raw.lock"


class SparkEngine:
    """Two folders of Parquet files, which need no running Spark to be written and read; see `Engine`."""

    file_format: LoaderFileFormat = "parquet"

    def destination(self, settings: Settings, connection: duckdb.DuckDBPyConnection) -> Destination[Any, Any]:  # noqa: ARG002 - as `Engine` has it
        """A folder for dlt, which names a load as complete when all of its files are there."""
        import dlt  # noqa: PLC0415 - takes a second, and a run that finds nothing new does not need it

        return dlt.destinations.filesystem(str(raw_folder(settings)), layout=LAYOUT)

    @contextmanager
    def open_raw(
        self, settings: Settings, progress: Progress, *, read_only: bool
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """See the files as tables; see `Engine.open_raw`."""
        folder = raw_folder(settings)
        if read_only and not folder.exists():
            raise NotYetError(f"{folder} does not exist", remedy="nothing is loaded yet, run ontime ingest")
        with ExitStack() as stack:
            if not read_only:
                folder.mkdir(parents=True, exist_ok=True)
                lock = folder.with_name(LOCK_FILE)
                stack.enter_context(exclusive_lock(lock, settings.lock_timeout_seconds, progress, "ingest"))
                _remove_unfinished(folder)
            connection = stack.enter_context(connect_in_memory(settings))
            _see_raw(connection, folder)
            yield connection

    @contextmanager
    def open_warehouse(self, settings: Settings, progress: Progress) -> Iterator[duckdb.DuckDBPyConnection]:  # noqa: ARG002 - as `Engine` has it
        """See the files of the built tables; see `Engine.open_warehouse`. Views are Spark's alone."""
        folder = warehouse_folder(settings)
        if not (folder / "marts.db" / "fct_flights").exists():
            raise NotYetError(f"{folder} holds no marts", remedy="build them first with dbt build")
        with connect_in_memory(settings) as connection:
            for table in sorted(path for path in folder.glob("*.db/*") if path.is_dir()):
                _see_table(connection, table)
            yield connection

    def refresh(self, connection: duckdb.DuckDBPyConnection) -> None:
        """See the files that came."""
        ((folder,),) = connection.execute("select getvariable('raw_folder')").fetchall()
        _see_raw(connection, Path(folder))

    def append(self, connection: duckdb.DuckDBPyConnection, table: str, select: str) -> None:
        """Write a file, whose name makes it part of the table when it is whole; see `Engine.append`."""
        ((folder, load_id),) = connection.execute(
            f"select getvariable('raw_folder'), min(_dlt_load_id) from ({select})"
        ).fetchall()
        path = Path(folder, *table.split("."), f"{load_id}.{uuid.uuid4().hex}.parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        try:
            connection.execute(f"copy ({select}) to {quote_sql(str(new))} (format parquet)")
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)

    def give_raw(self, settings: Settings, path: Path, version: int | None = None) -> int | None:  # noqa: ARG002 - as `Engine` has it
        """Copy the raw schemas, of which no older state is kept; see `Engine.give_raw`."""
        with self.open_raw(settings, lambda _line: None, read_only=True) as connection:
            copy_raw(connection, path)
        return None

    def findings(self, settings: Settings) -> Iterator[Finding]:
        """The adapter, Java, the master and the folders; see `Engine.findings`."""
        yield from package_findings("spark", "dbt-spark", "pyspark")
        yield from java_findings()
        yield from master_findings(settings)
        yield from extension_findings()
        folder = str(spark_folder(settings))
        yield writable(folder, {}, "ONTIME_SPARK_DIR")
        yield from disk_findings(folder)


def spark_folder(settings: Settings) -> Path:
    """Where raw and what Spark builds stand; every worker of a cluster sees it by the same path."""
    return (settings.spark_dir or settings.data_dir / "spark").absolute()


def raw_folder(settings: Settings) -> Path:
    """The Parquet files of the raw schemas, a folder a schema and table."""
    return spark_folder(settings) / "raw"


def warehouse_folder(settings: Settings) -> Path:
    """The Parquet files of the tables that dbt builds."""
    return spark_folder(settings) / "warehouse"


def _see_raw(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Make each raw table a view of the files of completed loads: others may be cut off in the middle."""
    connection.execute("set variable raw_folder = ?", [str(folder)])
    for dataset in _datasets(folder):
        completed = _completed_loads(dataset)
        if completed:
            loads = quote_sql(f"{dataset}/{LOADS}/*.jsonl")
            # one that was cut off while it was written tells of no load
            rows = f"read_ndjson({loads}, columns = {LOADS_COLUMNS}, ignore_errors = true)"
            _make_view(connection, dataset.name, LOADS, rows)
        for table in _tables(dataset):
            files = [quote_sql(str(path)) for path in sorted(table.glob("*.parquet")) if _load_id(path) in completed]
            if files:
                rows = f"read_parquet([{', '.join(files)}], union_by_name = true)"
                _make_view(connection, dataset.name, table.name, rows)


def _remove_unfinished(folder: Path) -> None:
    """Remove the files of loads that did not complete."""
    for dataset in _datasets(folder):
        completed = _completed_loads(dataset)
        for path in (path for table in _tables(dataset) for path in table.iterdir()):
            if path.suffix != ".parquet" or _load_id(path) not in completed:
                path.unlink()


def _datasets(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir())


def _tables(dataset: Path) -> list[Path]:
    return sorted(path for path in dataset.iterdir() if path.is_dir() and not path.name.startswith("_dlt_"))


def _completed_loads(dataset: Path) -> frozenset[str]:
    """Ids of the loads of a schema that completed."""
    completed = set()
    for path in (dataset / LOADS).glob("*.jsonl"):
        try:
            load = json.loads(path.read_text())
        except json.JSONDecodeError:
            continue
        if load["status"] == 0:
            completed.add(load["load_id"])
    return frozenset(completed)


def _see_table(connection: duckdb.DuckDBPyConnection, table: Path) -> None:
    """A table that Spark wrote: files, or folders of them by the value of a column."""
    for pattern in ("*.parquet", "*=*/*.parquet"):
        if any(table.glob(pattern)):
            files = quote_sql(f"{table}/{pattern}")
            rows = f"read_parquet({files}, hive_partitioning = {'true' if '=' in pattern else 'false'})"
            _make_view(connection, table.parent.name.removesuffix(".db"), table.name, rows)


def _make_view(connection: duckdb.DuckDBPyConnection, schema: str, name: str, rows: str) -> None:
    connection.execute(f"create schema if not exists {quoted(schema)}")
    connection.execute(f"create or replace view {quoted(schema)}.{quoted(name)} as from {rows}")


def _load_id(path: Path) -> str:
    """`1700000000.5.0a1b.parquet` is of load 1700000000.5."""
    seconds, fraction, *_ = path.name.split(".")
    return f"{seconds}.{fraction}"
