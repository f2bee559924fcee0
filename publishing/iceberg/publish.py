"""`ontime publish iceberg`: what consumers read, and the training sets, as Iceberg tables of one publication."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import duckdb

from engines.builds import built_at, held_until, verify_builds
from engines.relations import public_relations
from engines.targets import open_raw, open_warehouse
from feature_store.registry import stored
from feature_store.registry.catalogue import load_catalogue
from feature_store.training_sets.receipt import TrainingSet, whole_training_sets
from ingestion.ops import utc_now
from ingestion.provenance import LoadSet, git_commit, loads_of
from ontime.console import first_line
from ontime.errors import OntimeError
from ontime.locks import exclusive_lock
from ontime.rights import make_data_folders
from ontime.schemas import READ_SCHEMAS
from ontime.scratch import work_folder
from ontime.sql import quote_sql
from publishing.iceberg.catalog import connect, refusals_told
from publishing.iceberg.manifest import Manifest, PublishedTable
from publishing.iceberg.table import StagedTable, stage
from publishing.published_file import LOCK_FILE, verify_rows

if TYPE_CHECKING:
    from datetime import datetime

    from pyiceberg.catalog.rest import RestCatalog

    from engines.relations import Relation
    from ontime.settings import Settings

TRAINING_SETS: Final = "training_sets"
FEATURES: Final = "features"
BATCH_ROWS: Final = 100_000


@dataclass(frozen=True)
class _Source:
    """Rows to publish: from where, to which table, and what is known about them."""

    namespace: str
    name: str
    select: str
    comment: str | None = None
    column_comments: dict[str, str] = field(default_factory=dict)
    training_set: TrainingSet | None = None

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}"


@dataclass(frozen=True)
class _Origin:
    """What the warehouse was made of."""

    built_at: datetime | None
    git_commit: str | None
    raw_loads: dict[str, list[str]]


def publish(
    settings: Settings, progress: Callable[[str], None], *, force: bool = False, allow_empty: bool = False
) -> Manifest:
    """Write marts, reports, features and training sets to the catalog, and name their snapshots in the manifest.

    All files are written before the first table changes. Whatever fails, the manifest names the snapshots of the last
    publication that was complete, and these stay readable.

    Args:
        settings: For the target and the catalog.
        progress: Shows one line of progress.
        force: Publish what was built in part, too.
        allow_empty: Publish although a table has no rows any more.

    Raises:
        OntimeError: If there is nothing to publish, it was built in part, a table lost all its rows, the warehouse is
            in use, or the catalog or the server of its files refuses something.
    """
    path = settings.published_manifest
    make_data_folders(settings)
    with (
        exclusive_lock(path.parent / LOCK_FILE, settings.lock_timeout_seconds, progress, "publish"),
        work_folder(settings, "publish"),
    ):
        catalog = connect(settings)
        publication = uuid.uuid4().hex
        with open_warehouse(settings, progress) as connection:
            connection.execute("begin")  # one state of the warehouse, whoever builds meanwhile
            relations = public_relations(connection)
            if not force:
                verify_builds(connection, relations)
            if not allow_empty:
                verify_rows(connection, relations, _published_rows(settings))
            sources = [
                *_relation_sources(relations),
                *_catalogue_sources(connection, relations),
                *_training_set_sources(settings),
            ]
            origin = _origin(settings, connection, relations, progress)
            staged = _stage_all(settings, connection, catalog, sources, publication, origin, progress)
        with refusals_told(settings):
            for source, table in staged:
                progress(f"committing {source}")
                table.transaction.commit_transaction()
        manifest = Manifest(
            publication=publication,
            published_at=utc_now(),
            catalog=str(settings.iceberg_uri),
            warehouse=settings.iceberg_warehouse,
            git_commit=origin.git_commit,
            target=settings.target,
            built_at=origin.built_at,
            raw_loads=origin.raw_loads,
            tables={str(source): _published(source, table) for source, table in staged},
        )
        manifest.write(path)
    return manifest


def _stage_all(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    catalog: RestCatalog,
    sources: list[_Source],
    publication: str,
    origin: _Origin,
    progress: Callable[[str], None],
) -> list[tuple[_Source, StagedTable]]:
    summary = {"ontime.publication": publication, "ontime.git-commit": origin.git_commit or "none"}
    staged = []
    with refusals_told(settings):
        for namespace in dict.fromkeys(source.namespace for source in sources):
            catalog.create_namespace_if_not_exists(namespace)
        for source in sources:
            progress(f"writing {source}")
            table = _stage(connection, catalog, source, summary)
            if table.changes:
                progress(f"{source}: columns {table.changes}")
            staged.append((source, table))
    return staged


def _stage(
    connection: duckdb.DuckDBPyConnection, catalog: RestCatalog, source: _Source, summary: dict[str, str]
) -> StagedTable:
    try:
        rows = connection.execute(source.select).to_arrow_reader(BATCH_ROWS)
    except duckdb.Error as error:
        raise OntimeError(f"nothing was published: {source} cannot be read: {first_line(error)}") from error
    with rows:
        identifier = (source.namespace, source.name)
        return stage(catalog, identifier, rows, source.comment, source.column_comments, summary)


def _origin(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    relations: list[Relation],
    progress: Callable[[str], None],
) -> _Origin:
    loads = LoadSet(held_until(connection, relations))
    with open_raw(settings, progress, read_only=True) as raw:
        return _Origin(built_at(connection), git_commit(), loads_of(raw, loads))


def _published_rows(settings: Settings) -> dict[str, int]:
    """The rows of what is published in this catalog, by table of the warehouse."""
    newest = Manifest.read(settings.published_manifest)
    if newest is None or (newest.catalog, newest.warehouse) != (str(settings.iceberg_uri), settings.iceberg_warehouse):
        return {}
    return {name: table.rows for name, table in newest.tables.items() if name.partition(".")[0] in READ_SCHEMAS}


def _relation_sources(relations: list[Relation]) -> Iterator[_Source]:
    for relation in relations:
        select = f"select * from {relation.sql}"
        yield _Source(relation.schema, relation.name, select, relation.comment, relation.column_comments)


def _catalogue_sources(connection: duckdb.DuckDBPyConnection, relations: list[Relation]) -> Iterator[_Source]:
    """What the tables of features are, with their maximum ages, where there are any."""
    if any(relation.schema == FEATURES for relation in relations):
        for name, rows in stored.tabulate(load_catalogue()).items():
            connection.register(f"published_{name}", rows)
            yield _Source(stored.SCHEMA, name, f"select * from published_{name}", stored.COMMENTS[name])


def _training_set_sources(settings: Settings) -> Iterator[_Source]:
    """Each set as a table of its parts, under a name that needs no quotes."""
    taken: set[str] = set()
    for found in whole_training_sets(settings):
        name = re.sub("[^a-z0-9]+", "_", found.name.lower()).strip("_")
        if not name or name in taken:
            raise OntimeError(
                f"the table {TRAINING_SETS}.{name} would be another's, too; make the set again under another name",
                where=f"training set {found.name}",
            )
        taken.add(name)
        parts = (
            f"select {quote_sql(part)} as part, * from read_parquet({quote_sql(str(file))})"
            for part, file in found.parts.items()
        )
        comment = f"Training set {found.name}, its parts train, validation and test one after another."
        yield _Source(TRAINING_SETS, name, " union all ".join(parts), comment, training_set=found)


def _published(source: _Source, table: StagedTable) -> PublishedTable:
    found = source.training_set
    return PublishedTable(
        snapshot_id=table.snapshot_id,
        rows=table.rows,
        training_set=found.name if found else None,
        content_sha256=found.content_sha256 if found else None,
    )
