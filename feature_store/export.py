"""Examples as Parquet: three parts in the order of time, with nothing of a later part known in an earlier one."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from feature_store.rebuild import EXAMPLES
from feature_store.receipt import Choices, Column, Part
from ingestion.receipts import sha256
from ingestion.source import IngestError

PARTS = ("train", "validation", "test")
ORDER = "prediction_at, flight_key, horizon_minutes"
SEPARATOR = "__"
LINEAGE = "loaded_at"


@dataclass(frozen=True)
class Export:
    """What was written.

    Attributes:
        parts: The files, by part.
        columns: The columns, in their order.
        embargo_minutes: Minutes left out before each later part.
    """

    parts: dict[str, Part]
    columns: dict[str, Column]
    embargo_minutes: int

    @property
    def content_sha256(self) -> str:
        """SHA-256 over the hashes of the parts."""
        return hashlib.sha256("".join(part.sha256 for part in self.parts.values()).encode()).hexdigest()


def export(connection: duckdb.DuckDBPyConnection, choices: Choices, as_of: datetime, folder: Path) -> Export:
    """Write the examples that were asked for; rows stream to disk.

    Args:
        connection: The database that holds the examples.
        choices: What was asked for.
        as_of: Examples whose label was not known by this instant (UTC) are left out.
        folder: Where the files go.

    Raises:
        IngestError: There is no such example or no such group of features.
    """
    columns = _columns(connection, choices)
    selected = (
        f"select {', '.join(columns)} from {EXAMPLES} where {_condition(choices)}"
        f" and label_known_at <= timestamp '{as_of.isoformat(sep=' ')}'"
    )
    first, last, embargo_minutes = _span(connection, selected)
    embargo = timedelta(minutes=embargo_minutes)
    validation_from, test_from = _boundaries(first, last, choices)
    spans = {
        "train": (first, validation_from - embargo),
        "validation": (validation_from, test_from - embargo),
        "test": (test_from, last + timedelta(microseconds=1)),
    }
    parts = {name: _write(connection, selected, spans[name], folder / f"{name}.parquet") for name in PARTS}
    return Export(parts, _describe(connection, folder), embargo_minutes)


def _columns(connection: duckdb.DuckDBPyConnection, choices: Choices) -> list[str]:
    """The schedule's and the label's columns, and those of the groups that were asked for."""
    described = connection.sql(f"describe {EXAMPLES}").fetchall()
    names = [name for name, *_ in described if not name.endswith(LINEAGE)]
    groups = list(dict.fromkeys(name.split(SEPARATOR)[0] for name in names if SEPARATOR in name))
    unknown = sorted(set(choices.features) - set(groups))
    if unknown:
        raise IngestError(f"no features of the name {', '.join(unknown)}: the groups are {', '.join(groups)}")
    wanted = choices.features or groups
    return [name for name in names if SEPARATOR not in name or name.split(SEPARATOR)[0] in wanted]


def _condition(choices: Choices) -> str:
    conditions = [f"horizon_minutes in ({', '.join(map(str, choices.horizons_minutes))})"]
    if choices.start is not None:
        conditions.append(f"prediction_at >= timestamp '{choices.start.isoformat(sep=' ')}'")
    if choices.end is not None:
        conditions.append(f"prediction_at < timestamp '{choices.end.isoformat(sep=' ')}'")
    return " and ".join(conditions)


def _span(connection: duckdb.DuckDBPyConnection, selected: str) -> tuple[datetime, datetime, int]:
    """The first and the last instant of prediction, and the longest wait for a label in minutes."""
    first, last, wait = connection.sql(
        "select min(prediction_at), max(prediction_at),"
        f" max(ceil(epoch(label_known_at - prediction_at) / 60))::integer from ({selected})"
    ).fetchall()[0]
    if first is None:
        raise IngestError("no example fits: choose another --horizon, --start, --end or --as-of")
    return first, last, wait


def _boundaries(first: datetime, last: datetime, choices: Choices) -> tuple[datetime, datetime]:
    """Where validation and test begin: at a midnight (UTC), so that they read well."""
    span = last - first

    def midnight(share: float) -> datetime:
        return (first + span * share).replace(hour=0, minute=0, second=0, microsecond=0)

    return midnight(1 - choices.validation_share - choices.test_share), midnight(1 - choices.test_share)


def _write(connection: duckdb.DuckDBPyConnection, selected: str, span: tuple[datetime, datetime], path: Path) -> Part:
    start, end = (instant.isoformat(sep=" ") for instant in span)
    rows = (
        f"select * from ({selected}) where prediction_at >= timestamp '{start}' and prediction_at < timestamp '{end}'"
    )
    connection.execute(f"copy ({rows} order by {ORDER}) to '{path}' (format parquet, compression zstd)")
    count, first, last = connection.sql(
        f"select count(*), min(prediction_at), max(prediction_at) from read_parquet('{path}')"
    ).fetchall()[0]
    return Part(file=path.name, sha256=sha256(path), rows=count, first_prediction_at=first, last_prediction_at=last)


def _describe(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Column]:
    files = f"read_parquet('{folder}/*.parquet')"
    described = connection.sql(f"describe from {files}").fetchall()
    shares = ", ".join(f'1 - count("{name}") / greatest(count(*), 1)' for name, *_ in described)
    values = connection.sql(f"select {shares} from {files}").fetchall()[0]
    return {
        name: Column(type=data_type, null_share=round(share, 6))
        for (name, data_type, *_), share in zip(described, values, strict=True)
    }
