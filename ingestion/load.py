"""Files of rows into the raw tables: one dlt package, all or nothing, and no row ever in Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.targets import engine as find_engine
from ingestion.package import COPY_OPTIONS, Exported
from ingestion.raw.lineage import stored_columns
from ingestion.working_folder import working_folder
from ontime.disk_faults import disk_fault
from ontime.errors import OntimeError
from ontime.schemas import dataset_name
from ontime.settings import Settings
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb
    from dlt.common.schema.typing import TColumnSchema, TSchemaContractDict
    from dlt.extract import DltResource, DltSource

    from engines.engine import LoaderFileFormat
    from ingestion.raw.tables import RawTable

# where dlt finds `.dlt/config.toml`, whatever the working directory
PROJECT_FOLDER = Path(__file__).parents[1]
PIPELINE_NAME = "ontime_{source}"


def load_package(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    source: str,
    tables: tuple[RawTable, ...],
    export: Callable[[Path, str], Exported],
) -> None:
    """Load a package into the raw schema of a source, whole or not at all.

    Args:
        settings: For the target and the working folder.
        connection: The open raw database.
        source: Name of the source.
        tables: The schema's tables.
        export: Makes the files of rows in a folder, for a load id.

    Raises:
        OntimeError: If the package could not be loaded.
    """
    os.environ.setdefault("DLT_PROJECT_DIR", str(PROJECT_FOLDER))
    import dlt  # noqa: PLC0415 - takes a second, and a run that finds nothing new does not need it
    from dlt.pipeline.exceptions import PipelineStepFailed  # noqa: PLC0415

    name = PIPELINE_NAME.format(source=source)
    engine = find_engine(settings)
    with working_folder(settings, name) as folder:
        pipeline = dlt.pipeline(
            pipeline_name=name,
            pipelines_dir=str(folder.state),
            destination=engine.destination(settings, connection),
            dataset_name=dataset_name(source),
        )
        # Two threads take twice the processor time and memory of one to append the same rows.
        connection.execute("set threads = 1")
        try:
            pipeline.run(
                _dlt_source(source, tables, engine.file_format, lambda load_id: export(folder.export, load_id))
            )
        except PipelineStepFailed as error:
            raise OntimeError(f"nothing of the package was loaded: {_cause(error)}", where=source) from error
        finally:
            connection.execute(f"set threads = {int(settings.threads)}")
            engine.refresh(connection)


def create_tables(
    settings: Settings, connection: duckdb.DuckDBPyConnection, source: str, tables: tuple[RawTable, ...]
) -> None:
    """Make a source's tables, or the columns that they lack, by loading a package without rows.

    Raises:
        OntimeError: If they could not be made.
    """
    file_format = find_engine(settings).file_format

    def export(folder: Path, _load_id: str) -> Exported:
        return {table.name: [(_empty_file(connection, table, folder, file_format), 0)] for table in tables}

    load_package(settings, connection, source, tables, export)


def _dlt_source(
    source: str, tables: tuple[RawTable, ...], file_format: LoaderFileFormat, export: Callable[[str], Exported]
) -> DltSource:
    import dlt  # noqa: PLC0415

    exported: Exported | None = None

    def files(table: RawTable) -> Iterator[Any]:
        nonlocal exported
        if exported is None:
            exported = export(dlt.current.load_package_state()["load_id"])
        for path, count in exported.get(table.name, []):
            yield dlt.mark.with_file_import(str(path), file_format, count)

    contract: TSchemaContractDict = {"tables": "evolve", "columns": "evolve", "data_type": "freeze"}

    @dlt.source(name=source, schema_contract=contract, max_table_nesting=0)
    def resources() -> Iterator[DltResource]:
        for table in tables:
            yield dlt.resource(files, name=table.name, columns=_hints(table), write_disposition="append")(table)

    return resources()


def _hints(table: RawTable) -> list[TColumnSchema]:
    hints: list[TColumnSchema] = []
    for column in stored_columns(table):
        hint: TColumnSchema = {"name": column.name, "data_type": column.data_type, "nullable": True}
        if column.data_type == "timestamp":
            hint["timezone"] = False
        hints.append(hint)
    return hints


def _empty_file(
    connection: duckdb.DuckDBPyConnection, table: RawTable, folder: Path, file_format: LoaderFileFormat
) -> Path:
    path = folder / f"{table.name}.{file_format}"
    values = ", ".join(f"null::{column.duckdb_type} as {column.name}" for column in stored_columns(table))
    connection.execute(f"copy (select {values} where false) to {quote_sql(str(path))} ({COPY_OPTIONS[file_format]})")
    return path


def _cause(error: BaseException) -> str:
    if full := disk_fault(error):
        return full
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().splitlines()[0]
