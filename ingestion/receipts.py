"""What receipts of training sets name, so that whoever cleans up leaves it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ingestion.source import IngestError

if TYPE_CHECKING:
    from ingestion.settings import Settings

RECEIPT_FILE: Final = "receipt.json"


def sets_folder(settings: Settings) -> Path:
    """Where training sets stand."""
    return settings.data_dir / "training_sets"


def named_snapshots(settings: Settings) -> dict[int, list[str]]:
    """The training sets that each snapshot of the lake is needed for, by the snapshot.

    Raises:
        IngestError: If a receipt cannot be read: nobody knows then what it names.
    """
    named: dict[int, list[str]] = {}
    for path in sorted(sets_folder(settings).glob(f"*/{RECEIPT_FILE}")):
        try:
            snapshot = json.loads(path.read_text()).get("lake_snapshot")
        except (json.JSONDecodeError, AttributeError, OSError):
            raise IngestError(f"{path} is no receipt of a training set: mend it, or remove the set") from None
        if snapshot is not None:
            named.setdefault(int(snapshot), []).append(path.parent.name)
    return named
