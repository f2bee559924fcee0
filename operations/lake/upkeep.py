"""The lake's upkeep: its snapshots, small files merged, old snapshots and their files dropped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from engines.lake.catalog import LAKE, attach, catalog_name
from engines.lake.destination import opened
from engines.lake.lock import locked
from engines.postgres.lock import Work
from feature_store.training_sets.receipt import named_snapshots
from ontime.errors import OntimeError
from ontime.scratch import work_folder
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb

    from engines.engine import Progress
    from ontime.settings import Settings

# no build takes this long, so a file that nothing names after it is what a process that was cut off left
ORPHAN_AGE: Final = timedelta(days=1)
LAKE_TEXT: Final = quote_sql(LAKE)


@dataclass(frozen=True)
class Snapshot:
    """A state of the lake.

    Attributes:
        number: Its id; later ones are greater.
        made_at: When it was made, UTC without zone.
        changes: What it changed, as `tables_inserted_into: 3`.
        named_by: The training sets that were made from it.
    """

    number: int
    made_at: datetime
    changes: str
    named_by: tuple[str, ...]


@dataclass(frozen=True)
class Merge:
    """What a merge did.

    Attributes:
        rows_written: Rows of small inserts, which the catalog held, written to files.
        files_merged: Small files that were merged.
        files_made: Files that they became.
    """

    rows_written: int
    files_merged: int
    files_made: int


@dataclass(frozen=True)
class Expiry:
    """What an expiry did.

    Attributes:
        snapshots: How many were dropped.
        kept: Old snapshots that stayed, as training sets name them.
        files: Data files removed.
    """

    snapshots: int
    kept: tuple[Snapshot, ...]
    files: int


def snapshots(settings: Settings) -> list[Snapshot]:
    """The lake's snapshots, oldest first.

    Raises:
        OntimeError: If the lake cannot be reached.
    """
    with opened(settings) as connection:
        attach(connection, settings, "read_only")
        return _snapshots(connection, settings)


def merge(settings: Settings, progress: Progress) -> Merge:
    """Merge small data files into greater ones; every snapshot stays readable.

    The old files stay until `expire`, as somebody may be reading them.

    Raises:
        OntimeError: If the lake cannot be reached, or an ingest or a build has it for too long.
    """
    with _writing(settings, progress) as connection:
        written = _call(connection, settings, f"ducklake_flush_inlined_data({LAKE_TEXT})")
        merged = _call(connection, settings, f"ducklake_merge_adjacent_files({LAKE_TEXT})")
        return Merge(
            sum(rows for _, _, rows in written),
            sum(files for _, _, files, _ in merged),
            sum(files for _, _, _, files in merged),
        )


def expire(
    settings: Settings, progress: Progress, *, older_than: timedelta, grace: timedelta, keep_named: bool
) -> Expiry:
    """Drop old snapshots, and the data files that none of the others needs.

    The newest snapshot always stays.

    Args:
        settings: For the lake.
        progress: Is told of a wait.
        older_than: The age from which a snapshot is dropped.
        grace: How long files that are no longer needed stay for those who are reading them.
        keep_named: Leave the snapshots that training sets name.

    Raises:
        OntimeError: If a training set names one of the old snapshots and they are not to be kept, the lake cannot be
            reached, or an ingest or a build has it for too long; nothing is dropped then.
    """
    with _writing(settings, progress) as connection:
        limit = datetime.now(UTC).replace(tzinfo=None) - older_than
        old = [snapshot for snapshot in _snapshots(connection, settings)[:-1] if snapshot.made_at < limit]
        kept = tuple(snapshot for snapshot in old if snapshot.named_by)
        if kept and not keep_named:
            raise OntimeError(_refusal(kept))
        dropped = [str(snapshot.number) for snapshot in old if not snapshot.named_by]
        if dropped:
            _call(
                connection,
                settings,
                f"ducklake_expire_snapshots({LAKE_TEXT}, versions => [{', '.join(dropped)}])",
            )
        removed = _call(connection, settings, f"ducklake_cleanup_old_files({LAKE_TEXT}, older_than => {_ago(grace)})")
        orphans = f"ducklake_delete_orphaned_files({LAKE_TEXT}, older_than => {_ago(max(grace, ORPHAN_AGE))})"
        removed += _call(connection, settings, orphans)
        return Expiry(len(dropped), kept, len(removed))


@contextmanager
def _writing(settings: Settings, progress: Progress) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake, with nobody else at work.

    DuckLake drops a snapshot that an open transaction reads, too, and with it what tells that transaction of others'
    changes: one of the two may then be lost without a word.
    """
    with (
        work_folder(settings, "lake"),
        locked(settings, Work.UPKEEP, progress),
        opened(settings) as connection,
    ):
        attach(connection, settings)
        yield connection


def _snapshots(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[Snapshot]:
    named = named_snapshots(settings)
    rows = connection.execute(
        "select snapshot_id, timezone('UTC', snapshot_time), changes"
        f" from ducklake_snapshots({LAKE_TEXT}) order by snapshot_id"
    ).fetchall()
    return [
        Snapshot(number, made_at, _told(changes), tuple(named.get(number, ()))) for number, made_at, changes in rows
    ]


def _told(changes: dict[str, list[str]]) -> str:
    return ", ".join(f"{what.replace('_', ' ')}: {len(things)}" for what, things in changes.items())


def _call(connection: duckdb.DuckDBPyConnection, settings: Settings, function: str) -> list[tuple[Any, ...]]:
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    try:
        return connection.execute(f"call {function}").fetchall()
    except duckdb.Error as error:
        said = str(error).strip().splitlines()[0]
        raise OntimeError(said, where=catalog_name(settings), remedy="try again when no build runs") from None


def _ago(age: timedelta) -> str:
    return f"now() - interval '{int(age.total_seconds())} seconds'"


def _refusal(kept: tuple[Snapshot, ...]) -> str:
    named = "; ".join(f"{snapshot.number} by training set {', '.join(snapshot.named_by)}" for snapshot in kept)
    return (
        f"nothing was dropped, as old snapshots are needed ({named}): remove the sets with ontime training-set remove, "
        "or leave their snapshots with --keep-named"
    )
