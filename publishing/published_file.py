"""`ontime publish`: what consumers read, as a file of its own that is only ever replaced as a whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engines.builds import verify_builds
from engines.duckdb_file import open_duckdb
from engines.relations import Relation, public_relations
from engines.targets import open_warehouse
from feature_store.registry.catalogue import load_catalogue
from feature_store.registry.stored import write_catalogue
from ontime.artifacts import target_folder
from ontime.disk_faults import disk_fault
from ontime.errors import OntimeError
from ontime.locks import exclusive_lock
from ontime.rights import make_data_folders
from ontime.scratch import work_folder
from ontime.settings import Settings
from ontime.sql import quote_sql, quoted

if TYPE_CHECKING:
    import duckdb

LOCK_FILE = "publish.lock"
# what is wrong with the data: without rows once it is mended
FAULTS: Final = frozenset({"marts.fct_unplaced_flights", "reports.rpt_unplaced_flights", "reports.rpt_data_quality"})


@dataclass(frozen=True)
class Publication:
    """What was published.

    Attributes:
        path: The file.
        tables: Number of rows by table (`marts.fct_flights`).
    """

    path: Path
    tables: dict[str, int]


def publish(
    settings: Settings, progress: Callable[[str], None], *, force: bool = False, allow_empty: bool = False
) -> Publication:
    """Copy the published schemas of the warehouse to a new file, and put it in the place of the old one.

    The catalogue of features goes with them, so that they can be retrieved from the file alone.

    A reader of the old file keeps what it has open. On any failure the old file stays as it is.

    Args:
        settings: For the databases.
        progress: Shows one line of progress.
        force: Publish what was built in part, too.
        allow_empty: Publish although a table has no rows any more.

    Raises:
        OntimeError: If there is nothing to publish, it was built in part, a table lost all its rows, or the warehouse
            is in use.
    """
    target = settings.published_database
    make_data_folders(settings)
    with (
        exclusive_lock(target.parent / LOCK_FILE, settings.lock_timeout_seconds, progress, "publish"),
        work_folder(settings, "publish"),
    ):
        new = target.with_name(f"{target.name}.new")
        _remove(new)
        try:
            with open_warehouse(settings, progress) as con:
                con.execute("begin")  # one state of the warehouse, whoever builds meanwhile
                relations = public_relations(con)
                if not force:
                    verify_builds(con, relations)
                if not allow_empty:
                    verify_rows(con, relations, _published_rows(settings))
                tables = _copy(con, relations, new, progress)
            new.replace(target)
            keep_manifest(target.parent)
        finally:
            _remove(new)
    return Publication(target, tables)


def keep_manifest(folder: Path) -> None:
    """Keep in a folder what dbt last read of the project, for `dbt build --select state:modified+ --state FOLDER`."""
    manifest = target_folder() / "manifest.json"
    if manifest.exists():
        new = folder / "manifest.json.new"
        shutil.copyfile(manifest, new)
        new.replace(folder / "manifest.json")


def verify_rows(con: duckdb.DuckDBPyConnection, relations: list[Relation], published: Mapping[str, int]) -> None:
    """Refuse to take from readers all rows of a table.

    Args:
        con: Has the warehouse in its current database.
        relations: What is to be published.
        published: Rows of what is published, by table.

    Raises:
        OntimeError: If a table that had rows has none, or is no more.
    """
    found = {str(relation): relation for relation in relations}
    for name, rows in published.items():
        has_rows = name in found and con.execute(f"select 1 from {found[name].sql} limit 1").fetchall()
        if rows and name not in FAULTS and not has_rows:
            raise OntimeError(
                f"{name} has {rows:,} rows in the published copy and none now",
                remedy="run dbt build again, or publish all the same with --allow-empty",
            )


def _published_rows(settings: Settings) -> dict[str, int]:
    """The rows of what is published, by table; none of a file that cannot be read, as it is to be replaced."""
    path = settings.published_database
    if not path.exists():
        return {}
    try:
        at_once = settings.model_copy(update={"lock_timeout_seconds": 0})
        with open_duckdb(path, at_once, lambda _line: None, read_only=True) as connection:
            return {
                str(relation): connection.execute(f"select count(*) from {relation.sql}").fetchall()[0][0]
                for relation in public_relations(connection)
            }
    except OntimeError:
        return {}


def _copy(
    con: duckdb.DuckDBPyConnection, relations: list[Relation], new: Path, progress: Callable[[str], None]
) -> dict[str, int]:
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    (source,) = con.execute("select current_database()").fetchall()[0]
    tables = {}
    try:
        con.execute(f"attach {quote_sql(str(new))} as published (read_write)")
        for relation in relations:
            progress(f"publishing {relation}")
            con.execute(f"create schema if not exists published.{quoted(relation.schema)}")
            tables[str(relation)] = _copy_relation(con, source, relation)
        write_catalogue(con, load_catalogue(), "published")
        con.execute("commit")
        con.execute("detach published")
    except duckdb.Error as error:
        reason = disk_fault(error) or str(error).strip().splitlines()[0]
        raise OntimeError(f"nothing was published: {reason}") from error
    return tables


def _copy_relation(con: duckdb.DuckDBPyConnection, source: str, relation: Relation) -> int:
    table = f"published.{relation.sql}"
    copied = con.execute(f"create table {table} as select * from {quoted(source)}.{relation.sql}").fetchall()[0][0]
    if relation.comment:
        con.execute(f"comment on table {table} is {quote_sql(relation.comment)}")
    for column, comment in relation.column_comments.items():
        con.execute(f"comment on column {table}.{quoted(column)} is {quote_sql(comment)}")
    return int(copied)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
