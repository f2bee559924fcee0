"""Fills the online store from what was built: of each entity the row in force at an instant."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from feature_store.online.excluded import KEY, ExcludedAircraft
from feature_store.online.opting_out import remove_excluded
from feature_store.online.records import STREAMED, RowFormat, read_record, to_microseconds
from feature_store.online.versions import read_versions
from feature_store.registry.feature_tables import KNOWN_AT
from feature_store.sources import open_source

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from feature_store.online.store import OnlineStore
    from feature_store.registry.catalogue import Catalogue
    from ontime.settings import Settings


@dataclass(frozen=True)
class Filled:
    """What the ledger tells of a table.

    Attributes:
        version: In which the table was when it was read last.
        until: The instant (UTC) until which its rows are filled.
    """

    version: int
    until: datetime


@dataclass(frozen=True)
class Materialized:
    """What was done with a table.

    Attributes:
        table: Its short name.
        rows: How many entities' rows were offered to the store.
        is_refilled: Whether these are of all entities, and not only of those of which a row came into force since.
    """

    table: str
    rows: int
    is_refilled: bool


def materialize(
    settings: Settings,
    catalogue: Catalogue,
    store: OnlineStore,
    excluded: ExcludedAircraft,
    at: datetime,
    source: str | None = None,
    tell: Callable[[str], None] = lambda _line: None,
) -> list[Materialized]:
    """Write the rows in force at an instant, but for those past their maximum age, and remove what is to go.

    Rows of a table in the version that the ledger knows are read from where it was filled until. Whatever the stream
    writes meanwhile stays, if it is as new.

    Args:
        settings: For the target.
        catalogue: The tables.
        store: To be filled.
        excluded: Aircraft that leave it.
        at: The instant, UTC without zone.
        source: As `open_source` has it.
        tell: Is told of each table.

    Raises:
        OntimeError: The tables or the store cannot be reached.
    """
    done = []
    with open_source(settings, source, tell) as connection:
        versions = read_versions(connection)
        for table in catalogue.tables:
            tell(f"{table.short_name}: in force at {at} UTC")
            done.append(_fill(connection, store, RowFormat(table), versions.get(table.name, 0), at, excluded))
    drop_other_definitions(store, catalogue)
    remove_excluded(store, {table.name: table.key_names for table in catalogue.tables}, excluded)
    return done


def drop_other_definitions(store: OnlineStore, catalogue: Catalogue) -> None:
    """Drop the rows that were written by other definitions of the tables, which nobody reads any more."""
    for relation in store.relations() - {RowFormat(table).relation for table in catalogue.tables}:
        store.drop(relation)


def _fill(
    connection: duckdb.DuckDBPyConnection,
    store: OnlineStore,
    row_format: RowFormat,
    version: int,
    at: datetime,
    excluded: ExcludedAircraft,
) -> Materialized:
    relation = row_format.relation
    filled = _read_ledger(store, relation)
    is_known = filled is not None and filled.version == version and filled.until <= at
    rows = _read_rows(connection, row_format, filled.until if filled and is_known else None, at)
    packed = list(row_format.pack_rows(rows, version))
    if KEY in row_format.table.key_names:
        packed = [pair for pair in packed if not excluded.holds(str(row_format.read_key(pair[0])[KEY]))]
    if not is_known:
        _withdraw_older(store, row_format, dict(packed), version, at)
    store.write(relation, packed)
    store.write_note(relation, json.dumps(asdict(Filled(version, at)), default=str))
    return Materialized(row_format.table.short_name, len(packed), not is_known)


def _withdraw_older(
    store: OnlineStore, row_format: RowFormat, built: dict[bytes, bytes], version: int, at: datetime
) -> None:
    """Take back what earlier builds gave and this one does not, up to its instant; the stream's rows stay."""
    until = to_microseconds(at)
    gone = []
    for key, record in store.scan(row_format.relation):
        held = read_record(record)
        is_of_another_build = held.version < STREAMED and held.version != version
        if is_of_another_build and held.known_at <= until and record > built.get(key, b""):
            gone.append((key, b"", held.version + 1))
    store.withdraw(row_format.relation, gone)


def _read_rows(
    connection: duckdb.DuckDBPyConnection, row_format: RowFormat, after: datetime | None, at: datetime
) -> pa.Table:
    table = row_format.table
    columns = ", ".join((*table.key_names, KNOWN_AT, *(feature.name for feature in table.features)))
    conditions = [f"{KNOWN_AT} <= $at"]
    parameters = {"at": at}
    if table.maximum_age is not None:
        conditions.append(f"{KNOWN_AT} >= $oldest")
        parameters["oldest"] = at - table.maximum_age
    if after is not None:
        conditions.append(f"{KNOWN_AT} > $after")
        parameters["after"] = after
    return connection.execute(
        f"select {columns} from {table.relation} where {' and '.join(conditions)}"
        f" qualify row_number() over (partition by {', '.join(table.key_names)} order by {KNOWN_AT} desc) = 1",
        parameters,
    ).to_arrow_table()


def _read_ledger(store: OnlineStore, relation: str) -> Filled | None:
    text = store.read_note(relation)
    if text is None:
        return None
    found = json.loads(text)
    return Filled(found["version"], datetime.fromisoformat(found["until"]))
