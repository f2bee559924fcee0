"""The lake's catalog in PostgreSQL and its data files: where they are, and how DuckDB gets to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlparse

from engines.extensions import extension_file, load_extensions
from engines.finding import Finding, ok
from engines.folders import disk_findings, writable
from engines.postgres.connection import OWNER, connect, connection_string, parameters
from ontime.errors import NotYetError, OntimeError
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb

    from ontime.settings import Settings

# views name the database that they read, so whoever attaches the lake gives it this name
LAKE: Final = "lake"
DATABASE: Final = "ontime_lake"
CATALOG_FORM: Final = "postgresql://user@host:5432/database"
KNOWN_PARAMETERS: Final = {"host": "postgres_host", "port": "postgres_port", "user": "postgres_user"}


def catalog_settings(settings: Settings) -> Settings:
    """The settings with the catalog's server and database as those of PostgreSQL.

    Raises:
        OntimeError: If the catalog is no PostgreSQL database, or its text holds a password.
    """
    if settings.lake_catalog is None:
        return settings.model_copy(update={"postgres_database": DATABASE})
    import psycopg2  # noqa: PLC0415 - other targets do without
    from psycopg2.extensions import parse_dsn  # noqa: PLC0415

    name = "setting ONTIME_LAKE_CATALOG"
    try:
        found = parse_dsn(settings.lake_catalog)
    except psycopg2.Error:
        raise OntimeError(f"expected {CATALOG_FORM}; no other catalog than PostgreSQL is offered", where=name) from None
    if "password" in found:
        raise OntimeError("give the password by ONTIME_POSTGRES_PASSWORD or PGPASSFILE, not in here", where=name)
    if strays := sorted(found.keys() - {"dbname", *KNOWN_PARAMETERS}):
        raise OntimeError(f"expected {CATALOG_FORM}; give {', '.join(strays)} by libpq's PG… variables", where=name)
    if not {"host", "dbname"} <= found.keys():
        raise OntimeError(f"expected {CATALOG_FORM}", where=name)
    update = {setting: found[parameter] for parameter, setting in KNOWN_PARAMETERS.items() if parameter in found}
    update["postgres_port"] = int(found.get("port", 5432))
    return settings.model_copy(update=update | {"postgres_database": found["dbname"]})


def data_url(settings: Settings) -> str:
    """Where the data files are: an absolute folder or an s3:// address."""
    if is_remote(settings):
        return str(settings.lake_data_url)
    return str(Path(settings.lake_data_url or settings.data_dir / LAKE).absolute())


def is_remote(settings: Settings) -> bool:
    """Whether the data files are in an object store.

    Raises:
        OntimeError: If it is another than S3, or a key is missing.
    """
    scheme = urlparse(settings.lake_data_url or "").scheme
    if not scheme:
        return False
    if scheme != "s3":
        raise OntimeError("expected a folder or s3://bucket/folder", where="setting ONTIME_LAKE_DATA_URL")
    if settings.lake_s3_access_key is None or settings.lake_s3_secret_key is None:
        raise OntimeError(
            "files in S3 need ONTIME_LAKE_S3_ACCESS_KEY and ONTIME_LAKE_S3_SECRET_KEY",
            where="setting ONTIME_LAKE_DATA_URL",
        )
    return True


def s3_keys(settings: Settings) -> tuple[str, str]:
    """The access key and its secret half."""
    access, secret = settings.lake_s3_access_key, settings.lake_s3_secret_key
    return (access.get_secret_value() if access else "", secret.get_secret_value() if secret else "")


def catalog_name(settings: Settings) -> str:
    """The catalog in messages."""
    found = catalog_settings(settings)
    return f"the lake's catalog {found.postgres_database} at {parameters(found, OWNER)['host']}:{found.postgres_port}"


def extensions(settings: Settings) -> tuple[str, ...]:
    """DuckDB's extensions that see the lake."""
    return ("postgres_scanner", "ducklake", *(("httpfs",) if is_remote(settings) else ()))


def file_findings(settings: Settings) -> Iterator[Finding]:
    """Whether the place of the data files can be reached, and written where it is a folder.

    Raises:
        OntimeError: If a setting is wrong, or the object store does not let us in.
    """
    url = data_url(settings)
    if not is_remote(settings):
        yield writable(url, {}, "ONTIME_LAKE_DATA_URL")
        yield from disk_findings(url)
        return
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    with duckdb.connect() as connection:
        load_extensions(connection, "httpfs")
        connection.execute(_s3_secret(settings))
        try:
            connection.execute(f"select 1 from glob({quote_sql(url.rstrip('/') + '/*')}) limit 1").fetchall()
        except duckdb.Error as error:
            said = str(error).strip().splitlines()[0]
            raise OntimeError(
                f"{url} is out of reach ({said})", remedy="see ONTIME_LAKE_S3_ENDPOINT, the keys and their rights"
            ) from None
    yield ok("lake files", f"{url} can be listed")


