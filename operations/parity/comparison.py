"""Every table of each target against the reference target's, with loads in the place of their instants.

Raw is loaded on each engine by itself, so the instants at which its loads completed differ, and with them columns such
as `loaded_at`, `known_at` and `superseded_at` of corrections, or `dbt_valid_from` of histories. An instant at which a
load of a raw schema completed stands for that load: it is compared as the number of the load among those of its schema.
Every other value is compared by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ontime.errors import OntimeError
from ontime.scratch import work_folder
from operations.parity.rows import MISSING, THERE, Difference, compare_rows, connect, count_rows
from operations.parity.sides import Side, read_side
from operations.parity.tables import KeyedTable, contract_bound_tables

if TYPE_CHECKING:
    import duckdb

    from ontime.settings import Settings

TABLE: Final = "(table)"


@dataclass(frozen=True)
class TableParity:
    """A table on all targets.

    Attributes:
        name: The table, as `marts.fct_flights`.
        rows: Its number of rows by target, None where the target has no such table, or a table of no contract.
        differing_rows: How many keys have rows that differ from the reference's, by other target; None where rows could
            not be compared.
        differences: All differences of tables and columns, and the first of rows.
    """

    name: str
    rows: dict[str, int | None]
    differing_rows: dict[str, int | None]
    differences: list[Difference]


def compare(sides: Mapping[str, Settings], target: Path, progress: Callable[[str], None]) -> list[TableParity]:
    """Compare every contract-bound table, row by row on its key, in all columns.

    Each target's tables are read from one state of it, but for `dbt_scd_id`, which hashes the text of an instant.

    Args:
        sides: Settings by target; the first is the reference that the others are compared to. Copies of the tables lie
            in its folder of scratch meanwhile.
        target: dbt's target folder, whose manifest tells the tables and their keys.
        progress: Shows one line of progress.

    Returns:
        The tables by name, among them those of no contract that some targets have and others have not.

    Raises:
        OntimeError: If a target cannot be reached or nothing is built there, or the manifest does not serve.
    """
    settings = next(iter(sides.values()))
    tables = contract_bound_tables(target)
    with work_folder(settings, "parity") as scratch:
        read = [read_side(target, own, tables, scratch.path, progress) for target, own in sides.items()]
        return _compare(read, tables, settings, progress)


def _compare(
    sides: list[Side], tables: list[KeyedTable], settings: Settings, progress: Callable[[str], None]
) -> list[TableParity]:
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    found = [_strays(sides, name) for name in sorted(frozenset.union(*(side.others for side in sides)))]
    try:
        with connect(settings, sides) as connection:
            for table in tables:
                progress(f"comparing {table.name}")
                found.append(_table(connection, sides, table))
    except duckdb.Error as error:
        raise OntimeError(f"the tables could not be compared: {str(error).strip().splitlines()[0]}") from error
    return sorted((table for table in found if table), key=lambda table: table.name)


def _strays(sides: list[Side], name: str) -> TableParity | None:
    """A table of no contract, unless all have it: those are nobody's concern."""
    reference, *others = sides
    differences = [
        Difference(side.target, None, TABLE, *_presence(name in reference.others, name in side.others))
        for side in others
        if (name in reference.others) != (name in side.others)
    ]
    if not differences:
        return None
    return TableParity(name, {side.target: None for side in sides}, {side.target: None for side in others}, differences)


def _table(connection: duckdb.DuckDBPyConnection, sides: list[Side], table: KeyedTable) -> TableParity:
    reference, *others = sides
    rows = {
        side.target: count_rows(connection, table.name, side) if table.name in side.tables else None for side in sides
    }
    differing, differences = {}, []
    for other in others:
        differing[other.target], found = _pair(connection, reference, other, table)
        differences += found
    return TableParity(table.name, rows, differing, differences)


def _pair(
    connection: duckdb.DuckDBPyConnection, reference: Side, other: Side, table: KeyedTable
) -> tuple[int | None, list[Difference]]:
    """How many keys have rows that differ, and all differences but those of later rows."""
    ours, theirs = reference.tables.get(table.name), other.tables.get(table.name)
    if ours is None or theirs is None:
        return None, [Difference(other.target, None, TABLE, *_presence(ours is not None, theirs is not None))]
    columns = {name: kind for name, kind in ours.items() if theirs.get(name) == kind}
    differences = [
        Difference(other.target, None, name, ours.get(name, MISSING), theirs.get(name, MISSING))
        for name in ours | theirs
        if name not in columns
    ]
    if not set(table.key) <= set(columns):
        return None, differences
    count, first = compare_rows(connection, table.name, reference, other, table.key, columns)
    return count, differences + first


def _presence(ours: bool, theirs: bool) -> tuple[str, str]:
    return THERE if ours else MISSING, THERE if theirs else MISSING
