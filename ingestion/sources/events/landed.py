"""The landed files of events: how a batch of the sink becomes some, and what landing holds of each partition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.sources.events.columns import LANDED, RECORD_KEY
from ingestion.sources.events.records import NewestRecord, TopicPartition, fingerprint, verify_partition

if TYPE_CHECKING:
    from ingestion.landed_file import LandedFile
    from ingestion.landing import Landing

SOURCE_NAME: Final = "events"
_FILE: Final = re.compile(
    r"[^/]+/(?P<sha256>[0-9a-f]{12})-(?P<topic>.+)\.g(?P<generation>\d+)\.p(?P<partition>\d+)"
    r"\.o(?P<first>\d+)-(?P<last>\d+)\.parquet"
)


@dataclass(frozen=True)
class OffsetRange:
    """A landed file, as its name tells.

    Attributes:
        file: Its path under the source's landing folder.
        partition: The partition of its records.
        first: Offset of its first record.
        last: Offset of its last record.
        sha256: The first digits of its hash.
    """

    file: str
    partition: TopicPartition
    first: int
    last: int
    sha256: str


def land_batch(landing: Landing, examined: pa.Table) -> list[LandedFile]:
    """Write a batch into landing, one file a partition; each is whole, or not there.

    Args:
        landing: Where to.
        examined: Columns of `LANDED`; of each partition all records from its first to its last, in this order.

    Returns:
        The landed files. A partition's records are safe once its file is returned, so the broker may be told.

    Raises:
        OntimeError: If landing cannot be written.
    """
    return [_land(landing, partition, records) for partition, records in _by_partition(examined)]


def landed_ranges(landing: Landing, since: str = "") -> list[OffsetRange]:
    """What landing holds, by partition and offset; no file is opened.

    Args:
        landing: Where they are.
        since: Only files whose first record was taken on this day (`2013-02-08`) or later.
    """
    found = (_range(file) for file in landing.names(SOURCE_NAME, since))
    return sorted((one for one in found if one is not None), key=lambda one: (one.partition, one.first, one.last))


def newest_records(landing: Landing) -> dict[TopicPartition, NewestRecord]:
    """The newest record of each partition that landing holds: it is consumed on from the offset after it.

    Raises:
        OntimeError: If a file is not as it was landed.
    """
    newest: dict[TopicPartition, OffsetRange] = {}
    for one in landed_ranges(landing):
        if one.partition not in newest or newest[one.partition].last < one.last:
            newest[one.partition] = one
    return {partition: _newest_record(landing, one) for partition, one in newest.items()}


def _by_partition(examined: pa.Table) -> Iterator[tuple[TopicPartition, pa.Table]]:
    places = examined.select(RECORD_KEY[:3]).group_by(list(RECORD_KEY[:3])).aggregate([])
    for place in sorted(tuple(row.values()) for row in places.to_pylist()):
        partition = TopicPartition(*place)
        conditions = [pc.equal(examined[name], value) for name, value in zip(RECORD_KEY, place, strict=False)]
        mine = pc.and_(pc.and_(conditions[0], conditions[1]), conditions[2])
        yield partition, examined.filter(mine).cast(LANDED)


def _land(landing: Landing, partition: TopicPartition, records: pa.Table) -> LandedFile:
    verify_partition(partition)
    first, last = records["topic_offset"][0].as_py(), records["topic_offset"][-1].as_py()
    day = records["taken_at"][0].as_py().date()
    name = f"{partition.topic}.g{partition.generation:04}.p{partition.partition:04}.o{first:012}-{last:012}.parquet"
    with TemporaryDirectory(prefix="ontime-") as folder:
        path = Path(folder) / name
        pq.write_table(records, path, compression="zstd")
        return landing.keep(SOURCE_NAME, day.isoformat(), name, path, f"kafka:{partition.topic}")


def _range(file: str) -> OffsetRange | None:
    found = _FILE.fullmatch(file)
    if found is None:
        return None
    partition = TopicPartition(found["topic"], int(found["generation"]), int(found["partition"]))
    return OffsetRange(file, partition, int(found["first"]), int(found["last"]), found["sha256"])


def _newest_record(landing: Landing, newest: OffsetRange) -> NewestRecord:
    with landing.local(landing.file(SOURCE_NAME, newest.file)) as path, pq.ParquetFile(path) as file:
        last_rows = file.read_row_group(file.num_row_groups - 1, columns=["topic_offset", "key", "document"])
    row = last_rows.slice(last_rows.num_rows - 1).to_pylist()[0]
    return NewestRecord(row["topic_offset"], fingerprint(row["key"], row["document"]))