def statements(settings: Settings, *options: str) -> list[str]:
    """SQL that makes a DuckDB connection see the lake: extensions from their wheels, keys, and the lake itself.

    Args:
        settings: For the catalog, the data files and their keys.
        options: More options of the attachment.

    Raises:
        OntimeError: If an extension is not installed, or a setting is wrong.
    """
    found = parameters(catalog_settings(settings), OWNER)
    made = ["set autoinstall_known_extensions = false"]
    made += [f"load {quote_sql(str(extension_file(name)))}" for name in extensions(settings)]
    # errors repeat the text of an attachment, so the password stays out of it
    if password := found.pop("password", None):
        made.append(f"create or replace secret __default_postgres (type postgres, password {quote_sql(password)})")
    if is_remote(settings):
        made.append(_s3_secret(settings))
    given = ", ".join((f"metadata_schema {quote_sql(LAKE)}", *options))
    made.append(f"attach {quote_sql(f'ducklake:postgres:{connection_string(found)}')} as {LAKE} ({given})")
    return made


def attach(connection: duckdb.DuckDBPyConnection, settings: Settings, *options: str) -> None:
    """Attach the lake that exists to a connection.

    Args:
        connection: An open DuckDB.
        settings: For the catalog, the data files and their keys.
        options: `read_only`, or `snapshot_version 7`.

    Raises:
        OntimeError: If there is no lake, it cannot be reached, or it is of another version.
    """
    run(connection, settings, statements(settings, "create_if_not_exists false", *options))


def create(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Attach the lake, making it first where there is none.

    Raises:
        OntimeError: If it cannot be reached, is of another version, or has its files elsewhere.
    """
    url = data_url(settings)
    if not is_remote(settings):
        Path(url).mkdir(parents=True, exist_ok=True)
    run(connection, settings, statements(settings, f"data_path {quote_sql(url)}"))


def run(connection: duckdb.DuckDBPyConnection, settings: Settings, sql: list[str]) -> None:
    """Run what `statements` gave.

    Raises:
        OntimeError: As `attach` says.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    try:
        for statement in sql:
            connection.execute(statement)
    except duckdb.Error as error:
        connect(catalog_settings(settings), OWNER).close()  # says why, where the server does not let us in
        raise _refusal(settings, str(error)) from None


def _refusal(settings: Settings, said: str) -> OntimeError:
    """What DuckDB said about an attachment, as an error that tells what to do."""
    name = catalog_name(settings)
    if "explicitly disabled" in said:
        return NotYetError(f"{name} holds no lake", remedy="nothing is loaded yet, run ontime ingest")
    if "version mismatch" in said:
        version = said.partition("catalog version is ")[2].partition(",")[0]
        return OntimeError(
            f"{name} is of format {version}, which the installed DuckLake extension does not read",
            remedy="use the release of this project that wrote it, or a newer one",
        )
    if "does not match existing data path" in said:
        there = said.partition("in the catalog ")[2].partition("\n")[0].strip('". ')
        return OntimeError(
            f"{name} has its files in {there}", remedy="set ONTIME_LAKE_DATA_URL to that, or choose another catalog"
        )
    if "No snapshot found" in said:
        return OntimeError(f"{name} no longer has that snapshot", remedy="see ontime lake snapshots")
    reason = said.strip().splitlines()[0].rpartition("failed: ")[2]
    return OntimeError(f"{name} cannot be used ({reason})")


def _s3_secret(settings: Settings) -> str:
    key_id, secret = s3_keys(settings)
    given = {
        "key_id": key_id,
        "secret": secret,
        "region": settings.lake_s3_region,
        "scope": str(settings.lake_data_url),
    }
    options = ["type s3", *(f"{name} {quote_sql(value)}" for name, value in given.items())]
    if settings.lake_s3_endpoint:
        server = urlparse(settings.lake_s3_endpoint)
        options += [f"endpoint {quote_sql(server.netloc)}", "url_style 'path'"]
        options.append(f"use_ssl {str(server.scheme != 'http').lower()}")
    return f"create or replace secret lake_files ({', '.join(options)})"
