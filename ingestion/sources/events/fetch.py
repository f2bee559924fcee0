"""The source `events`: landed files that are not loaded yet, the small ones of a partition bundled into one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.landed_file import LandedFile
from ingestion.raw.tables import RawTable
from ingestion.source import Context, Reading, Request
from ingestion.sources.events.bundles import bundle, in_bundles
from ingestion.sources.events.landed import SOURCE_NAME, landed_ranges
from ingestion.sources.events.reading import read_events
from ingestion.sources.events.tables import TABLES
from ontime.errors import OntimeError

if TYPE_CHECKING:
    import duckdb

FILES_PER_PACKAGE = 20


@dataclass(frozen=True)
class EventsSource:
    """What the sink landed."""

    name: str = SOURCE_NAME
    tables: tuple[RawTable, ...] = TABLES

    def fetch(self, request: Request, context: Context) -> Iterator[list[LandedFile]]:
        """Find what is not loaded; see `Source.fetch`. Whatever the period: all of it counts.

        Yields:
            At most `FILES_PER_PACKAGE` bundles, in the order of their offsets by partition.

        Raises:
            OntimeError: If it is to be read from elsewhere than landing.
        """
        if request.origin is not None:
            raise OntimeError(
                "events are read from landing, not from a folder of files",
                where=request.origin,
                remedy="copy landed files into landing, with their manifests",
            )
        loaded = {sha256[:12] for sha256 in context.loaded}
        wanted = [one for one in landed_ranges(context.landing) if request.full_refresh or one.sha256 not in loaded]
        package: list[LandedFile] = []
        for number, ranges in enumerate(parts := list(in_bundles(wanted)), 1):
            if len(ranges) > 1:
                context.progress(f"events: bundling {len(ranges)} files ({number} of {len(parts)})")
            package += bundle(context.landing, ranges)
            if len(package) >= FILES_PER_PACKAGE:
                yield package
                package = []
        if package:
            yield package

    def read(self, con: duckdb.DuckDBPyConnection, file: LandedFile, path: Path) -> Reading:
        """Read a landed file; see `Source.read`.

        Raises:
            OntimeError: If it is no file of events.
        """
        return read_events(con, path, file.name)


SOURCE = EventsSource()
