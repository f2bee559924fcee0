"""Small landed files of a partition as one: a load costs by the file, and a sink that is never behind lands many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.sources.events.landed import SOURCE_NAME, OffsetRange, land_batch
from ontime.errors import OntimeError

if TYPE_CHECKING:
    from ingestion.landed_file import LandedFile
    from ingestion.landing import Landing

# about 60 MB of documents, which is read at once
MOST_OFFSETS: Final = 100_000


def in_bundles(ranges: list[OffsetRange]) -> Iterator[list[OffsetRange]]:
    """Files that follow one another in a partition, together up to `MOST_OFFSETS` offsets.

    Args:
        ranges: Files by partition and first offset.
    """
    together: list[OffsetRange] = []
    for one in ranges:
        if together and not _belongs(together, one):
            yield together
            together = []
        together.append(one)
    if together:
        yield together


def bundle(landing: Landing, ranges: list[OffsetRange]) -> list[LandedFile]:
    """One landed file with the records of several, which are removed once it is there.

    A file that is damaged stays as it is, and is returned beside the bundle, for the load to say so.

    Args:
        landing: Where they are.
        ranges: Files of one partition that follow one another.
    """
    files = [landing.file(SOURCE_NAME, one.file) for one in ranges]
    if len(files) == 1:
        return files
    whole: list[tuple[LandedFile, pa.Table]] = []
    damaged: list[LandedFile] = []
    for file in files:
        try:
            with landing.local(file) as path:
                whole.append((file, pq.read_table(path)))
        except (OntimeError, pa.ArrowInvalid):
            damaged.append(file)
    bundled = land_batch(landing, pa.concat_tables([table for _, table in whole])) if whole else []
    for file, _ in whole:
        if file.url not in {kept.url for kept in bundled}:
            landing.remove(file)
    return bundled + damaged


def _belongs(together: list[OffsetRange], one: OffsetRange) -> bool:
    first, last = together[0], together[-1]
    follows = one.partition == last.partition and one.first == last.last + 1
    return follows and one.last - first.first < MOST_OFFSETS
