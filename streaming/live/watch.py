"""A table of airports whose features change while one looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import duckdb
from rich.table import Table

from ontime.sql import quote_sql
from streaming.live.parquet_output import DATABASE

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS: Final = {
    "departures_1h": "departures, 1 h",
    "mean_departure_delay_minutes_1h": "mean delay, 1 h",
    "mean_departure_delay_minutes_3h": "mean delay, 3 h",
    "delayed_15_share_3h": "15 min late, 3 h",
    "cancellations_3h": "cancelled, 3 h",
}


def watched(folder: Path, airports: list[str]) -> Table:
    """The newest features of airports.

    Args:
        folder: Where `ParquetWriter` writes.
        airports: Their codes, in the order of the rows.
    """
    names = ", ".join(quote_sql(code) for code in airports)
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        rows = connection.execute(
            f"select origin_airport_code, known_at, {', '.join(COLUMNS)} from feat_origin_departures"
            f" where origin_airport_code in ({names})"
            " qualify row_number() over (partition by origin_airport_code order by known_at desc) = 1"
        ).fetchall()
    found = {row[0]: row[1:] for row in rows}
    table = Table("airport", "since (UTC)", *COLUMNS.values())
    for code in airports:
        known_at, *values = found.get(code, ("-", *(None for _ in COLUMNS)))
        table.add_row(code, str(known_at), *(_shown(value) for value in values))
    return table


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
