"""How far the live features are, in a file that others may read any time: the stream's own is open to nobody else."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ontime.settings import Settings
    from streaming.live.processor import Step


@dataclass(frozen=True)
class LiveState:
    """What the file tells.

    Attributes:
        written_at: When (UTC).
        computed_until: Until when features are computed (UTC), None before the first record.
        batch_number: The last micro-batch.
        batch_seconds: How long it took.
        late_facts: Facts since the process began that changed what had been computed.
    """

    written_at: datetime
    computed_until: datetime | None
    batch_number: int
    batch_seconds: float
    late_facts: int


def state_file(settings: Settings) -> Path:
    """The file of a data folder."""
    return settings.data_dir / "stream" / "live.json"


def write_live_state(path: Path, step: Step, late_facts: int) -> None:
    """Replace the file as a whole."""
    now = datetime.now(UTC).replace(tzinfo=None)
    state = LiveState(now, step.computed_until, step.outcome.batch_number, round(step.seconds, 3), late_facts)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(asdict(state), default=datetime.isoformat) + "\n", encoding="utf-8")
    temporary.replace(path)


def read_live_state(path: Path) -> LiveState | None:
    """What the file tells; None where no live features were ever computed."""
    if not path.exists():
        return None
    values = json.loads(path.read_text(encoding="utf-8"))
    for name in ("written_at", "computed_until"):
        values[name] = values[name] and datetime.fromisoformat(values[name])
    return LiveState(**values)
