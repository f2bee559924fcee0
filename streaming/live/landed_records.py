"""The landed records that are new to the stream's file, and what is made of them by the view chain."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ingestion.sources.asos.reading import select_with_texts
from ingestion.sources.events.columns import FLIGHT_EVENTS, FLIGHT_FIELDS, WEATHER_REPORTS
from ingestion.sources.events.landed import OffsetRange, landed_ranges
from ingestion.sources.events.reading import REPORTS, write_reports
from ingestion.sources.events.records import TopicPartition
from ingestion.sources.events.tables import FLIGHT_EVENTS_TABLE, WEATHER_REPORTS_TABLE
from ontime.sql import quote_sql
from streaming.live.facts import FLIGHTS, WEATHER

if TYPE_CHECKING:
    import duckdb

    from ingestion.landing import Landing
    from ingestion.raw.tables import RawTable
    from streaming.live.facts import FactTable

NAME_OF_FLIGHT: Final = tuple(field.name for field in FLIGHT_FIELDS[1:7])
NAME_OF_REPORT: Final = ("station", "valid")
# longer than the facts: some of a flight's events would make another flight
FLIGHT_DAYS: Final = FLIGHTS.kept + timedelta(days=2)
REPORT_DAYS: Final = WEATHER.kept + timedelta(days=1)
LINEAGE: Final = "'stream' as _source_file, 'stream' as _dlt_load_id"


@dataclass(frozen=True)
class Records:
    """Records of a topic, in the stream's file.

    Attributes:
        table: Their raw table.
        name: The columns that tell which flight or report one is of.
        day: The date or instant by which they are dropped.
        kept: How long they are kept after that.
        facts: What is made of them.
        keyed: The view in which the subject of the facts stands beside them.
    """

    table: RawTable
    name: tuple[str, ...]
    day: str
    kept: timedelta
    facts: FactTable
    keyed: str

    @property
    def stored(self) -> str:
        """Those that are kept, in SQL."""
        return f"live.raw_{self.table.name}"

    @property
    def new(self) -> str:
        """Those that a batch brings, in SQL."""
        return f"new_{self.table.name}"

    @property
    def raw(self) -> str:
        """What the views read, in SQL."""
        return f"raw.raw_events.{self.table.name}"


FLIGHT_RECORDS: Final = Records(
    FLIGHT_EVENTS_TABLE, NAME_OF_FLIGHT, "flight_date", FLIGHT_DAYS, FLIGHTS, "intermediate.int_flight_records"
)
REPORT_RECORDS: Final = Records(
    WEATHER_REPORTS_TABLE, NAME_OF_REPORT, "valid", REPORT_DAYS, WEATHER, "intermediate.int_weather_reports"
)
ALL_RECORDS: Final = (FLIGHT_RECORDS, REPORT_RECORDS)


@dataclass(frozen=True)
class Position:
    """How far the stream's file is in a partition.

    Attributes:
        next_offset: The offset of the next record.
        newest_taken_at: The newest instant of a record (UTC).
        day: The folder of the last landed file (`2013-02-08`).
    """

    next_offset: int
    newest_taken_at: datetime
    day: str


def create_record_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of records, without their documents: those stay in landing."""
    for records in ALL_RECORDS:
        connection.execute(f"create table {records.stored} as select * exclude (document) from {records.raw} limit 0")
    connection.execute(
        "create table live.positions (topic varchar, generation bigint, partition bigint, next_offset bigint,"
        " newest_taken_at timestamp, day varchar)"
    )


def read_positions(connection: duckdb.DuckDBPyConnection) -> dict[TopicPartition, Position]:
    """How far the file is, by partition."""
    rows = connection.execute("from live.positions").fetchall()
    return {TopicPartition(*row[:3]): Position(*row[3:]) for row in rows}


def unread_files(landing: Landing, positions: dict[TopicPartition, Position]) -> list[OffsetRange]:
    """Landed files with records that are new to the file, those of each partition in order."""
    days = [date.fromisoformat(position.day) for position in positions.values()]
    # a late record may begin a file of the day before
    since = (min(days) - timedelta(days=1)).isoformat() if days else ""
    return [
        found
        for found in landed_ranges(landing, since)
        if found.partition not in positions or found.last >= positions[found.partition].next_offset
    ]


def choose_files(unread: list[OffsetRange], most_records: int) -> list[OffsetRange]:
    """The first files of each partition, about so many records of all together and one file of each at least."""
    partitions = {found.partition for found in unread}
    chosen, counts = [], dict.fromkeys(partitions, 0)
    for found in unread:
        if counts[found.partition] * len(partitions) < most_records:
            chosen.append(found)
            counts[found.partition] += found.last - found.first + 1
    return chosen


