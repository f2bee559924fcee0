"""Lets the list of excluded aircraft count at once, whoever joined or left it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from ontime.sql import quote_sql
from streaming.live.facts import FLIGHTS
from streaming.live.landed_records import FLIGHT_RECORDS, run_chain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

    from streaming.live.feature_tables import FeatureTable

SEED: Final = "seeds/excluded_aircraft.csv"
TABLE: Final = "seeds.excluded_aircraft"


def hash_excluded(project: Path) -> str:
    """What the list is known again by."""
    return hashlib.sha256((project / SEED).read_bytes()).hexdigest()


def make_facts_again(connection: duckdb.DuckDBPyConnection, project: Path) -> Iterator[None]:
    """Make the facts of all kept flights by the list as it is now, day by day; each is to be run as a micro-batch.

    The list counts as applied when the last day was run.

    Args:
        connection: Of the stream's file.
        project: The dbt project.
    """
    listed = hash_excluded(project)
    columns = ", ".join(row[0] for row in connection.execute(f"describe {TABLE}").fetchall())
    connection.execute(f"delete from {TABLE}")
    connection.execute(
        f"insert into {TABLE} by name select {columns} from read_csv({quote_sql(str(project / SEED))}, header = true,"
        " all_varchar = true)"
    )
    stored, day = FLIGHT_RECORDS.stored, FLIGHT_RECORDS.day
    for (found,) in connection.execute(f"select distinct {day} from {stored} order by 1").fetchall():
        connection.execute(f"delete from {FLIGHT_RECORDS.raw}")
        connection.execute(f"insert into {FLIGHT_RECORDS.raw} by name from {stored} where {day} = ?", [found])
        run_chain(connection, FLIGHT_RECORDS)
        yield
    connection.execute("update live.made_of set excluded_aircraft = ?", [listed])


def is_list_applied(connection: duckdb.DuckDBPyConnection, project: Path) -> bool:
    """Whether the facts are made by the list as it is now."""
    ((applied,),) = connection.execute("select excluded_aircraft from live.made_of").fetchall()
    return bool(applied == hash_excluded(project))


def withdraw_hidden(connection: duckdb.DuckDBPyConnection, tables: list[FeatureTable]) -> None:
    """Take back all rows of entities that name an aircraft of which the batch took the last fact.

    Args:
        connection: In the transaction of a micro-batch, which has noted its number.
        tables: The models of features.
    """
    gone = (
        f"(select tail_number from {FLIGHTS.changed} where not comes except select tail_number from {FLIGHTS.stored})"
    )
    for table in tables:
        if table.entity == ("tail_number",):
            # before all that can be
            connection.execute(
                f"insert into {table.replaced} select tail_number, timestamp '1900-01-01',"
                f" (select batch_number from live.clock) from {gone}"
                f" where tail_number in (select tail_number from {table.stored})"
            )
            connection.execute(f"delete from {table.stored} where tail_number in {gone}")
