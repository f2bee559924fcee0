"""What a training set is made of, so that it can be made again, published and cleaned up after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from feature_store.training_sets.choices import Choices
from feature_store.training_sets.reference import Reference
from ontime.errors import OntimeError
from ontime.files import sha256
from ontime.settings import Settings

RECEIPT_FILE: Final = "receipt.json"
# what no shell, file system or SQL takes for anything else
NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


class Part(BaseModel):
    """A file of the set: its rows in the order of their instants, none later than the next part's first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    sha256: str
    rows: int
    first_prediction_at: datetime | None
    last_prediction_at: datetime | None


class Column(BaseModel):
    """A column of the set: its DuckDB type and the share of its values that are null, 0 to 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    null_share: float


class Receipt(BaseModel):
    """The receipt of a training set.

    Attributes:
        name: Name of the set.
        created_at: When it was made (UTC).
        as_of: Only loads that had completed and labels that were known by this instant (UTC), by the clocks of who
            loaded them; none where nothing was left out for its instant: what a load tells counts, whatever its clock.
        until_load: Number of the newest file that was read, in the order in which files were loaded; none in receipts
            that are older than these numbers.
        git_commit: Commit of the project, with `-dirty` where files differed from it; none outside a repository.
        versions: Versions of the programs that made it.
        choices: What was asked for.
        question_version: SHA-256 of the definition of the question; none in receipts that are older than questions.
        definitions: SHA-256 of each model's compiled SQL and each seed's content, by name.
        raw_loads: Loads that were read, by raw schema.
        lake_snapshot: The snapshot of the lake that they were read from; none on other targets.
        embargo_minutes: Minutes left out before each later part: the longest wait from a prediction to the departure.
        corrected_later: Rows left out of train and validation, as their label was corrected after the next part began.
        parts: train, validation and test.
        columns: The columns, in their order.
        reference: How the features are distributed; none in receipts that are older than `ontime features drift`.
        content_sha256: SHA-256 over the hashes of the parts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    created_at: datetime
    as_of: datetime | None
    until_load: int | None = None
    git_commit: str | None
    versions: dict[str, str]
    choices: Choices
    question_version: str | None = None
    definitions: dict[str, str]
    raw_loads: dict[str, list[str]]
    lake_snapshot: int | None = None
    embargo_minutes: int
    corrected_later: int = 0
    parts: dict[str, Part]
    columns: dict[str, Column]
    reference: Reference | None = None
    content_sha256: str

    @classmethod
    def read(cls, folder: Path) -> Receipt:
        """Read the receipt of a set.

        Raises:
            OntimeError: There is none, or it is no receipt.
        """
        path = folder / RECEIPT_FILE
        if not path.exists():
            raise OntimeError(f"{folder} is no training set: it has no {RECEIPT_FILE}")
        try:
            return cls.model_validate_json(path.read_text())
        except ValueError as error:
            raise OntimeError(
                f"{path} is no receipt of a training set ({str(error).splitlines()[0]})",
                remedy="mend it, or remove the set",
            ) from None

    def write(self, folder: Path) -> None:
        """Write the receipt beside the parts."""
        (folder / RECEIPT_FILE).write_text(self.model_dump_json(indent=2) + "\n")


@dataclass(frozen=True)
class TrainingSet:
    """A training set that is what its receipt says.

    Attributes:
        name: Its name.
        parts: The Parquet file of each part, in the order of time.
        content_sha256: SHA-256 over the hashes of the parts.
    """

    name: str
    parts: dict[str, Path]
    content_sha256: str


def sets_folder(settings: Settings) -> Path:
    """Where training sets stand."""
    return settings.data_dir / "training_sets"


def set_folder(settings: Settings, name: str) -> Path:
    """Where the training set of a name stands, or would.

    Raises:
        OntimeError: If it cannot be the name of one.
    """
    if not NAME.fullmatch(name):
        raise OntimeError(
            f"{name!r} cannot name a training set",
            remedy="use letters, digits, dots, dashes and underscores, at most 100",
        )
    return sets_folder(settings) / name


def named_snapshots(settings: Settings) -> dict[int, list[str]]:
    """The training sets that each snapshot of the lake is needed for, by the snapshot.

    Raises:
        OntimeError: If a receipt cannot be read: nobody knows then what it names.
    """
    named: dict[int, list[str]] = {}
    for path in _receipts(settings):
        snapshot = Receipt.read(path.parent).lake_snapshot
        if snapshot is not None:
            named.setdefault(snapshot, []).append(path.parent.name)
    return named


def whole_training_sets(settings: Settings) -> list[TrainingSet]:
    """The training sets, by name.

    Raises:
        OntimeError: If a receipt cannot be read, or a file is not the one that it tells of.
    """
    found = []
    for path in _receipts(settings):
        receipt = Receipt.read(path.parent)
        parts = {name: path.parent / part.file for name, part in receipt.parts.items()}
        for name, file in parts.items():
            if not file.exists() or sha256(file) != receipt.parts[name].sha256:
                raise OntimeError(f"{file} is not what its receipt says", remedy="make the set again, or remove it")
        found.append(TrainingSet(path.parent.name, parts, receipt.content_sha256))
    return found


def _receipts(settings: Settings) -> list[Path]:
    return sorted(sets_folder(settings).glob(f"*/{RECEIPT_FILE}"))
