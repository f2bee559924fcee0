"""Facts that come to the live features as a broker would bring them: late, twice, corrected and out of order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
from macro_text import compiled_models

from streaming.live.facts import FACT_TABLES, FLIGHTS, WEATHER
from streaming.live.feature_tables import FeatureTable
from streaming.live.micro_batch import run_batch
from streaming.live.output import read_batch

# of the same fact, in the order of their versions
SERIES = {FLIGHTS.name: ("flight_key", "event_type"), WEATHER.name: ("weather_report_key",)}
CHANGES = {
    FLIGHTS.name: (
        "md5(flight_event_key) as flight_event_key, version_number + 1 as version_number, fixed_at as known_at,"
        " case when random() < 0.1 then 'N1XX' else tail_number end as tail_number,"
        " departure_delay_minutes + 7 as departure_delay_minutes, arrival_delay_minutes - 3 as arrival_delay_minutes,"
        " departure_delay_minutes + 7 >= 15 as is_departure_delayed_15,"
        " arrival_delay_minutes - 3 >= 15 as is_arrival_delayed_15"
    ),
    WEATHER.name: (
        "version_number + 1 as version_number, fixed_at as known_at, temperature_celsius + 1 as temperature_celsius"
    ),
}
LATEST = timedelta(minutes=10)


@dataclass(frozen=True)
class Disorder:
    """Shares of the facts that do not come as they happened.

    Attributes:
        seed: Another one draws others.
        late: Come up to ten minutes after they are known.
        corrected: Are corrected up to a day later; one in ten of them only goes.
        repeated: Of the facts of the last two hours, come again with each batch.
    """

    seed: float = 0.5
    late: float = 0.0
    corrected: float = 0.0
    repeated: float = 0.0


@dataclass(frozen=True)
class Feed:
    """A database of facts, each with the instants at which it and its end arrive."""

    path: Path
    start: datetime
    end: datetime
    disorder: Disorder

    def make(self, warehouse: Path) -> None:
        """Take the facts of a period from a built warehouse."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(f"attach '{warehouse}' as built (read_only)")
            connection.execute("select setseed(?)", [self.disorder.seed])
            for facts in FACT_TABLES:
                connection.execute(
                    f"create table {facts.name} as from built.{facts.view} where known_at > ? and known_at <= ?",
                    [self.start, self.end],
                )
                for _ in range(2):
                    self._correct(connection, facts.name)
                self._date_arrivals(connection, facts.name)

    def expected(self, table: FeatureTable) -> str:
        """SQL of the rows that the model of features gives of all facts, in one build."""
        return f"select {', '.join(table.features)} from expected.{table.name} where known_at <= '{self.end}'"

    def build(self, path: Path) -> None:
        """Build the models of features from all facts at once."""
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"attach '{self.path}' as feed (read_only)")
            for name, sql in compiled_models("path:models/features").items():
                for facts in FACT_TABLES:
                    sql = sql.replace(f'"ontime"."{facts.schema}"."{facts.name}"', f"feed.{facts.name}")  # noqa: PLW2901
                connection.execute(f"create table {name} as {sql}")

    def bring(self, connection: duckdb.DuckDBPyConnection, after: datetime, until: datetime) -> None:
        """Put what arrives in a span, with all else of its facts that has arrived, where a micro-batch takes it."""
        for facts in FACT_TABLES:
            rows = f"feed.{facts.name}"
            arrives = " or ".join(
                f"({column} > '{after}' and {column} <= '{until}')" for column in ("arrives_at", "end_arrives_at")
            )
            again = f"random() < {self.disorder.repeated} and arrives_at > '{after - timedelta(hours=2)}'"
            connection.execute(
                f"insert into {facts.touched} select distinct {facts.subject} from {rows}"
                f" where ({arrives} or {again}) and arrives_at <= '{until}'"
            )
            connection.execute(
                f"insert into {facts.incoming} by name select * exclude (arrives_at, end_arrives_at)"
                f" replace (case when end_arrives_at <= '{until}' then superseded_at end as superseded_at)"
                f" from {rows} semi join {facts.touched} using ({facts.subject}) where arrives_at <= '{until}'"
            )

    def _correct(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        connection.execute(
            f"create or replace temp table fixes as from (select *,"
            " known_at + to_minutes(1 + (random() * 1400)::integer)"
            f" as fixed_at from {name} where superseded_at is null and random() < {self.disorder.corrected})"
            f" where fixed_at <= '{self.end}'"
        )
        connection.execute(
            f"update {name} as facts set superseded_at = fixed_at from fixes"
            f" where {self._same(name)} and facts.version_number = fixes.version_number"
        )
        connection.execute(
            f"insert into {name} select * exclude (fixed_at) replace ({CHANGES[name]}) from fixes where random() < 0.9"
        )

    def _date_arrivals(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        late = f"to_seconds(case when random() < {self.disorder.late} then (random() * 600)::integer else 0 end)"
        connection.execute(
            f"create or replace table {name} as select *, coalesce(lead(arrives_at) over (partition by"
            f" {', '.join(SERIES[name])} order by version_number), superseded_at) as end_arrives_at"
            f" from (select *, known_at + {late} as arrives_at from {name}) order by arrives_at"
        )

    @staticmethod
    def _same(name: str) -> str:
        return " and ".join(f"facts.{column} = fixes.{column}" for column in SERIES[name])


def play(feed: Feed, connection: duckdb.DuckDBPyConnection, tables: list[FeatureTable], step: timedelta, writer) -> int:
    """Run the live features over a feed, a micro-batch a step; gives how many facts came late."""
    connection.execute(f"attach '{feed.path}' as feed (read_only)")
    instant, late = feed.start, 0
    while instant < feed.end:
        until = min(instant + step, feed.end)
        # who is late at the end is waited for
        feed.bring(connection, instant, until if until < feed.end else until + LATEST)
        outcome = run_batch(connection, tables, until)
        writer.write(read_batch(connection, tables, outcome.batch_number))
        late += outcome.late_facts
        instant = until
    connection.execute("detach feed")
    return late


def differing_rows(
    written: Path, feed: Feed, built: Path, tables: list[FeatureTable]
) -> dict[str, tuple[int, int, int]]:
    """For each table the rows of one build, those of them that were not written, and what was written beside them."""
    with duckdb.connect(str(written), read_only=True) as connection:
        connection.execute(f"attach '{built}' as expected (read_only)")
        found = {}
        for table in tables:
            rows, live = feed.expected(table), f"select {', '.join(table.features)} from {table.name}"
            counts = (rows, f"({rows}) except all ({live})", f"({live}) except all ({rows})")
            found[table.name] = tuple(
                connection.execute(f"select count(*) from ({one})").fetchall()[0][0] for one in counts
            )
        return found
