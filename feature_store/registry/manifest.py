"""dbt's manifest, written anew where it is older than the project."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ontime.artifacts import target_folder
from ontime.errors import OntimeError
from ontime.project import project_files, project_folder

MANIFEST = "manifest.json"


def read_manifest() -> dict[str, Any]:
    """What dbt knows of the project as it is now.

    Raises:
        OntimeError: There is no project, or dbt cannot parse it.
    """
    project = project_folder()
    path = _manifest(project)
    if not path.exists() or path.stat().st_mtime < _changed_at(project):
        _parse(project)
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _manifest(project: Path) -> Path:
    """As dbt has it: relative to the project."""
    return project / target_folder() / MANIFEST


def _changed_at(project: Path) -> float:
    return max(path.stat().st_mtime for path in project_files(project))


def _parse(project: Path) -> None:
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds, and an unchanged project does not need it

    profiles = os.environ.get("DBT_PROFILES_DIR", str(project))
    folders = ("--project-dir", str(project), "--profiles-dir", profiles)
    outcome = dbtRunner().invoke(["--quiet", "--log-level-file=none", "parse", *folders])
    if not outcome.success:
        said = " ".join(str(outcome.exception or "").split())
        raise OntimeError(f"dbt cannot parse it ({said})", where=project, remedy="mend it, dbt parse tells more")
