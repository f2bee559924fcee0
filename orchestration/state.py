"""How far a day has come, in a file that is only ever replaced as a whole."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from ontime.files import replace_durably

if TYPE_CHECKING:
    from ontime.settings import Settings
    from orchestration.steps import Step

Status = Literal["running", "done", "failed", "skipped"]
FILE: str = "daily.json"


@dataclass(frozen=True)
class StepState:
    """What became of a step.

    Attributes:
        command: Its command; another is another step.
        status: `running` also of one that was cut off; `skipped` where a step that it needs did not end well.
    """

    command: str
    status: Status


@dataclass
class DayState:
    """How far a day has come.

    Attributes:
        day: The day (UTC), as 2026-01-31.
        steps: What became of each step that a run has come to, by name.
    """

    day: str
    steps: dict[str, StepState] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """What is written down, none where nothing is, or it cannot be read: all steps can be run again."""
        try:
            told = json.loads(path.read_text())
            return cls(told["day"], {name: StepState(**state) for name, state in told["steps"].items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, path: Path) -> None:
        """Write it down: whoever reads meanwhile reads what was there, or this."""
        new = path.with_name(f".{path.name}.{os.getpid()}")
        new.write_text(json.dumps(asdict(self), indent=2))
        replace_durably(new, path)

    def is_done(self, step: Step) -> bool:
        """Whether a step ended well, with the command that it has now."""
        return self.steps.get(step.name) == StepState(step.command, "done")


def state_file(settings: Settings) -> Path:
    """Where the state of a data folder is."""
    return settings.data_dir / FILE


def steps_to_run(steps: Sequence[Step], state: DayState | None, day: str) -> list[Step]:
    """The steps that are left of a day: those that are not done, and those that come after one of them.

    A day that has ended well, and a new one, begin with the first step.
    """
    if state is None or state.day != day or all(map(state.is_done, steps)):
        return list(steps)
    left: list[Step] = []
    for step in steps:
        if not state.is_done(step) or any(other.name in step.before for other in left):
            left.append(step)
    return left
