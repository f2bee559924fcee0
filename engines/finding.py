"""One line of `ontime doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from ontime.errors import InUseError, NotYetError, OntimeError

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """What was found, and what to do about it.

    Attributes:
        level: `problem` keeps a command from working; `warning` does not, or goes by itself.
        check: What was looked at.
        found: What was found, and where.
        todo: What to do; empty where all is well.
    """

    level: Level
    check: str
    found: str
    todo: str = ""

    @classmethod
    def of(cls, check: str, error: OntimeError) -> Finding:
        """An error as a finding: its line ends, after the last colon, with what to do."""
        if str(error).startswith("setting "):
            return cls("problem", check, str(error), "correct the variable, or unset it for its default")
        found, _, todo = str(error).rpartition(": ")
        return cls("warning" if isinstance(error, NotYetError | InUseError) else "problem", check, found, todo)


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding("ok", check, found)


def guarded(check: str, function: str, *arguments: object) -> Iterator[Finding]:
    """What a function finds; its own failure is a finding, too, whatever it is that is broken.

    Args:
        check: What it looks at.
        function: As `module:function`: a module that is missing is a finding, too.
        arguments: For the function.
    """
    module, _, name = function.partition(":")
    try:
        yield from getattr(import_module(module), name)(*arguments)
    except OntimeError as error:
        yield Finding.of(check, error)
    except Exception as error:
        said = " ".join(str(error).split()) or "no message"
        yield Finding("problem", check, f"{type(error).__name__}: {said}", todo=_remedy(error))


def reinstall(lock: str) -> str:
    """The command that installs what a lock file names, whatever is there."""
    return f"uv pip install --require-hashes -r requirements/{lock}.txt"


def _remedy(error: Exception) -> str:
    if isinstance(error, ImportError):
        return reinstall("runtime")
    return "ONTIME_DEBUG=1 with the command that fails shows where it comes from"
