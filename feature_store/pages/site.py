"""All pages as one folder of files, to be opened from disk or served."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from feature_store.pages.columns import PAGE, Column, ColumnLineage, draw_columns
from feature_store.pages.lineage import RAW, SEEDS, TRAINING, Lineage
from feature_store.pages.table_states import TableState, read_state
from feature_store.pages.usage import feature_name, models_that_take, read_saved_models, read_use
from feature_store.questions import load_questions
from feature_store.registry.catalogue import Catalogue
from feature_store.registry.compiler import compile_tables
from feature_store.registry.listing import span
from feature_store.registry.manifest import read_manifest
from feature_store.sources import open_source
from ontime.artifacts import target_folder
from ontime.errors import OntimeError
from ontime.project import project_folder

if TYPE_CHECKING:
    from feature_store.registry.catalogue import Feature, FeatureTable
    from ontime.settings import Settings

FOLDER: Final = "site"
DBT_DOCS: Final = "dbt"
COLUMNS: Final = "lineage"
# where dbt's page takes what it shows
MANIFEST_PLACE: Final = '"MANIFEST.JSON INLINE DATA"'
CATALOG_PLACE: Final = '"CATALOG.JSON INLINE DATA"'
NO_CATALOG: Final = '{"metadata": {}, "nodes": {}, "sources": {}}'


@dataclass(frozen=True)
class Site:
    """What was written.

    Attributes:
        start: The start page.
        features: How many features have a page.
    """

    start: Path
    features: int


def site_folder() -> Path:
    """Where the pages stand: in dbt's target folder.

    Raises:
        OntimeError: There is no project.
    """
    return project_folder() / target_folder() / FOLDER


def build_site(settings: Settings, tell: Callable[[str], None]) -> Site:
    """Write the pages; those that were there are replaced in one step.

    Args:
        settings: For the target, and the folder of the saved models.
        tell: Is told what the pages lack, and of waits.

    Raises:
        OntimeError: There is no project, or it says too little of its features.
    """
    manifest = _with_compiled_sql(read_manifest())
    folder = site_folder()
    with _replacing(folder) as new:
        catalog = folder.parent / "catalog.json"
        _write_dbt_docs(manifest, catalog, new / DBT_DOCS)
        columns = _draw_columns(manifest, catalog, new / COLUMNS, tell)
        catalogue = Catalogue(compile_tables(manifest))
        states = _read_states(settings, catalogue, tell)
        _write_pages(_Pages(settings, manifest, catalogue, states, columns), new)
    return Site(folder / PAGE, sum(len(table.features) for table in catalogue.tables))


def _with_compiled_sql(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest, with the SQL that was last built where dbt has only parsed the project since."""
    compiled = project_folder() / target_folder() / "compiled"
    for node in manifest["nodes"].values():
        path = compiled / node["package_name"] / node["original_file_path"]
        if not node.get("compiled_code") and path.suffix == ".sql" and path.is_file():
            node["compiled_code"] = path.read_text()
    return manifest


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    for name in (DBT_DOCS, COLUMNS):
        (new / name).mkdir(parents=True)
    yield new
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)


def _write_dbt_docs(manifest: dict[str, Any], catalog: Path, folder: Path) -> None:
    """Write dbt's page with all that it shows in it, as `dbt docs generate --static` makes it."""
    from dbt.task.docs import DOCS_INDEX_FILE_PATH  # noqa: PLC0415 - slow to import, and `--help` does not need it

    page = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    known = catalog.read_text() if catalog.exists() else NO_CATALOG
    for place, data in ((MANIFEST_PLACE, json.dumps(manifest)), (CATALOG_PLACE, known)):
        # a text in it is not to end the script that it stands in
        page = page.replace(place, data.replace("</", "<\\/"))
    (folder / PAGE).write_text(page, encoding="utf-8")


