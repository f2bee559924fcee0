"""When the clocks of a time zone changed: the rules by which local clock times become UTC instants.

They come from the pinned IANA database, not from an engine's own copy, so that every engine reads a clock alike.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

FIRST_INSTANT = datetime(1986, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(2038, 1, 1, tzinfo=UTC)
STEP = timedelta(days=21)  # no zone has changed its clock and changed it back within three weeks

COLUMN_TYPES: dict[str, pa.DataType] = {
    "time_zone": pa.string(),
    "utc_from": pa.timestamp("us"),
    "utc_to": pa.timestamp("us"),
    "utc_offset_minutes": pa.int64(),
}


def utc_offsets(time_zones: Iterable[str]) -> pa.Table:
    """Tell for each zone which offset its clocks kept, and when.

    Args:
        time_zones: IANA names, such as `America/New_York`.

    Returns:
        One row per zone and stretch of time with one offset from UTC (`utc_from` inclusive, `utc_to` exclusive,
        naive UTC; minutes east of Greenwich), without gaps from 1986 to 2038.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: a name that the IANA database does not hold.
    """
    rows = [(name, *stretch) for name in sorted(set(time_zones)) for stretch in _stretches(_zone(name))]
    values = zip(*rows, strict=True)
    return pa.table(
        {
            name: pa.array(list(column), data_type)
            for (name, data_type), column in zip(COLUMN_TYPES.items(), values, strict=True)
        }
    )


def zone_names() -> list[str]:
    """All zones of the pinned database, former names included."""
    return files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()


def _zone(name: str) -> ZoneInfo:
    """The zone as the pinned package has it; `ZoneInfo(name)` would prefer the machine's own database."""
    entry = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    if not entry.is_file():
        raise ZoneInfoNotFoundError(f"no time zone of the name {name!r}")
    with entry.open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def _stretches(zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, int]]:
    start, offset = FIRST_INSTANT, _offset(zone, FIRST_INSTANT)
    instant = start
    while instant < LAST_INSTANT:
        following = min(instant + STEP, LAST_INSTANT)
        if _offset(zone, following) != offset:
            change = _first_change(zone, instant, following)
            yield _naive(start), _naive(change), _minutes(offset)
            start, offset = change, _offset(zone, change)
        instant = following
    yield _naive(start), _naive(LAST_INSTANT), _minutes(offset)


def _first_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Halve the span until the minute of the change stands alone."""
    offset = _offset(zone, before)
    low, high = 0, int((after - before).total_seconds()) // 60
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, before + timedelta(minutes=middle)) == offset:
            low = middle
        else:
            high = middle
    return before + timedelta(minutes=high)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)


def _minutes(offset: timedelta | None) -> int:
    return int((offset or timedelta()).total_seconds()) // 60
