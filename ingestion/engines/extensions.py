"""DuckDB's extensions, from the wheels that set-up installed: nothing is downloaded."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ingestion.csv_reader import quote_sql
from ingestion.source import IngestError

if TYPE_CHECKING:
    import duckdb

EXTENSIONS: Final = ("postgres_scanner", "ducklake", "httpfs")


def extension_file(name: str) -> Path:
    """The file of an extension, for the DuckDB that is installed.

    Raises:
        IngestError: If there is no wheel of it, or one for another DuckDB.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    package = f"duckdb_extension_{name}"
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise IngestError(f"DuckDB's extension {name} is not installed: run make run")
    path = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not path.exists():
        raise IngestError(f"DuckDB's extension {name} is not one for DuckDB {duckdb.__version__}: run make run")
    return path


def load_extensions(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Load extensions into a connection, straight from their wheels.

    Raises:
        IngestError: If one is not installed.
    """
    connection.execute("set autoinstall_known_extensions = false")
    for name in names:
        connection.execute(f"load {quote_sql(str(extension_file(name)))}")


def install_extensions(*names: str) -> None:
    """Put extensions where every DuckDB of this user finds them by name, as dbt does.

    Args:
        names: Which; without any, all that the project uses.

    Raises:
        IngestError: If one is not installed as a wheel.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    with duckdb.connect() as connection:
        installed = dict(
            connection.execute(
                "select extension_name, extension_version from duckdb_extensions() where installed"
            ).fetchall()
        )
        for name in names or EXTENSIONS:
            path = extension_file(name)
            if name not in installed:
                connection.execute(f"install {quote_sql(str(path))}")
