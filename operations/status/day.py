"""How far a day's run has come, in a file that is only ever replaced as a whole."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

from ontime.files import replace_durably

if TYPE_CHECKING:
    from ontime.settings import Settings

StepStatus = Literal["running", "done", "failed", "skipped"]
FILE: Final = "daily.json"
# held by a daily run, and by the commands that it runs
LOCK_FILE: Final = "daily.lock"


@dataclass(frozen=True)
class StepState:
    """What became of a step.

    Attributes:
        command: Its command; another is another step.
        status: `running` also of one that was cut off; `skipped` where a step that it needs did not end well.
    """

    command: str
    status: StepStatus


@dataclass
class DayState:
    """How far a day has come.

    Attributes:
        day: The day (UTC), as 2026-01-31.
        steps: What became of each step that a run has come to, by name.
        succeeded_at: When all steps of a day had last ended well (UTC), as 2026-01-31T05:36:00+00:00.
    """

    day: str
    steps: dict[str, StepState] = field(default_factory=dict)
    succeeded_at: str | None = None

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """What is written down, none where nothing is, or it cannot be read: all steps can be run again."""
        try:
            told = json.loads(path.read_text())
            steps = {name: StepState(**state) for name, state in told["steps"].items()}
            return cls(told["day"], steps, told.get("succeeded_at"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, path: Path) -> None:
        """Write it down: whoever reads meanwhile reads what was there, or this."""
        new = path.with_name(f"{path.name}.new")
        new.write_text(json.dumps(asdict(self), indent=2))
        replace_durably(new, path)

    def note_success(self, path: Path) -> None:
        """All steps have ended well."""
        self.succeeded_at = datetime.now(UTC).isoformat(timespec="seconds")
        self.write(path)


def day_file(settings: Settings) -> Path:
    """Where the state of a data folder is."""
    return settings.data_dir / FILE
