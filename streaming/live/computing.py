"""Computes the rows of features that come into force in a span of time, and stores the newest of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from streaming.live.due import (
    Span,
    fill_due_flights,
    fill_due_movements,
    fill_due_of_entities,
    fill_due_reports,
    instant,
)
from streaming.live.facts import FACT_TABLES, FLIGHTS, WEATHER
from streaming.live.feature_tables import FLIGHT_FACTS, windows

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb

    from streaming.live.facts import FactTable
    from streaming.live.feature_tables import FeatureTable

# rows of so long stay beside the newest of each entity: what comes later than this takes its sums from the facts again
HISTORY: Final = timedelta(hours=2)
COMPUTED: Final = "computed_rows"


@dataclass(frozen=True)
class Computation:
    """The features of a stream's file, in one micro-batch.

    Attributes:
        connection: Of the file, in a transaction.
        tables: The models of features, those that carry sums first.
        batch_number: The micro-batch, with which rows are stored.
    """

    connection: duckdb.DuckDBPyConnection
    tables: list[FeatureTable]
    batch_number: int

    def advance(self, span: Span) -> None:
        """Compute the rows of a span for which all before it are stored."""
        span.set_variables(self.connection)
        if span.after is None:
            self._fill_all(FLIGHTS)
        else:
            fill_due_flights(self.connection, span, windows(self.tables))
        self._name_due_tails()
        for table in self._carrying():
            self._carry(table, span, FLIGHTS.due)
            self._add(table)
        fill_due_movements(self.connection, span, "due_tails")
        for table in self._of(FLIGHT_FACTS):
            self._add(table)
        fill_due_reports(self.connection, span)
        for table in self._of(WEATHER.name):
            self._add(table)

    def repair(self, span: Span, history_from: datetime | None) -> None:
        """Compute the rows of a span again, of the entities of which facts changed in it; others' rows stay.

        Args:
            span: From before the first change until what was computed.
            history_from: From when on all rows are stored; none for ever. Where the span begins before, sums are taken
                from the facts.
        """
        is_held = history_from is None or (span.after is not None and span.after >= history_from)
        if is_held:
            span.set_variables(self.connection)
            fill_due_flights(self.connection, span, windows(self.tables))
        for table in self._carrying():
            late = self._name_late(table, FLIGHTS, span)
            if is_held:
                self._carry(table, span, late)
            else:
                Span(None, span.until).set_variables(self.connection)
                fill_due_of_entities(self.connection, table, late)
                self.connection.execute(f"delete from {table.carried}")
            self._replace(table, span, late)
        span.set_variables(self.connection)
        for table in self._of(FLIGHT_FACTS):
            late = self._name_late(table, FLIGHTS, span)
            fill_due_movements(self.connection, span, late)
            self._replace(table, span, late)
        for table in self._of(WEATHER.name):
            late = self._name_late(table, WEATHER, span)
            fill_due_reports(self.connection, span, f"(select origin_airport_code as airport_code from {late})")
            self._replace(table, span, late)

    def forget(self, until: datetime) -> None:
        """Drop rows up to an instant, but for the newest of each entity."""
        for table in self.tables:
            same = " and ".join(f"held.{name} = newest.{name}" for name in table.entity)
            self.connection.execute(
                f"delete from {table.stored} as held using (select {table.keys}, max(known_at) as known_at"
                f" from {table.stored} where known_at <= {instant(until)} group by {table.keys}) as newest"
                f" where {same} and held.known_at < newest.known_at"
            )

    def _carrying(self) -> list[FeatureTable]:
        return [table for table in self.tables if table.sums]

    def _of(self, facts: str) -> list[FeatureTable]:
        return [table for table in self.tables if table.facts == facts and not table.sums]

    def _fill_all(self, facts: FactTable) -> None:
        self.connection.execute(f"delete from {facts.due}")
        self.connection.execute(f"insert into {facts.due} from {facts.stored}")

    def _name_due_tails(self) -> None:
        self.connection.execute(
            f"create or replace temp table due_tails as select distinct tail_number from {FLIGHTS.due}"
            " where tail_number is not null"
        )

    def _name_late(self, table: FeatureTable, facts: FactTable, span: Span) -> str:
        """The entities of which a fact changed before the end of the span."""
        names = [facts.entity.get(name, name) for name in table.entity]
        columns = ", ".join(f"{name} as {key}" for name, key in zip(names, table.entity, strict=True))
        known = " and ".join(f"{name} is not null" for name in names)
        self.connection.execute(
            f"create or replace temp table late_entities as select distinct {columns} from {facts.changed}"
            f" where changed_at <= {instant(span.until)} and {known}"
        )
        return "late_entities"

    def _carry(self, table: FeatureTable, span: Span, entities: str) -> None:
        """Take over what the sums of entities were before the span."""
        columns = ", ".join((*table.entity, "known_at", *table.sums))
        self.connection.execute(f"delete from {table.carried}")
        self.connection.execute(
            f"insert into {table.carried} select {columns} from {table.stored}"
            f" semi join {entities} using ({table.keys})"
            f" where known_at <= {instant(span.after)}"
            f" qualify row_number() over (partition by {table.keys} order by known_at desc) = 1"
        )

    def _add(self, table: FeatureTable) -> None:
        self.connection.execute(f"insert into {table.stored} select *, {self.batch_number} from {table.view}")

    def _replace(self, table: FeatureTable, span: Span, late: str) -> None:
        """Compute a table's late entities, in the place of their rows after the span's beginning."""
        after = instant(span.after)
        is_late = f"exists (from {late} as late where {_same('late', 'held', table)})"
        self.connection.execute(
            f"create or replace temp table {COMPUTED} as from {table.view} semi join {late} using ({table.keys})"
            f" where known_at > {after}"
        )
        self.connection.execute(f"delete from {table.stored} as held where known_at > {after} and {is_late}")
        self.connection.execute(f"insert into {table.stored} select *, {self.batch_number} from {COMPUTED}")
        self.connection.execute(
            f"insert into {table.replaced} select {table.keys}, {after}, {self.batch_number} from {late}"
        )
        # where none came out, an older row is in force again
        self.connection.execute(
            f"update {table.stored} as held set batch_number = {self.batch_number} from"
            f" (select {table.keys}, max(known_at) as known_at from {table.stored}"
            f" semi join {late} using ({table.keys})"
            f" group by {table.keys}) as newest"
            f" where {_same('held', 'newest', table)} and held.known_at = newest.known_at"
        )


def _same(one: str, other: str, table: FeatureTable) -> str:
    return " and ".join(f"{one}.{name} = {other}.{name}" for name in table.entity)


def exact_from(day: datetime) -> dict[str, datetime]:
    """From when on rows can be computed again, by relation of facts: older facts that counted before are dropped.

    Args:
        day: The day that is reached (UTC).
    """
    return {facts.name: day - facts.kept + facts.reach for facts in FACT_TABLES}
