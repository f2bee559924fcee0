"""What dbt writes of the project and of its runs, in its target folder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ontime.errors import OntimeError


def target_folder() -> Path:
    """Where dbt keeps what it last parsed and did."""
    return Path(os.environ.get("DBT_TARGET_PATH", "target"))


def read_nodes(target: Path) -> dict[str, dict[str, Any]]:
    """The models, tests, seeds and snapshots of the manifest, by their unique id.

    Args:
        target: dbt's target folder.

    Raises:
        OntimeError: If there is no manifest, or it cannot be read.
    """
    found: dict[str, dict[str, Any]] = _read(target / "manifest.json", "nodes")
    return found


def read_results(target: Path) -> list[dict[str, Any]]:
    """What the last command of dbt did, node by node.

    Args:
        target: dbt's target folder.

    Raises:
        OntimeError: If there are no results, or they cannot be read.
    """
    found: list[dict[str, Any]] = _read(target / "run_results.json", "results")
    return found


def _read(path: Path, part: str) -> Any:  # noqa: ANN401 - a list or a dictionary
    if not path.exists():
        raise OntimeError(f"{path} does not exist", remedy="write it with dbt parse")
    try:
        return json.loads(path.read_text())[part]
    except (json.JSONDecodeError, KeyError, OSError):
        raise OntimeError(f"{path} cannot be read", remedy="write it again with dbt parse") from None