def _draw_columns(
    manifest: dict[str, Any], catalog: Path, folder: Path, tell: Callable[[str], None]
) -> ColumnLineage | None:
    try:
        return draw_columns(manifest, catalog, folder)
    except OntimeError as error:
        tell(f"without the lineage of columns: {error}")
        shutil.rmtree(folder)
        return None


def _read_states(settings: Settings, catalogue: Catalogue, tell: Callable[[str], None]) -> dict[str, TableState]:
    states = {}
    try:
        with open_source(settings, None, tell) as connection:
            for table in catalogue.tables:
                states[table.name] = read_state(connection, table)
    except OntimeError as error:
        tell(f"without freshness and null shares of all tables: {error}")
    return states


class _Pages:
    """What the pages show, looked up once."""

    def __init__(
        self,
        settings: Settings,
        manifest: dict[str, Any],
        catalogue: Catalogue,
        states: dict[str, TableState],
        columns: ColumnLineage | None,
    ) -> None:
        self.catalogue, self.states, self.columns = catalogue, states, columns
        self.lineage = Lineage(manifest)
        self.uses = [read_use(question, catalogue) for question in load_questions()]
        self._models = read_saved_models(settings.serve_model)
        self._nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}

    def shared(self) -> dict[str, Any]:
        """What all pages may use."""
        return {
            "catalogue": self.catalogue,
            "states": self.states,
            "uses": self.uses,
            # of the questions whose examples dbt builds
            "kept": {each.name: each for each in self.lineage.relations.values() if each.layer == TRAINING},
            "span": span,
            "made_at": datetime.now(UTC),
            "has_columns": self.columns is not None,
        }

    def of_table(self, table: FeatureTable) -> dict[str, Any]:
        """What the page of a table shows."""
        node = self._nodes[table.name]
        unique_id = node["unique_id"]
        return {
            "table": table,
            "relation": self.lineage.relations[unique_id],
            "state": self.states.get(table.name),
            "expected": node["config"]["meta"]["feature_store"].get("freshness", {}).get("warn_after"),
            "layers": self.lineage.above(unique_id),
            "below": self.lineage.below(unique_id),
            "exposures": self.lineage.exposures(unique_id),
            "table_uses": [use for use in self.uses if any(map(use.features.__contains__, _names(table)))],
        }

    def of_feature(self, table: FeatureTable, feature: Feature) -> dict[str, Any]:
        """What the page of a feature shows beside what its table's does."""
        name = feature_name(table, feature.name)
        column = Column(self._nodes[table.name]["unique_id"], feature.name)
        return {
            "feature": feature,
            "name": name,
            "feature_uses": [use for use in self.uses if name in use.features],
            "models": models_that_take(table, feature, self._models),
            "made_of": self._by_relation(self.columns.made_of(column)) if self.columns else {},
            "raw_columns": self._by_relation(self.columns.reached(column), RAW, SEEDS) if self.columns else {},
        }

    def _by_relation(self, columns: list[Column], *layers: str) -> dict[Any, list[str]]:
        found: dict[Any, list[str]] = {}
        for column in columns:
            relation = self.lineage.relations.get(column.table)
            if relation is not None and (not layers or relation.layer in layers):
                found.setdefault(relation, []).append(column.name)
        return found


def _names(table: FeatureTable) -> list[str]:
    return [feature_name(table, feature.name) for feature in table.features]


def _write_pages(pages: _Pages, folder: Path) -> None:
    environment = Environment(
        loader=PackageLoader("feature_store.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(pages.shared())
    (folder / PAGE).write_text(environment.get_template("start.html").render(root=""), encoding="utf-8")
    of_table, of_feature = environment.get_template("table.html"), environment.get_template("feature.html")
    for table in pages.catalogue.tables:
        shown = pages.of_table(table) | {"root": "../../"}
        own = folder / "features" / table.short_name
        own.mkdir(parents=True)
        (own / PAGE).write_text(of_table.render(shown), encoding="utf-8")
        for feature in table.features:
            text = of_feature.render(shown | pages.of_feature(table, feature))
            (own / f"{feature.name}.html").write_text(text, encoding="utf-8")
