"""`ontime publish`: what consumers read, as a file of its own that is only ever replaced as a whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.built import Relation, public_relations, quoted
from ingestion.csv_reader import quote_sql
from ingestion.destinations import open_warehouse
from ingestion.full_disk import full_disk
from ingestion.lock import exclusive_lock
from ingestion.settings import Settings
from ingestion.source import IngestError

if TYPE_CHECKING:
    import duckdb

LOCK_FILE = "publish.lock"
FAILURES = frozenset({"error", "fail", "runtime error", "partial success"})


@dataclass(frozen=True)
class Publication:
    """What was published.

    Attributes:
        path: The file.
        tables: Number of rows by table (`marts.fct_flights`).
    """

    path: Path
    tables: dict[str, int]


def publish(settings: Settings, progress: Callable[[str], None], *, force: bool = False) -> Publication:
    """Copy the published schemas of the warehouse to a new file, and put it in the place of the old one.

    A reader of the old file keeps what it has open. On any failure the old file stays as it is.

    Args:
        settings: For the databases.
        progress: Shows one line of progress.
        force: Publish although the last dbt command failed.

    Raises:
        IngestError: If there is nothing to publish, the last dbt command failed, or the warehouse is in use.
    """
    if not force:
        verify_last_build(run_results_path())
    target = settings.published_database
    target.parent.mkdir(parents=True, exist_ok=True)
    with exclusive_lock(target.parent / LOCK_FILE, settings.lock_timeout_seconds, progress, "publish"):
        new = target.with_name(f"{target.name}.new")
        _remove(new)
        try:
            tables = _copy(settings, new, progress)
            new.replace(target)
        finally:
            _remove(new)
    return Publication(target, tables)


def run_results_path() -> Path:
    """Where dbt tells of its last command."""
    return Path(os.environ.get("DBT_TARGET_PATH", "target")) / "run_results.json"


def verify_last_build(run_results: Path) -> None:
    """Refuse to publish what a failed dbt command left.

    Raises:
        IngestError: If a node of the last dbt command failed.
    """
    if not run_results.exists():
        return
    try:
        results = json.loads(run_results.read_text())["results"]
    except (json.JSONDecodeError, KeyError, OSError):
        raise IngestError(f"{run_results} cannot be read: run dbt build again") from None
    failed = [result["unique_id"] for result in results if result["status"] in FAILURES]
    if failed:
        raise IngestError(
            f"the last dbt command failed ({len(failed)} nodes, first {failed[0]}): run dbt build again, "
            "or publish all the same with --force"
        )


def _copy(settings: Settings, new: Path, progress: Callable[[str], None]) -> dict[str, int]:
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    with open_warehouse(settings, progress) as con:
        (source,) = con.execute("select current_database()").fetchall()[0]
        relations = public_relations(con)
        tables = {}
        try:
            con.execute(f"attach {quote_sql(str(new))} as published (read_write)")
            for relation in relations:
                progress(f"publishing {relation}")
                con.execute(f"create schema if not exists published.{quoted(relation.schema)}")
                tables[str(relation)] = _copy_relation(con, source, relation)
            con.execute("detach published")
        except duckdb.Error as error:
            reason = full_disk(error) or str(error).strip().splitlines()[0]
            raise IngestError(f"nothing was published: {reason}") from error
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
