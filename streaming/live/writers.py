"""Several writers of features as one, and those that other rooms offer."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final
from uuid import UUID

from ontime.errors import OntimeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ontime.settings import Settings
    from streaming.live.output import FeatureBatch, FeatureWriter

GROUP: Final = "ontime.feature_writers"


class AllWriters:
    """Hands features to each of some writers; see `FeatureWriter`."""

    def __init__(self, writers: Sequence[FeatureWriter]) -> None:
        self._writers = writers

    def last_written(self, generation: UUID) -> int | None:
        """The last batch that all of them wrote; none where one wrote none of the generation."""
        numbers = [writer.last_written(generation) for writer in self._writers]
        written = [number for number in numbers if number is not None]
        return min(written) if len(written) == len(numbers) else None

    def write(self, batch: FeatureBatch) -> None:
        """See `FeatureWriter.write`."""
        for writer in self._writers:
            writer.write(batch)


def open_offered_writer(name: str, settings: Settings) -> FeatureWriter:
    """A writer of a room above, which this one may not import: it is found by its entry point.

    Args:
        name: Of the entry point.
        settings: For the writer.

    Raises:
        OntimeError: There is none, or it cannot be opened.
    """
    for found in entry_points(group=GROUP, name=name):
        writer: FeatureWriter = found.load()(settings)
        return writer
    raise OntimeError(f"there is no writer of features {name!r}", remedy="install the project again with make run")
