"""Whether what is installed is what the project asks for: its own files say what that is."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, version
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from engines.finding import Finding, ok, reinstall

Lock = Literal["runtime", "spark"]
PROJECT: Final = "ontime"
FOLDER: Final = Path(__file__).parents[1] / "requirements"
MAIN_PACKAGES: Final = ("dbt-core", "dlt", "duckdb")
NAMED: Final = 3
ZONE: Final = "America/New_York"


def python_findings() -> Iterator[Finding]:
    """Whether this Python is one that the project runs on."""
    wanted, found = SpecifierSet(metadata(PROJECT)["Requires-Python"]), platform.python_version()
    if found in wanted:
        yield ok("Python", found)
    else:
        yield Finding(
            "problem", "Python", f"{found}, not {wanted}", "make the environment again: rm -r .venv; make run"
        )


def package_findings(lock: Lock, *names: str) -> Iterator[Finding]:
    """Whether packages are as a lock file has them, each by itself.

    Args:
        lock: Which of the project's lock files.
        names: The packages.

    Raises:
        OSError: If the lock file is not there.
    """
    locked, asked = _locked(lock), _asked(lock)
    for name in names:
        yield _compared(lock, name, locked[name], asked.get(name, SpecifierSet()))


def main_findings() -> Iterator[Finding]:
    """Whether all packages that every target needs are as their lock file has them.

    Raises:
        OSError: If the lock file is not there.
    """
    lock: Lock = "runtime"
    yield from package_findings(lock, *MAIN_PACKAGES)
    locked, asked = _locked(lock), _asked(lock)
    for name, wanted in asked.items():
        finding = _compared(lock, name, locked[name], wanted)
        if finding.level != "ok":
            yield finding
    others = {name: wanted for name, wanted in locked.items() if name not in asked}
    strays = {name: found for name, wanted in others.items() if (found := _installed(name)) != wanted}
    if strays:
        some = ", ".join(f"{name} {found or 'missing'}" for name, found in list(strays.items())[:NAMED])
        more = f" and {len(strays) - NAMED} more" if len(strays) > NAMED else ""
        found = f"not as requirements/{lock}.txt has them: {some}{more}"
        yield Finding("problem" if None in strays.values() else "warning", "packages", found, reinstall(lock))
    else:
        yield ok("packages", f"{len(locked)} in requirements/{lock}.txt")


def time_zone_findings() -> Iterator[Finding]:
    """Whether the pinned database of clock rules can be read."""
    try:
        with files("tzdata").joinpath("zoneinfo", *ZONE.split("/")).open("rb") as data:
            ZoneInfo.from_file(data, key=ZONE)
    except (ImportError, OSError, ValueError) as error:
        yield Finding(
            "problem", "time zones", f"the clock rules of {ZONE} cannot be read ({error})", reinstall("runtime")
        )
    else:
        yield ok("time zones", f"tzdata {version('tzdata')}")


def _compared(lock: Lock, name: str, locked: str, asked: SpecifierSet) -> Finding:
    found = _installed(name)
    if found is None:
        return Finding("problem", name, "not installed", "make spark" if lock == "spark" else reinstall(lock))
    if found == locked:
        return ok(name, found)
    if found in asked:
        return Finding("warning", name, f"{found}, but {locked} is what is tested", reinstall(lock))
    return Finding("problem", name, f"{found}, not {asked}", reinstall(lock))


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _locked(lock: Lock) -> dict[str, str]:
    """The version of each package of a lock file that this machine is to have."""
    lines = (FOLDER / f"{lock}.txt").read_text().splitlines()
    pins = [Requirement(line.removesuffix("\\")) for line in lines if line[:1].isalnum()]
    return {
        pin.name: str(pin.specifier).removeprefix("==") for pin in pins if pin.marker is None or pin.marker.evaluate()
    }


def _asked(lock: Lock) -> dict[str, SpecifierSet]:
    """What the project asks for by name, before it was locked."""
    asked: dict[str, SpecifierSet] = {}
    for line in (FOLDER / f"{lock}.in").read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r"):
            asked |= _asked("runtime")
        elif text:
            requirement = Requirement(text)
            asked[requirement.name] = requirement.specifier
    return asked
