"""Writes live features to the online store."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from feature_store.online.records import STREAMED, RowFormat, list_stored, pack_header
from feature_store.online.store import OnlineStore, open_store
from feature_store.registry.catalogue import load_catalogue
from feature_store.registry.feature_tables import KNOWN_AT

if TYPE_CHECKING:
    from feature_store.registry.catalogue import Catalogue
    from ontime.settings import Settings
    from streaming.live.output import FeatureBatch, FeatureRows

NOTE: Final = "stream"


@dataclass(frozen=True)
class Written:
    """How far the stream's rows are written.

    Attributes:
        generation: Which life of its state.
        base: The version before those of its batches, after all of other lives.
        number: The last batch.
    """

    generation: str
    base: int
    number: int


class OnlineWriter:
    """See `streaming.live.output.FeatureWriter`."""

    def __init__(self, store: OnlineStore, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    def last_written(self, generation: UUID) -> int | None:
        """See `FeatureWriter.last_written`."""
        written = self._read()
        return written.number if written and written.generation == str(generation) else None

    def write(self, batch: FeatureBatch) -> None:
        """See `FeatureWriter.write`."""
        written = self._read()
        if written is None:
            base = STREAMED
        elif written.generation == str(batch.generation):
            base = written.base
        else:
            # one batch more may have been written that was not noted
            base = written.base + written.number + 1
        for rows in batch.tables:
            self._write_rows(rows, base + batch.number)
        self._note(Written(str(batch.generation), base, batch.number))

    def _write_rows(self, rows: FeatureRows, version: int) -> None:
        row_format = RowFormat(self._catalogue.table(rows.table.name))
        keys = row_format.pack_keys(rows.replaced)
        replaced_after = list_stored(rows.replaced.column(KNOWN_AT), "timestamp")
        self._store.withdraw(
            row_format.relation,
            ((key, pack_header(after + 1, 0), version) for key, after in zip(keys, replaced_after, strict=True)),
        )
        newest: dict[bytes, bytes] = {}
        for key, record in row_format.pack_rows(rows.rows, version):
            if record > newest.get(key, b""):
                newest[key] = record
        self._store.write(row_format.relation, newest.items())

    def _read(self) -> Written | None:
        text = self._store.read_note(NOTE)
        return None if text is None else Written(**json.loads(text))

    def _note(self, written: Written) -> None:
        self._store.write_note(NOTE, json.dumps(asdict(written)))


def open_writer(settings: Settings) -> OnlineWriter:
    """The writer of the settings' online store; the stream finds it by its entry point.

    Raises:
        OntimeError: The store cannot be reached, or the catalogue cannot be compiled.
    """
    return OnlineWriter(open_store(settings), load_catalogue())
