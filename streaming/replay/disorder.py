"""What goes wrong on the way of events, for tests: drawn by lot, and the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ontime.sql import quote_sql

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

# what a correction takes back: it happened so much later than was reported first
MISREPORTED_MINUTES: Final = 3


@dataclass(frozen=True)
class Disorder:
    """Shares of the events, from 0 to 1.

    Attributes:
        seed: Another one draws other events.
        late: Reach the broker later than they were known.
        repeated: Reach it a second time, later.
        corrected: Are reported with a wrong instant first; the right one follows, later. Only of those with an instant.
        out_of_order: Are appended behind events of later instants.
        longest_seconds: How much later, at the most, in simulated time.
    """

    seed: int = 0
    late: float = 0.0
    repeated: float = 0.0
    corrected: float = 0.0
    out_of_order: float = 0.0
    longest_seconds: int = 600


def disarrange(connection: duckdb.DuckDBPyConnection, disorder: Disorder, source: Path, target: Path) -> None:
    """Write a file of events as they reach the broker.

    Args:
        connection: Any DuckDB.
        disorder: What goes wrong.
        source: Parquet with the columns of `ENCODED`, in order.
        target: Parquet with the same columns in the order of sending; `known_at` is when the broker takes it.
    """

    def drawn(what: str) -> str:
        return f"hash('{disorder.seed} {what}', number) / 18446744073709551616.0"

    def later(what: str) -> str:
        return f"to_seconds(1 + ({drawn(f'{what} seconds')} * {disorder.longest_seconds})::integer)"

    occurred_at = "(document ->> 'occurred_at')::timestamp"
    misreported = f"strftime({occurred_at} - interval {MISREPORTED_MINUTES} minute, '%Y-%m-%dT%H:%M:%SZ')"
    connection.execute(f"""
        copy (
            with numbered as (
                select *, file_row_number as number, {drawn("late")} < {disorder.late} as is_late,
                    {drawn("repeated")} < {disorder.repeated} as is_repeated,
                    {drawn("corrected")} < {disorder.corrected}
                        and (document ->> 'occurred_at') is not null as is_corrected,
                    {drawn("out of order")} < {disorder.out_of_order} as is_out_of_order
                from read_parquet({quote_sql(str(source))}, file_row_number = true)
            ),
            reported as (
                select *, 1 as copy, case when is_late then known_at + {later("late")} else known_at end as taken_at,
                    case when is_corrected
                        then json_merge_patch(document, json_object('occurred_at', {misreported}))::varchar
                        else document end as sent
                from numbered
                union all
                select *, 2 as copy, known_at + {later("late")} + {later("repeated")} as taken_at, document as sent
                from numbered where is_repeated or is_corrected
            )
            select taken_at as known_at, topic, key, sent as document from reported
            order by case when is_out_of_order then taken_at + {later("out of order")} else taken_at end, number, copy
        ) to {quote_sql(str(target))} (format parquet, row_group_size 20000)
    """)
