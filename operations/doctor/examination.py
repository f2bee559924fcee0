"""All checks in their order: the installation, the settings, the target's engine, the data, dbt, the disks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from engines.builds import last_build, verify_builds
from engines.duckdb_file import open_duckdb
from engines.finding import Finding, guarded, ok
from engines.relations import found_relations
from engines.targets import engine as find_engine
from engines.targets import open_warehouse
from ontime.errors import OntimeError
from ontime.scratch import DBT, at_work
from ontime.settings import PREFIX, Settings

if TYPE_CHECKING:
    from engines.engine import Engine

# functions that give findings: first those that need nothing, then those that need the settings
INSTALLATION: Final = (
    ("Python", "engines.versions:python_findings"),
    ("packages", "engines.versions:main_findings"),
    ("time zones", "engines.versions:time_zone_findings"),
)
OF_THE_ENGINE: Final = (
    ("raw", "operations.doctor.loads:load_findings"),
    ("warehouse", "operations.doctor.examination:warehouse_findings"),
)
OF_THE_SETTINGS: Final = (
    ("published copy", "operations.doctor.examination:published_findings"),
    ("dlt packages", "operations.doctor.loads:working_findings"),
    ("locks", "operations.doctor.loads:lock_findings"),
    ("leftovers", "operations.doctor.leftovers:leftover_findings"),
    ("folders", "operations.doctor.folders:folder_findings"),
)


def examine(progress: Callable[[str], None]) -> Iterator[Finding]:
    """Look at everything that a command needs, and change nothing.

    Args:
        progress: Is told what is looked at.

    Yields:
        What was found; whatever is broken is a finding, and the rest is looked at all the same.
    """
    found: set[Finding] = set()
    for finding in _all(progress):
        if finding not in found:
            found.add(finding)
            yield finding


def warehouse_findings(settings: Settings) -> Iterator[Finding]:
    """Whether what dbt built can be read, and was built whole.

    Raises:
        OntimeError: If it cannot, or nothing was built.
    """
    with open_warehouse(settings, _silent) as connection:
        yield ok("warehouse", f"the marts on target {settings.target} can be read")
        last = last_build(connection)
        if last and last.failed_nodes is None and (process := at_work(settings, DBT)):
            yield Finding("warning", "builds", f"{last}: {process} is at work", "wait for it to end")
            return
        try:
            verify_builds(connection, found_relations(connection))
            yield ok("builds", f"{last or 'none is noted'}")
        except OntimeError as error:
            yield Finding.of("builds", error)


def published_findings(settings: Settings) -> Iterator[Finding]:
    """Whether the copy for readers can be read, where there is one.

    Raises:
        OntimeError: If it cannot.
    """
    path = settings.published_database
    if path.exists():
        open_duckdb(path, settings, _silent, read_only=True).close()
    yield ok("published copy", f"{path} can be read" if path.exists() else "none was made")


def engine_findings(settings: Settings) -> Iterator[Finding]:
    """What the target's engine says of itself.

    Raises:
        OntimeError: If the target is unknown, or cannot be reached.
    """
    engine: Engine = find_engine(settings)
    yield ok("target", f"{settings.target}, by {PREFIX}TARGET or as the default")
    yield from engine.findings(settings)


def _all(progress: Callable[[str], None]) -> Iterator[Finding]:
    progress("looking at the installation")
    yield from _run(INSTALLATION)
    settings, findings = _settings()
    yield from findings
    if settings is not None:
        yield from _of_target(settings, progress)
        progress("looking at the data folder")
        yield from _run(OF_THE_SETTINGS, settings)
    progress("looking at dbt's profile")
    yield from guarded("dbt profile", "operations.doctor.profile:profile_findings", settings)


def _of_target(settings: Settings, progress: Callable[[str], None]) -> Iterator[Finding]:
    progress(f"looking at the target {settings.target}")
    findings = list(guarded("target", "operations.doctor.examination:engine_findings", settings))
    yield from findings
    if any(finding.level == "problem" for finding in findings):
        todo = "mend what stands above, then run ontime doctor again"
        yield Finding("warning", "raw, warehouse", "not looked at, for the problem with the target", todo)
    else:
        yield from _run(OF_THE_ENGINE, settings)


def _run(checks: tuple[tuple[str, str], ...], *arguments: object) -> Iterator[Finding]:
    for check, function in checks:
        yield from guarded(check, function, *arguments)


def _settings() -> tuple[Settings | None, list[Finding]]:
    """The settings as far as they can be read, and what is wrong with them.

    Nothing waits for who is in the way: that is a finding.
    """
    findings = [Finding("problem", "settings", f"{name} is no setting", _likely(name)) for name in Settings.strays()]
    try:
        settings = Settings.load_known()
    except OntimeError as error:
        todo = "correct it, then run ontime doctor again: the target and the data were not looked at"
        return None, [*findings, Finding("problem", "settings", str(error), todo)]
    findings = findings or [ok("settings", f"every {PREFIX}… variable is known and allowed")]
    return settings.model_copy(update={"lock_timeout_seconds": 0}), findings


def _likely(name: str) -> str:
    """What to do about a variable that is no setting."""
    near = get_close_matches(name, Settings.variables(), 1)
    return f"unset it, or call it {near[0]}" if near else "unset it; ontime/settings.py lists the settings"


def _silent(_line: str) -> None:
    """Nothing waits here, so there is nothing to tell."""
