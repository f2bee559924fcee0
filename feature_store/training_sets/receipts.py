"""Training sets as their receipts tell of them, for those who copy them or clean up."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ontime.errors import IngestError
from ontime.files import sha256

if TYPE_CHECKING:
    from ontime.settings import Settings

RECEIPT_FILE: Final = "receipt.json"
# what no shell, file system or SQL takes for anything else
NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


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
        IngestError: If it cannot be the name of one.
    """
    if not NAME.fullmatch(name):
        raise IngestError(
            f"{name!r} cannot name a training set: use letters, digits, dots, dashes and underscores, at most 100"
        )
    return sets_folder(settings) / name


def named_snapshots(settings: Settings) -> dict[int, list[str]]:
    """The training sets that each snapshot of the lake is needed for, by the snapshot.

    Raises:
        IngestError: If a receipt cannot be read: nobody knows then what it names.
    """
    named: dict[int, list[str]] = {}
    for path in _receipts(settings):
        snapshot = _read(path).get("lake_snapshot")
        if snapshot is not None:
            named.setdefault(int(snapshot), []).append(path.parent.name)
    return named


def whole_training_sets(settings: Settings) -> list[TrainingSet]:
    """The training sets, by name.

    Raises:
        IngestError: If a receipt cannot be read, or a file is not the one that it tells of.
    """
    found = []
    for path in _receipts(settings):
        receipt = _read(path)
        parts = {name: path.parent / part["file"] for name, part in receipt["parts"].items()}
        for name, file in parts.items():
            if not file.exists() or sha256(file) != receipt["parts"][name]["sha256"]:
                raise IngestError(f"{file} is not what its receipt says: make the set again, or remove it")
        found.append(TrainingSet(path.parent.name, parts, receipt["content_sha256"]))
    return found


def _receipts(settings: Settings) -> list[Path]:
    return sorted(sets_folder(settings).glob(f"*/{RECEIPT_FILE}"))


def _read(path: Path) -> dict[str, Any]:
    try:
        receipt = json.loads(path.read_text())
    except (json.JSONDecodeError, OSError):
        receipt = None
    if not isinstance(receipt, dict):
        raise IngestError(f"{path} is no receipt of a training set: mend it, or remove the set")
    return receipt