def read_new_records(
    connection: duckdb.DuckDBPyConnection,
    landing: Landing,
    files: list[OffsetRange],
    positions: dict[TopicPartition, Position],
    oldest: datetime | None,
) -> dict[TopicPartition, Position]:
    """Read what is new in landed files into the temporary tables `new`; gives the positions after them.

    Args:
        connection: Of the stream's file.
        landing: Where the files are.
        files: Which; their partitions' records are read from the position on.
        positions: Those before.
        oldest: The day that is reached (UTC): older flights and reports than are kept are passed over.

    Raises:
        OntimeError: If a file is gone or damaged.
    """
    with ExitStack() as opened:
        paths = [opened.enter_context(landing.local(landing.file("events", found.file))) for found in files]
        listed = ", ".join(quote_sql(str(path)) for path in paths)
        connection.execute(
            "create or replace temp table landed_records as"
            " select *, row_number() over () as file_row_number from read_parquet(["
            f"{listed}]) as landed anti join live.positions as known on landed.topic = known.topic"
            " and topic_generation = generation and topic_partition = partition and topic_offset < next_offset"
        )
    days = {records.facts.name: _is_kept(records, oldest) for records in ALL_RECORDS}
    flights = f"reason is null and topic = {quote_sql(FLIGHT_EVENTS)} and {days[FLIGHTS.name]}"
    columns = ", ".join(column.name for column in FLIGHT_EVENTS_TABLE.columns if column.name != "document")
    connection.execute(
        f"create or replace temp table {FLIGHT_RECORDS.new} as select {columns}, file_row_number as _source_line,"
        f" {LINEAGE}"
        f" from landed_records where {flights}"
    )
    reports = f"reason is null and topic = {quote_sql(WEATHER_REPORTS)} and observed_at is not null"
    write_reports(connection, f"(from landed_records where {reports})")
    connection.execute(
        f"create or replace temp table {REPORT_RECORDS.new} as select * exclude (document), {LINEAGE}"
        f" from ({select_with_texts(WEATHER_REPORTS_TABLE, REPORTS)}) where {days[WEATHER.name]}"
    )
    return _positions_after(connection, files, positions)


def save_new_records(connection: duckdb.DuckDBPyConnection, positions: dict[TopicPartition, Position]) -> None:
    """Keep the records of the tables `new`, and the positions after them.

    Args:
        connection: In a transaction.
        positions: Of all partitions.
    """
    for records in ALL_RECORDS:
        connection.execute(f"insert into {records.stored} by name from {records.new}")
    connection.execute("delete from live.positions")
    rows = [
        [*place, position.next_offset, position.newest_taken_at, position.day] for place, position in positions.items()
    ]
    if rows:
        connection.executemany("insert into live.positions values (?, ?, ?, ?, ?, ?)", rows)


def make_facts(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the facts of which the tables `new` hold records, from all of their records."""
    for records in ALL_RECORDS:
        ((first, last),) = connection.execute(
            f"select min({records.day}), max({records.day}) from {records.new}"
        ).fetchall()
        if first is None:
            continue
        name = ", ".join(records.name)
        connection.execute(f"delete from {records.raw}")
        connection.execute(f"insert into {records.raw} by name from {records.new}")
        connection.execute(
            f"insert into {records.raw} by name from {records.stored} semi join {records.new} using ({name})"
            f" where {records.day} between {quote_sql(str(first))} and {quote_sql(str(last))}"
        )
        run_chain(connection, records)


def run_chain(connection: duckdb.DuckDBPyConnection, records: Records) -> None:
    """Put the facts that the views make of the raw table, and their subjects, where a micro-batch takes them from."""
    facts = records.facts
    connection.execute(f"insert into {facts.touched} select distinct {facts.subject} from {records.keyed}")
    connection.execute(f"insert into {facts.incoming} by name from {facts.view}")


def drop_old_records(connection: duckdb.DuckDBPyConnection, day: datetime) -> None:
    """Drop records that no kept fact is made of.

    Args:
        connection: In a transaction.
        day: The day that is reached (UTC).
    """
    for records in ALL_RECORDS:
        connection.execute(f"delete from {records.stored} where not {_is_kept(records, day)}")


def _is_kept(records: Records, day: datetime | None) -> str:
    if day is None:
        return "true"
    return f"{records.day} >= timestamp {quote_sql(str(day - records.kept))}"


def _positions_after(
    connection: duckdb.DuckDBPyConnection, files: list[OffsetRange], positions: dict[TopicPartition, Position]
) -> dict[TopicPartition, Position]:
    rows = connection.execute(
        "select topic, topic_generation, topic_partition, max(topic_offset) + 1, max(taken_at) from landed_records"
        " group by 1, 2, 3"
    ).fetchall()
    newest = {tuple(row[:3]): row[3:] for row in rows}
    after = dict(positions)
    for found in files:
        if tuple(found.partition) in newest:
            next_offset, taken_at = newest[tuple(found.partition)]
            before = positions.get(found.partition)
            after[found.partition] = Position(
                next_offset, max(taken_at, before.newest_taken_at) if before else taken_at, found.file.partition("/")[0]
            )
    return after
