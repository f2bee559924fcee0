"""DuckDB's extensions, from the wheels that set-up installed: nothing is downloaded."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engines.finding import Finding, ok
from ontime.errors import OntimeError
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb

EXTENSIONS: Final = ("postgres_scanner", "ducklake", "httpfs")


def extension_file(name: str) -> Path:
    """The file of an extension, for the DuckDB that is installed.

    Raises:
        OntimeError: If there is no wheel of it, or one for another DuckDB.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    package = f"duckdb_extension_{name}"
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise OntimeError(f"DuckDB's extension {name} is not installed", remedy="run make run")
    path = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not path.exists():
        raise OntimeError(
            f"DuckDB's extension {name} is not one for DuckDB {duckdb.__version__}", remedy="run make run"
        )
    return path


def load_extensions(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Load extensions into a connection, straight from their wheels.

    Raises:
        OntimeError: If one is not installed, or is damaged.
    """
    import duckdb  # noqa: PLC0415

    connection.execute("set autoinstall_known_extensions = false")
    for name in names:
        try:
            connection.execute(f"load {quote_sql(str(extension_file(name)))}")
        except duckdb.Error as error:
            said = str(error).strip().splitlines()[0]
            raise OntimeError(f"DuckDB's extension {name} does not load ({said})", remedy="run make run") from None


def extension_findings(*needed: str) -> Iterator[Finding]:
    """Whether each extension can be loaded from its wheel.

    Args:
        needed: Those without which the target does not work; the others are looked at, too.
    """
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as connection:
        for name in EXTENSIONS:
            check = f"extension {name}"
            try:
                load_extensions(connection, name)
            except OntimeError as error:
                finding = Finding.of(check, error)
                yield finding if name in needed else replace(finding, level="warning")
            else:
                yield ok(check, f"for DuckDB {duckdb.__version__}, loads")


def install_extensions(*names: str) -> None:
    """Put extensions where every DuckDB of this user finds them by name, as dbt does.

    Args:
        names: Which; without any, all that the project uses.

    Raises:
        OntimeError: If one is not installed as a wheel.
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
