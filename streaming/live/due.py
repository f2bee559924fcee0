"""What the views of features read in a micro-batch: the facts that change something in a span of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ontime.sql import quote_sql
from streaming.live.facts import FLIGHTS, WEATHER

if TYPE_CHECKING:
    import duckdb

    from streaming.live.facts import FactTable
    from streaming.live.feature_tables import FeatureTable

# in which an aircraft that flies has its newest movements
RECENT: Final = timedelta(hours=72)


@dataclass(frozen=True)
class Span:
    """A span of time of which features are computed.

    Attributes:
        after: The instant before it (UTC); none for all that was before.
        until: Its last instant (UTC).
    """

    after: datetime | None
    until: datetime

    def set_variables(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Tell the views."""
        connection.execute(f"set variable features_after = {instant(self.after)}")
        connection.execute(f"set variable features_until = {instant(self.until)}")

    def holds(self, expression: str, later: timedelta = timedelta()) -> str:
        """SQL that is true where so much after an instant lies in the span."""
        after = instant(None if self.after is None else self.after - later)
        return f"{expression} > {after} and {expression} <= {instant(self.until - later)}"


def instant(value: datetime | None) -> str:
    """An instant as an SQL literal; none is before all others."""
    return f"timestamp {quote_sql('-infinity' if value is None else value.isoformat(sep=' '))}"


def fill_due_flights(connection: duckdb.DuckDBPyConnection, span: Span, windows: list[timedelta]) -> None:
    """Flights' facts that come, end, or leave a window in the span.

    They are looked up by ranges, each of which skips what is stored far from it; one condition with `or` would not.
    """
    arms = [span.holds("known_at"), span.holds("superseded_at")]
    arms += [span.holds(FLIGHTS.happened_at, window) for window in windows]
    # a fact may come and leave in one span
    _fill(connection, FLIGHTS, " union ".join(f"(from {FLIGHTS.stored} where {arm})" for arm in arms))


def fill_due_of_entities(connection: duckdb.DuckDBPyConnection, table: FeatureTable, entities: str) -> None:
    """All flights' facts that are kept of some entities."""
    _fill(connection, FLIGHTS, f"from {FLIGHTS.stored} semi join {entities} using ({table.keys})")


def fill_due_movements(connection: duckdb.DuckDBPyConnection, span: Span, tails: str) -> None:
    """What tells the last movements of aircraft: those of the last days where they hold all the while, else all.

    Args:
        connection: In a transaction.
        span: The span.
        tails: Relation with the aircraft's `tail_number`.
    """
    if span.after is None:
        _fill(connection, FLIGHTS, f"from {FLIGHTS.stored} semi join {tails} using (tail_number)")
        return
    until = instant(span.until)
    connection.execute(
        "create or replace temp table recent_movements as"
        f" from {FLIGHTS.stored} semi join {tails} using (tail_number)"
        f" where occurred_at > {instant(span.after - RECENT)}"
    )
    # the newest of a kind is then among the recent, whatever is corrected or ends meanwhile
    connection.execute(
        "create or replace temp table settled_tails as select tail_number from recent_movements"
        f" where event_type in ('departure', 'arrival') and known_at <= {instant(span.after)}"
        f" and coalesce(superseded_at > {until}, true)"
        f" and occurred_at > {instant(span.until - FLIGHTS.reach)}"
        " group by tail_number having count(distinct event_type) = 2"
    )
    _fill(
        connection,
        FLIGHTS,
        "(from recent_movements semi join settled_tails using (tail_number)) union all"
        f" (from {FLIGHTS.stored} semi join (from {tails} anti join settled_tails using (tail_number))"
        " using (tail_number))",
    )


def fill_due_reports(connection: duckdb.DuckDBPyConnection, span: Span, stations: str | None = None) -> None:
    """The reports of two days of the stations of which some become known in the span, or of the given ones.

    Args:
        connection: In a transaction.
        span: The span.
        stations: Relation with their `airport_code`.
    """
    chosen = stations or f"(select airport_code from {WEATHER.stored} where {span.holds('known_at')})"
    since = None if span.after is None else span.after - WEATHER.reach
    _fill(
        connection,
        WEATHER,
        f"from {WEATHER.stored} semi join {chosen} using (airport_code)"
        f" where observed_at > {instant(since)} and known_at <= {instant(span.until)}",
    )


def _fill(connection: duckdb.DuckDBPyConnection, facts: FactTable, rows: str) -> None:
    connection.execute(f"delete from {facts.due}")
    connection.execute(f"insert into {facts.due} {rows}")
