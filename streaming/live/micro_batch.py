"""A micro-batch: what it touches goes into the facts, and the features are computed on, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from streaming.live.computing import HISTORY, Computation, exact_from
from streaming.live.due import Span, instant
from streaming.live.facts import FACT_TABLES, drop_old, first_change, merge

if TYPE_CHECKING:
    import duckdb

    from streaming.live.feature_tables import FeatureTable

RIGHT_BEFORE: Final = timedelta(microseconds=1)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Clock:
    """How far a stream's file is.

    Attributes:
        batch_number: The last micro-batch.
        computed_until: The instant until which features are computed (UTC); none before the first.
        history_from: From when on all of their rows are stored; none for ever.
    """

    batch_number: int
    computed_until: datetime | None
    history_from: datetime | None


@dataclass(frozen=True)
class Outcome:
    """What a micro-batch did.

    Attributes:
        batch_number: Its number.
        changed_facts: Versions of facts that came or went.
        late_facts: Those of them that changed what had been computed.
    """

    batch_number: int
    changed_facts: int
    late_facts: int


def read_clock(connection: duckdb.DuckDBPyConnection) -> Clock:
    """How far the file is."""
    ((number, *instants),) = connection.execute(
        "select batch_number, nullif(computed_until, '-infinity'), nullif(history_from, '-infinity') from live.clock"
    ).fetchall()
    return Clock(number, *instants)


def run_batch(
    connection: duckdb.DuckDBPyConnection,
    tables: list[FeatureTable],
    until: datetime | None,
    save: Callable[[], None] = lambda: None,
) -> Outcome:
    """Run a micro-batch in one transaction.

    Args:
        connection: Of the stream's file. The temporary tables `touched` and `incoming` of the facts hold what the batch
            brings; they are empty afterwards.
        tables: The models of features.
        until: Compute features until then (UTC), if that is later than they are computed; none for not yet.
        save: Writes what else belongs to the transaction.
    """
    clock = read_clock(connection)
    computation = Computation(connection, tables, clock.batch_number + 1)
    connection.execute("begin")
    try:
        for table in tables:
            connection.execute(f"delete from {table.replaced}")
        changed = sum(merge(connection, facts) for facts in FACT_TABLES)
        late = _repair(computation, clock.computed_until, clock) if clock.computed_until else 0
        computed_until = _advance(computation, clock, until)
        connection.execute(
            "update live.clock set batch_number = ?, computed_until = coalesce(?, computed_until)",
            [computation.batch_number, computed_until],
        )
        save()
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    for facts in FACT_TABLES:
        connection.execute(f"delete from {facts.touched}")
        connection.execute(f"delete from {facts.incoming}")
    return Outcome(computation.batch_number, changed, late)


def _advance(computation: Computation, clock: Clock, until: datetime | None) -> datetime | None:
    """Compute what comes after what is computed; gives until when that is then."""
    before = clock.computed_until
    if until is None or (before is not None and until <= before):
        return before
    _drop_what_is_old(computation, clock, until)
    computation.advance(Span(before, until))
    return until


def _repair(computation: Computation, until: datetime, clock: Clock) -> int:
    """Compute again what late facts change of what is computed; gives how many they are."""
    connection = computation.connection
    exact = exact_from(_day(until))
    first = min(
        (
            max(changed_at - RIGHT_BEFORE, exact[facts.name])
            for facts in FACT_TABLES
            if (changed_at := first_change(connection, facts)) is not None and changed_at <= until
        ),
        default=None,
    )
    if first is None or first >= until:
        return 0
    computation.repair(Span(first, until), clock.history_from)
    counts = (
        connection.execute(
            f"select count(*) from {facts.changed} where comes and changed_at <= {instant(until)}"
        ).fetchall()
        for facts in FACT_TABLES
    )
    return sum(count for ((count,),) in counts)


def _drop_what_is_old(computation: Computation, clock: Clock, until: datetime) -> None:
    before = clock.computed_until
    if before is None:
        return
    if _day(until) > _day(before):
        for facts in FACT_TABLES:
            # what leaves a window in this batch is to be counted yet
            drop_old(computation.connection, facts, _day(before))
    if clock.history_from is None or before - clock.history_from > 2 * HISTORY:
        computation.forget(before - HISTORY)
        computation.connection.execute("update live.clock set history_from = ?", [before - HISTORY])


def _day(value: datetime) -> datetime:
    return value.replace(hour=0, minute=0, second=0, microsecond=0)
