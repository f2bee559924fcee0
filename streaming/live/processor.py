"""The live features' process: takes what has landed, computes what is due, and hands the rows on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from streaming.live.clock import complete_until
from streaming.live.excluded import is_list_applied, make_facts_again, withdraw_hidden
from streaming.live.feature_tables import read_feature_tables
from streaming.live.landed_records import (
    choose_files,
    drop_old_records,
    make_facts,
    read_new_records,
    read_positions,
    save_new_records,
    unread_files,
)
from streaming.live.micro_batch import Outcome, read_clock, run_batch
from streaming.live.output import read_all_rows, read_batch
from streaming.live.self_check import CHECKED_EVERY, verify_sums
from streaming.sink.positions import positions_file, read_state

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from ingestion.landing import Landing
    from ontime.settings import Settings
    from streaming.live.output import FeatureWriter

MOST_RECORDS: Final = 50_000
LONGEST_STEP: Final = timedelta(hours=6)


@dataclass(frozen=True)
class Step:
    """What one step of the processor did.

    Attributes:
        outcome: The micro-batch.
        computed_until: Until when features are computed (UTC), none before the first record.
        records: How many records were taken.
        seconds: How long it took, with the handing on of the rows.
        is_behind: Whether there is more to do at once.
    """

    outcome: Outcome
    computed_until: datetime | None
    records: int
    seconds: float
    is_behind: bool


class Processor:
    """Live features of a data folder."""

    def __init__(
        self,
        settings: Settings,
        project: Path,
        connection: duckdb.DuckDBPyConnection,
        landing: Landing,
        writer: FeatureWriter,
    ) -> None:
        """Go on where the file is, and hand on what was cut off in handing on.

        Args:
            settings: For the sink's positions and the hold-back.
            project: The dbt project, for the list of excluded aircraft.
            connection: Of the stream's file.
            landing: Where records are.
            writer: Takes the rows.
        """
        self._settings = settings
        self._project = project
        self._connection = connection
        self._landing = landing
        self._writer = writer
        self._tables = read_feature_tables(connection)
        self._checked_at = time.monotonic()
        self._resume()

    def step(self) -> Step | None:
        """Take what has landed and compute what is due; gives nothing where there is nothing to do.

        Raises:
            OntimeError: If landing cannot be read, the rows cannot be written, or the sums are not what the facts give;
                the state is as before.
        """
        began = time.monotonic()
        if not is_list_applied(self._connection, self._project):
            self._apply_list()
        if began - self._checked_at > CHECKED_EVERY.total_seconds():
            verify_sums(self._connection, self._tables)
            self._checked_at = began
        clock = read_clock(self._connection)
        positions = read_positions(self._connection)
        unread = unread_files(self._landing, positions)
        files = choose_files(unread, MOST_RECORDS)
        # what the sink tells was landed before
        sink = read_state(positions_file(self._settings))
        records = 0
        if files:
            positions = read_new_records(self._connection, self._landing, files, positions, clock.computed_until)
            make_facts(self._connection)
            ((records,),) = self._connection.execute("select count(*) from landed_records").fetchall()
        left = {found.partition for found in unread if found not in files}
        hold_back = timedelta(seconds=self._settings.stream_hold_back_seconds)
        until = complete_until(positions, sink.positions if sink else (), left, hold_back)
        limit = clock.computed_until + LONGEST_STEP if clock.computed_until else until
        reached = min(until, limit) if until and limit else clock.computed_until
        if not files and reached == clock.computed_until:
            return None

        def save() -> None:
            if files:
                save_new_records(self._connection, positions)
            if clock.computed_until and reached and reached.date() > clock.computed_until.date():
                drop_old_records(self._connection, clock.computed_until)

        outcome = self._run(reached, save)
        is_behind = bool(left) or reached != until
        return Step(outcome, reached, records, time.monotonic() - began, is_behind)

    def _run(self, until: datetime | None, save: Callable[[], None]) -> Outcome:
        outcome = run_batch(self._connection, self._tables, until, save)
        self._writer.write(read_batch(self._connection, self._tables, outcome.batch_number))
        return outcome

    def _apply_list(self) -> None:
        clock = read_clock(self._connection)
        for _day in make_facts_again(self._connection, self._project):
            self._run(clock.computed_until, self._withdraw_hidden)

    def _withdraw_hidden(self) -> None:
        withdraw_hidden(self._connection, self._tables)

    def _resume(self) -> None:
        number = read_clock(self._connection).batch_number
        batch = read_batch(self._connection, self._tables, number)
        written = self._writer.last_written(batch.generation)
        if number and (written is None or written < number - 1):
            self._writer.write(read_all_rows(self._connection, self._tables, number))
        elif written is not None and written < number:
            self._writer.write(batch)
