"""What a replay sends, in a file of its own, so that one that was cut off goes on with the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

import pyarrow.parquet as pq

from engines.targets import open_warehouse
from streaming.replay.disorder import Disorder, disarrange
from streaming.replay.encoding import ENCODED, encode_period

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from ontime.settings import Settings

ROWS_PER_GROUP: Final = 20_000


@dataclass(frozen=True)
class Wanted:
    """What to play: from an instant to before another (UTC, without zone), and what goes wrong meanwhile."""

    start: datetime
    end: datetime
    disorder: Disorder

    @property
    def name(self) -> str:
        """The same for the same."""
        text = json.dumps(asdict(self), default=datetime.isoformat)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass
class Progress:
    """How far a replay has come.

    Attributes:
        delivered: Rows of the plan that the broker has.
        offsets: The offsets after them, by `topic/partition`.
    """

    delivered: int = 0
    offsets: dict[str, int] = field(default_factory=dict)


class Plan:
    """The rows that a replay sends, and how far it has come, in two files of the data folder."""

    def __init__(self, settings: Settings, wanted: Wanted) -> None:
        folder = settings.data_dir / "stream" / "replay"
        self._settings, self._wanted = settings, wanted
        self._rows, self._progress = folder / f"{wanted.name}.parquet", folder / f"{wanted.name}.json"

    def prepare(self, tell: Callable[[str], None]) -> int:
        """Write the rows, where that is not done; how many there are.

        Raises:
            OntimeError: If the period cannot be read.
        """
        if not self._rows.exists():
            tell("reading the period")
            with open_warehouse(self._settings, tell) as warehouse:
                events = encode_period(warehouse, self._wanted.start, self._wanted.end, rows_per_batch=ROWS_PER_GROUP)
                self.write(events, warehouse)
        return int(pq.read_metadata(self._rows).num_rows)

    def write(self, events: Iterable[pa.RecordBatch], connection: duckdb.DuckDBPyConnection) -> None:
        """Write the rows, in the disorder that is wanted.

        Args:
            events: In order, with the columns of `ENCODED`.
            connection: Any DuckDB.
        """
        self._rows.parent.mkdir(parents=True, exist_ok=True)
        in_order, whole = self._rows.with_suffix(".ordered"), self._rows.with_suffix(".part")
        with pq.ParquetWriter(in_order, ENCODED) as writer:
            for batch in events:
                writer.write_batch(batch, row_group_size=ROWS_PER_GROUP)
        if self._wanted.disorder == Disorder():
            in_order.replace(whole)
        else:
            disarrange(connection, self._wanted.disorder, in_order, whole)
            in_order.unlink()
        whole.replace(self._rows)

    def rows_from(self, number: int) -> Iterator[pa.RecordBatch]:
        """The rows from one on, with the columns of `ENCODED`."""
        with pq.ParquetFile(self._rows) as file:
            for group in range(file.num_row_groups):
                count = file.metadata.row_group(group).num_rows
                if number < count:
                    yield from file.read_row_group(group).slice(max(number, 0)).to_batches()
                number -= count

    def read_progress(self) -> Progress | None:
        """How far it has come; None if it has not begun."""
        return Progress(**json.loads(self._progress.read_text())) if self._progress.exists() else None

    def write_progress(self, progress: Progress) -> None:
        """Write down how far it has come."""
        temporary = self._progress.with_suffix(".part")
        temporary.write_text(json.dumps(asdict(progress)) + "\n")
        temporary.replace(self._progress)

    def forget(self) -> None:
        """Begin anew the next time."""
        self._progress.unlink(missing_ok=True)
        self._rows.unlink(missing_ok=True)
