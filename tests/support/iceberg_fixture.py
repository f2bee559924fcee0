"""A small warehouse to publish as Iceberg tables, and the two readers that look at what came of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from dbt_project import environment
from pyiceberg.exceptions import NoSuchNamespaceError
from raw_rows import RawData
from s3_fixture import S3

from feature_store.training_sets.choices import Choices
from feature_store.training_sets.receipt import Part, Receipt, sets_folder
from ontime.files import sha256
from ontime.settings import Settings
from publishing.iceberg.manifest import Manifest
from publishing.iceberg.publish import publish

NAMESPACES = ("marts", "reports", "features", "governance", "training_sets")


@dataclass(frozen=True)
class Publisher:
    """A data folder and the catalog that it is published to, which has no tables at first."""

    data_dir: Path
    s3: S3

    @property
    def settings(self) -> Settings:
        with environment(**self.variables):
            return Settings.load()

    @property
    def variables(self) -> dict[str, str]:
        target = str(self.data_dir / "target")
        return {"ONTIME_DATA_DIR": str(self.data_dir), "DBT_TARGET_PATH": target} | self.s3.iceberg_variables

    def with_others(self, **settings: object) -> Settings:
        """The settings, with some of them changed, or None for those that are left out."""
        return Settings.load(**self.settings.model_dump() | settings)

    def build(self, *statements: str) -> None:
        """Change the warehouse as dbt would, making it first."""
        if not self.data_dir.exists():
            self.data_dir.mkdir()
            RawData(self.data_dir)
        with duckdb.connect(str(self.settings.warehouse_database)) as connection:
            for schema in ("staging", "marts", "reports", "features"):
                connection.execute(f"create schema if not exists {schema}")
            for statement in statements:
                connection.execute(statement)

    def make_training_set(self, name: str, select: str) -> Path:
        """A training set of three parts as `ontime training-set create` leaves it, as far as publishing looks."""
        folder = sets_folder(self.settings) / name
        folder.mkdir(parents=True)
        parts = {}
        for part in ("train", "validation", "test"):
            file = folder / f"{part}.parquet"
            duckdb.sql(select.format(part=part)).write_parquet(str(file))
            parts[part] = Part(
                file=file.name, sha256=sha256(file), rows=1, first_prediction_at=None, last_prediction_at=None
            )
        Receipt(
            name=name,
            created_at=datetime(2014, 1, 1),
            as_of=None,
            git_commit=None,
            versions={},
            choices=Choices(horizons_minutes=(120,)),
            definitions={},
            raw_loads={},
            embargo_minutes=0,
            parts=parts,
            columns={},
            content_sha256=f"content of {name}",
        ).write(folder)
        return folder

    def publish(
        self, progress: Callable[[str], None] = print, settings: Settings | None = None, **options: bool
    ) -> Manifest:
        with environment(**self.variables):
            return publish(settings or self.settings, progress, **options)

    def manifest(self) -> Manifest:
        return Manifest.model_validate_json(self.settings.published_manifest.read_text())

    @contextmanager
    def readers(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A DuckDB with the warehouse as `built` and the catalog as `ice`."""
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{self.settings.warehouse_database}' as built (read_only)")
            self.s3.attach(connection, "ice")
            yield connection

    def rows(self, table: str, snapshot_id: int | None = None, columns: str = "*") -> list[tuple]:
        """A snapshot's rows in their order, by both readers, which must agree."""
        with self.readers() as connection:
            return self._rows(connection, table, snapshot_id, columns)

    def contents(self, manifest: Manifest) -> dict[str, list[tuple]]:
        """The rows of all tables of a publication, by both readers."""
        with self.readers() as connection:
            return {name: self._rows(connection, name, table.snapshot_id) for name, table in manifest.tables.items()}

    def _rows(
        self, connection: duckdb.DuckDBPyConnection, table: str, snapshot_id: int | None, columns: str = "*"
    ) -> list[tuple]:
        version = f" at (version => {snapshot_id})" if snapshot_id else ""
        by_duckdb = connection.execute(f"select {columns} from ice.{table}{version} order by all").fetchall()
        arrow = self.s3.catalog().load_table(table).scan(snapshot_id=snapshot_id).to_arrow()
        connection.register("arrow", arrow)
        assert connection.execute(f"select {columns} from arrow order by all").fetchall() == by_duckdb
        return by_duckdb

    def snapshots(self, table: str) -> list[int]:
        """A table's snapshots in the order of their making."""
        return [snapshot.snapshot_id for snapshot in self.s3.catalog().load_table(table).metadata.snapshots]

    def state(self) -> tuple[bytes, dict[str, list[int]]]:
        """The manifest, and the snapshots of all tables."""
        catalog = self.s3.catalog()
        tables = [".".join(table) for space in catalog.list_namespaces() for table in catalog.list_tables(space)]
        return self.settings.published_manifest.read_bytes(), {table: self.snapshots(table) for table in tables}

    def drop_tables(self) -> None:
        catalog = self.s3.catalog()
        for namespace in NAMESPACES:
            try:
                tables = catalog.list_tables(namespace)
            except NoSuchNamespaceError:
                continue
            for table in tables:
                catalog.drop_table(table)
