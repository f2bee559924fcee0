"""The files of the dbt project."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PROJECT_FILES: Final = (
    "models",
    "macros",
    "seeds",
    "snapshots",
    "analyses",
    "tests/dbt",
    "dbt_project.yml",
    "profiles.yml",
    "selectors.yml",
)


def hash_project(folder: Path, *left_out: str) -> str:
    """SHA-256 of all that dbt reads of a project: paths and contents, but for the files left out."""
    digest = hashlib.sha256()
    for path in _files(folder):
        if str(path.relative_to(folder)) in left_out:
            continue
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for name in PROJECT_FILES:
        root = folder / name
        found = [root] if root.is_file() else sorted(root.rglob("*"))
        yield from (path for path in found if path.is_file())
