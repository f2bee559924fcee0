"""How far the sink has come, in a file that others may read at any time."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ontime.settings import Settings

LOCK_FILE: Final = "sink.lock"
INSTANTS: Final = ("newest_taken_at", "end_seen_at")


@dataclass(frozen=True)
class Position:
    """How far the sink has come in a partition; all before the next offset is in landing.

    Attributes:
        topic: The topic.
        partition: The number of the partition.
        generation: Which of the topics of that name: one that is made again is another.
        next_offset: The offset of the next record.
        newest_taken_at: The newest instant (UTC, without zone) of a record, None before the first.
        end_seen_at: When (UTC, without zone) there was no more to read the last time, None before that.
        lag: Records that the broker has and landing has not, as far as the broker told.
        late: Records since the sink began that are of an earlier instant than one before them.
        dead_letters: Records since the sink began that cannot be events.
    """

    topic: str
    partition: int
    generation: int
    next_offset: int
    newest_taken_at: datetime | None = None
    end_seen_at: datetime | None = None
    lag: int = 0
    late: int = 0
    dead_letters: int = 0

    @property
    def place(self) -> tuple[str, int]:
        """Topic and partition."""
        return self.topic, self.partition


@dataclass(frozen=True)
class SinkState:
    """What the file tells.

    Attributes:
        written_at: When (UTC, without zone).
        metrics_port: Where on 127.0.0.1 the sink's metrics are, while it runs.
        records_per_second: How many it took of late.
        positions: One for each partition.
    """

    written_at: datetime
    metrics_port: int
    records_per_second: float
    positions: list[Position]


def positions_file(settings: Settings) -> Path:
    """The file of a data folder."""
    return settings.data_dir / "stream" / "positions.json"


def write_state(path: Path, state: SinkState) -> None:
    """Replace the file as a whole."""
    text = json.dumps(asdict(state), default=datetime.isoformat, indent=1)
    temporary = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.write_text(text + "\n")
    temporary.replace(path)


def read_state(path: Path) -> SinkState | None:
    """What the file tells; None where no sink ever ran."""
    if not path.exists():
        return None
    values = json.loads(path.read_text())
    positions = [_with_instants(Position(**position)) for position in values.pop("positions")]
    written_at = datetime.fromisoformat(values.pop("written_at"))
    return SinkState(written_at=written_at, positions=positions, **values)


def _with_instants(position: Position) -> Position:
    texts = {name: getattr(position, name) for name in INSTANTS}
    told: dict[str, Any] = {name: text and datetime.fromisoformat(text) for name, text in texts.items()}
    return replace(position, **told)
