"""Checks that a fetched file passes before it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingestion.reading.csv_reader import MARKS
from ingestion.source import Reading
from ontime.errors import OntimeError

if TYPE_CHECKING:
    import duckdb

# fewer damaged values say nothing of a column, however few it has
FEWEST_DAMAGED_VALUES = 20


def verify_rejects(con: duckdb.DuckDBPyConnection, name: str, reading: Reading, max_share: float) -> None:
    """Refuse a file of which too many rows cannot be read.

    Args:
        con: The connection of the reading.
        name: What to call the file in errors.
        reading: The file.
        max_share: A greater share of the rows is refused.

    Raises:
        OntimeError: With the first of these rows.
    """
    found = reading.rows + reading.rejected_rows
    if reading.rejected_rows <= found * max_share:
        return
    line, reason = con.execute(
        f"select line_number, reason from ({reading.rejected}) order by line_number limit 1"
    ).fetchall()[0]
    raise OntimeError(
        f"refused, {reading.rejected_rows:,} of {found:,} rows cannot be read (more than "
        f"{max_share:.1%} allowed by ONTIME_MAX_REJECTED_ROW_SHARE), the first is line {line:,}: "
        f"{reason}",
        where=name,
    )


def verify_damage(name: str, reading: Reading, max_share: float) -> None:
    """Refuse a file with a column of which most values are of another type: its columns are not what their names say.

    Bytes that are no text say nothing of the kind, and fewer than `FEWEST_DAMAGED_VALUES` values neither.

    Raises:
        OntimeError: If one column has at least that many, and a greater share of its values than `max_share`.
    """
    for damaged in reading.damaged:
        is_much = damaged.count > damaged.values * max_share and damaged.count >= FEWEST_DAMAGED_VALUES
        if is_much and damaged.rule not in MARKS.values():
            raise OntimeError(
                (
                    f"refused, {damaged.count:,} of {damaged.values:,} values of {damaged.column} cannot be "
                    f"read (more than {max_share:.1%} allowed by ONTIME_MAX_DAMAGED_VALUE_SHARE), as "
                    f"{damaged.example!r} {damaged.rule}"
                ),
                where=name,
            )


def verify_row_count(name: str, rows: int, last_rows: int | None, min_share: float, *, force: bool) -> None:
    """Refuse a file with far fewer rows than its last version.

    Raises:
        OntimeError: If `rows` is under `min_share` of `last_rows` and `force` is not given.
    """
    if last_rows and rows < last_rows * min_share and not force:
        raise OntimeError(
            f"{rows:,} rows, under {min_share:.0%} of the {last_rows:,} of its last version",
            where=name,
            remedy="load it all the same with --force",
        )
