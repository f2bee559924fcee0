"""The published manifest: which snapshots a publication is made of, and what they were made from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

HISTORY: Final = "iceberg"


class PublishedTable(BaseModel):
    """A table of a publication.

    Attributes:
        snapshot_id: Its snapshot in the catalog.
        rows: Rows of that.
        training_set: The training set that it holds, if it does.
        content_sha256: The content of that, as its receipt has it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    snapshot_id: int
    rows: int
    training_set: str | None = None
    content_sha256: str | None = None


class Manifest(BaseModel):
    """A publication: all its tables were made from the same state of the warehouse.

    Attributes:
        publication: Its id, which each snapshot's summary holds as `ontime.publication`.
        published_at: When it was complete (UTC).
        catalog: Address of the catalog.
        warehouse: The catalog's warehouse.
        git_commit: Commit of the project, with `-dirty` where files differed from it; none outside a repository.
        target: The dbt target that built it.
        built_at: When dbt last wrote it (UTC).
        raw_loads: The loads that had completed by then, by raw schema.
        tables: The tables, by namespace and name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    publication: str
    published_at: datetime
    catalog: str
    warehouse: str | None
    git_commit: str | None
    target: str
    built_at: datetime | None
    raw_loads: dict[str, list[str]]
    tables: dict[str, PublishedTable]

    @classmethod
    def read(cls, path: Path) -> Manifest | None:
        """The newest publication, none before the first or where its manifest cannot be read."""
        try:
            return cls.model_validate_json(path.read_text())
        except (OSError, ValueError):
            return None

    def write(self, path: Path) -> None:
        """Put it in the place of the newest, and beside all earlier ones."""
        text = self.model_dump_json(indent=2) + "\n"
        kept = path.with_name(HISTORY) / f"{self.published_at:%Y-%m-%dT%H-%M-%S.%fZ}.json"
        kept.parent.mkdir(parents=True, exist_ok=True)
        for place in (kept, path):
            new = place.with_suffix(".new")
            new.write_text(text)
            new.replace(place)
