"""What a batch changes of the positions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pyarrow as pa

    from streaming.broker.log import Place
    from streaming.sink.positions import Position

READ: Final = ["topic", "topic_partition", "topic_offset", "taken_at", "reason"]


def advance(positions: dict[Place, Position], landed: pa.Table) -> dict[Place, tuple[Position, int]]:
    """The new positions of the partitions that a batch has records of, each with their number.

    Args:
        positions: As they were.
        landed: Columns of `LANDED`; the records of a partition are in the order of their offsets.
    """
    moved: dict[Place, tuple[Position, int]] = {}
    told = landed.select(READ)
    for place, position in positions.items():
        records = told.filter((pc.field("topic") == place[0]) & (pc.field("topic_partition") == place[1]))
        if records.num_rows:
            moved[place] = _moved(position, records), records.num_rows
    return moved


def _moved(position: Position, records: pa.Table) -> Position:
    taken_at = records["taken_at"].to_numpy()
    before = np.datetime64(position.newest_taken_at or taken_at[0], "us")
    newest = np.maximum(np.maximum.accumulate(taken_at), before)
    return replace(
        position,
        next_offset=records["topic_offset"][-1].as_py() + 1,
        newest_taken_at=newest[-1].astype(object),
        late=position.late + int((taken_at < newest).sum()),
        dead_letters=position.dead_letters + records["reason"].length() - records["reason"].null_count,
    )
