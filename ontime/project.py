"""Where the dbt project is, and its files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ontime.errors import OntimeError

PROJECT_FILE: Final = "dbt_project.yml"
PROJECT_FILES: Final = (
    "models",
    "macros",
    "seeds",
    "snapshots",
    "analyses",
    "tests/dbt",
    PROJECT_FILE,
    "profiles.yml",
    "selectors.yml",
)


def project_folder() -> Path:
    """Where dbt looks for the project: DBT_PROJECT_DIR, or the nearest folder from here on up that holds one.

    Raises:
        OntimeError: There is none.
    """
    asked = os.environ.get("DBT_PROJECT_DIR")
    here = Path.cwd()
    for folder in (Path(asked),) if asked else (here, *here.parents):
        if (folder / PROJECT_FILE).exists():
            return folder
    raise OntimeError(
        f"no {PROJECT_FILE} in {asked or f'{here} or above'}",
        remedy="work at the root of the project, or set DBT_PROJECT_DIR",
    )


def hash_project(folder: Path, *left_out: str) -> str:
    """SHA-256 of all that dbt reads of a project: paths and contents, but for the files left out."""
    digest = hashlib.sha256()
    for path in project_files(folder):
        if str(path.relative_to(folder)) in left_out:
            continue
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def project_files(folder: Path) -> Iterator[Path]:
    """All files that dbt reads of a project."""
    for name in PROJECT_FILES:
        root = folder / name
        found = [root] if root.is_file() else sorted(root.rglob("*"))
        yield from (path for path in found if path.is_file())
