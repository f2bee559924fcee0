"""Until when all records have come, as far as the sink and landing tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingestion.sources.events.records import TopicPartition
    from streaming.live.landed_records import Position
    from streaming.sink.positions import Position as SinkPosition

# records that are older when they come are played, on a clock of their own
PLAYED_AFTER: Final = timedelta(days=1)


def complete_until(
    read: dict[TopicPartition, Position],
    sink: Iterable[SinkPosition],
    unread: set[TopicPartition],
    hold_back: timedelta,
) -> datetime | None:
    """The instant until which features can be computed: the least over the partitions.

    A partition counts up to its newest record; one that was read to its end counts as now. Of records that are
    played, now is the newest record of all.

    Args:
        read: What was read of landing.
        sink: How far the sink is, as far as it tells.
        unread: Partitions of which landing holds more than was read.
        hold_back: For records that are under way, and for clocks that differ.

    Returns:
        The instant (UTC), none where there is no record yet.
    """
    newest = max((position.newest_taken_at for position in read.values()), default=None)
    if newest is None:
        return None
    told = {(one.topic, one.generation, one.partition): one for one in sink}
    until = []
    for place in {*read, *unread}:
        position, sinks = read.get(place), told.get((place.topic, place.generation, place.partition))
        if place in unread:
            until.append(position.newest_taken_at if position else datetime.min)  # noqa: DTZ901 - UTC without zone
        elif sinks is None or (sinks.end_seen_at is not None and sinks.lag == 0):
            until.append(_now(newest, sinks.end_seen_at if sinks else None))
        elif position is not None:
            until.append(position.newest_taken_at)
    least = min(until)
    return None if least == datetime.min else least - hold_back  # noqa: DTZ901


def _now(newest: datetime, end_seen_at: datetime | None) -> datetime:
    """The present of a stream: what its clock showed when there was no more to read."""
    if end_seen_at is None or end_seen_at - newest > PLAYED_AFTER:
        return newest
    return max(newest, min(end_seen_at, datetime.now(UTC).replace(tzinfo=None)))
