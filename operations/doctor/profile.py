"""Whether dbt finds the project and a profile with the target, by dbt's own loaders."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from engines.finding import Finding, ok
from ontime.settings import Settings

CHECK = "dbt profile"


def profile_findings(settings: Settings | None) -> Iterator[Finding]:
    """Whether dbt can read what it builds from and where it builds to; no connection is made.

    Args:
        settings: For the target and the data folder; None where they cannot be read.
    """
    from dbt.cli.resolvers import default_profiles_dir, default_project_dir  # noqa: PLC0415 - dbt takes 2 s to import

    project = Path(os.environ.get("DBT_PROJECT_DIR") or default_project_dir())
    profiles = Path(os.environ.get("DBT_PROFILES_DIR") or default_profiles_dir())
    if not (project / "dbt_project.yml").exists():
        found = f"no dbt_project.yml in {project} or above"
        yield Finding("problem", CHECK, found, "run dbt at the root of the project, or set DBT_PROJECT_DIR to it")
        return
    if not (profiles / "profiles.yml").exists():
        todo = f"run dbt at the root of the project, or set DBT_PROFILES_DIR to {project.resolve()}"
        yield Finding("problem", CHECK, f"no profiles.yml in {profiles}", todo)
        return
    yield from _loaded(project, profiles, settings)
    if settings and not settings.data_dir.is_absolute() and project.resolve() != Path.cwd():
        found = f"dbt takes {settings.data_dir} to be in {project.resolve()}, ontime in {Path.cwd()}"
        yield Finding(
            "warning", CHECK, found, "work at the root of the project, or set ONTIME_DATA_DIR to a whole path"
        )


def _loaded(project: Path, profiles: Path, settings: Settings | None) -> Iterator[Finding]:
    from dbt.config.runtime import load_profile  # noqa: PLC0415
    from dbt.flags import set_from_args  # noqa: PLC0415
    from dbt_common.context import set_invocation_context  # noqa: PLC0415
    from dbt_common.exceptions import DbtBaseException  # noqa: PLC0415

    file = profiles / "profiles.yml"
    set_invocation_context(os.environ)
    set_from_args(Namespace(profiles_dir=str(profiles)), None)
    override = os.environ.get("DBT_TARGET")
    try:
        profile = load_profile(str(project), {}, os.environ.get("DBT_PROFILE"), override)
    except DbtBaseException as error:
        yield Finding(
            "problem", CHECK, f"{file}: {' '.join(str(error).split())}", f"mend {file}, or the variable it reads"
        )
        return
    if settings and profile.target_name != settings.target:
        why = "DBT_TARGET" if override else str(file)
        found = f"dbt builds on {profile.target_name} by {why}, ontime loads into {settings.target}"
        yield Finding("problem", CHECK, found, "unset DBT_TARGET, and let ONTIME_TARGET name the target for both")
        return
    yield ok(CHECK, f"{file}: target {profile.target_name}, adapter {profile.credentials.type}")
