"""The profiles of features that dbt builds: nulls, and tables that stand still."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from feature_store.monitoring.findings import STABLE, DayFinding, Finding
from ontime.errors import NotYetError

if TYPE_CHECKING:
    import duckdb

PROFILES: Final = "reports.rpt_feature_profiles_daily"
# days that are looked at where none is named
NEWEST_DAYS: Final = 28


def last_day(connection: duckdb.DuckDBPyConnection) -> date:
    """The last day that has profiles.

    Raises:
        NotYetError: There is none.
    """
    import duckdb  # noqa: PLC0415 - slow to import

    try:
        ((day,),) = connection.execute(f"select max(profile_date) from {PROFILES}").fetchall()
    except duckdb.CatalogException:
        day = None
    if day is None:
        raise NotYetError(f"{PROFILES} has no row", remedy="build it with dbt build, and publish it to read the copy")
    found: date = day
    return found


def first_day(connection: duckdb.DuckDBPyConnection, since: datetime | None) -> date:
    """The day of an instant (UTC), or that with which the newest begin.

    Raises:
        NotYetError: There are no days.
    """
    last = last_day(connection)
    return last - timedelta(days=NEWEST_DAYS - 1) if since is None else since.date()


def read_allowed_indexes(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Up to which index each feature counts as unchanged, whatever chance does."""
    return dict(connection.execute(f"select feature_name, min(allowed_psi) from {PROFILES} group by 1").fetchall())


def find_in_profiles(connection: duckdb.DuckDBPyConnection, first: date) -> list[Finding]:
    """What the profiles tell of each feature from a day on.

    Args:
        connection: Of `open_source`.
        first: The first day.
    """
    rows = connection.execute(
        "select feature_name, profile_date, entity_count, null_share, mean_value, null_share > allowed_null_share,"
        " coalesce(newest_age_minutes > allowed_age_minutes, newest_known_at is null)"
        f" from {PROFILES} where profile_date >= ? order by table_name, feature_name, profile_date",
        [first],
    ).fetchall()
    return [_find(feature, list(days)) for feature, days in groupby(rows, key=lambda row: str(row[0]))]


def _find(feature: str, rows: list[tuple[Any, ...]]) -> Finding:
    days = tuple(
        DayFinding(day, count, null_share, mean, is_beyond=bool(has_nulls or is_stale))
        for _, day, count, null_share, mean, has_nulls, is_stale in rows
    )
    wrong = {"null": sum(bool(row[5]) for row in rows), "stale": sum(bool(row[6]) for row in rows)}
    said = [f"{what} on {count} day{'s' if count > 1 else ''}" for what, count in wrong.items() if count]
    counted = [(day.rows, day.null_share, day.mean) for day in days if day.rows and day.null_share is not None]
    total = sum(rows for rows, *_ in counted)
    held = [(rows * (1 - null_share), mean) for rows, null_share, mean in counted if mean is not None]
    weight = sum(rows for rows, _ in held)
    return Finding(
        feature=feature,
        rows=total,
        null_share=sum(rows * null_share for rows, null_share, _ in counted) / total if total else None,
        mean=sum(rows * mean for rows, mean in held) / weight if weight else None,
        verdict=", ".join(said) or STABLE,
        is_beyond=bool(said),
        days=days,
    )
