"""Examples as Parquet: three parts in the order of time, with nothing of a later part known in an earlier one."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from feature_store.questions import Question
from feature_store.questions.question import group_of
from feature_store.training_sets.choices import Choices
from feature_store.training_sets.receipt import Column, Part
from ontime.errors import OntimeError
from ontime.files import sha256
from ontime.sql import quote_sql, quoted

ORDER = "prediction_at, flight_key, horizon_minutes"
LINEAGE = "loaded_at"


@dataclass(frozen=True)
class Export:
    """What was written.

    Attributes:
        parts: The files, by part.
        columns: The columns, in their order.
        embargo_minutes: Minutes left out before each later part.
        corrected_later: Rows left out, too, as their label was corrected after the next part had begun.
    """

    parts: dict[str, Part]
    columns: dict[str, Column]
    embargo_minutes: int
    corrected_later: int

    @property
    def content_sha256(self) -> str:
        """SHA-256 over the hashes of the parts."""
        return hashlib.sha256("".join(part.sha256 for part in self.parts.values()).encode()).hexdigest()


@dataclass(frozen=True)
class _Span:
    """The predictions of a part, and the instant by which their labels have to be known: all UTC."""

    part: str
    start: datetime
    end: datetime
    labels_by: datetime | None

    @property
    def predictions(self) -> str:
        return f"(prediction_at >= {_literal(self.start)} and prediction_at < {_literal(self.end)})"

    @property
    def labels(self) -> str:
        return f"label_known_at <= {_literal(self.labels_by)}" if self.labels_by else "true"


def export(
    connection: duckdb.DuckDBPyConnection, question: Question, choices: Choices, as_of: datetime | None, folder: Path
) -> Export:
    """Write the examples that were asked for; rows stream to disk.

    Args:
        connection: The database that holds the examples.
        question: That which the examples are of.
        choices: What was asked for.
        as_of: Examples whose label was not known by this instant (UTC) are left out; none leaves out none.
        folder: Where the files go.

    Raises:
        OntimeError: There is no such example, a part would have none, or there is no such group of features.
    """
    examples = f"training.{quoted(question.model)}"
    columns = ", ".join(map(quoted, _columns(connection, examples, choices)))
    selected = f"select {columns} from {examples} where {_condition(choices, as_of)}"
    spans, embargo_minutes = _spans(connection, selected, question, choices)
    corrected_later = _verify_rows(connection, selected, spans, embargo_minutes)
    parts = {span.part: _write(connection, selected, span, folder / f"{span.part}.parquet") for span in spans}
    return Export(parts, _describe(connection, folder, parts), embargo_minutes, corrected_later)


def _columns(connection: duckdb.DuckDBPyConnection, examples: str, choices: Choices) -> list[str]:
    """The schedule's and the label's columns, and those of the groups that were asked for."""
    described = connection.sql(f"describe {examples}").fetchall()
    names = [name for name, *_ in described if not name.endswith(LINEAGE)]
    groups = {group_of(name): None for name in names if group_of(name)}
    unknown = sorted(set(choices.features) - groups.keys())
    if unknown:
        raise OntimeError(
            f"the examples have no features {', '.join(unknown)}", remedy="make the set again with others"
        )
    wanted = choices.features or groups
    return [name for name in names if group_of(name) is None or group_of(name) in wanted]


def _condition(choices: Choices, as_of: datetime | None) -> str:
    conditions = [f"horizon_minutes in ({', '.join(map(str, choices.horizons_minutes))})"]
    if choices.start is not None:
        conditions.append(f"prediction_at >= {_literal(choices.start)}")
    if choices.end is not None:
        conditions.append(f"prediction_at < {_literal(choices.end)}")
    if as_of is not None:
        conditions.append(f"label_known_at <= {_literal(as_of)}")
    return " and ".join(conditions)


def _spans(
    connection: duckdb.DuckDBPyConnection, selected: str, question: Question, choices: Choices
) -> tuple[list[_Span], int]:
    """The parts, and the longest wait from a prediction to what was predicted, which lies between them, in minutes."""
    # a correction of the label is known later
    waited = question.label.waited_minutes
    first, last, embargo_minutes = connection.sql(
        f"select min(prediction_at), max(prediction_at), max({waited}) from ({selected})"
    ).fetchall()[0]
    if first is None:
        raise OntimeError("no example fits", remedy="choose another --horizon, --start, --end or --as-of")
    embargo = timedelta(minutes=embargo_minutes)
    validation_share, test_share = choices.validation_share, choices.test_share
    validation_from = _midnight(first, last, 1 - validation_share - test_share)
    test_from = _midnight(first, last, 1 - test_share)
    spans = [
        _Span("train", first, validation_from - embargo, validation_from),
        _Span("validation", validation_from, test_from - embargo, test_from),
        _Span("test", test_from, last + timedelta(microseconds=1), None),
    ]
    return spans, embargo_minutes


def _midnight(first: datetime, last: datetime, share: float) -> datetime:
    """Where a part begins: at a midnight (UTC), so that it reads well."""
    return (first + (last - first) * share).replace(hour=0, minute=0, second=0, microsecond=0)


def _verify_rows(connection: duckdb.DuckDBPyConnection, selected: str, spans: list[_Span], embargo_minutes: int) -> int:
    """Refuse a set of which a part would be empty; gives how many rows have labels that were corrected too late."""
    counts = ", ".join(
        f"count(*) filter ({span.predictions} and {span.labels}), count(*) filter ({span.predictions} and"
        f" not {span.labels})"
        for span in spans
    )
    found = connection.sql(f"select {counts} from ({selected})").fetchall()[0]
    rows, corrected = found[::2], found[1::2]
    for span, kept, left_out in zip(spans, rows, corrected, strict=True):
        if kept:
            continue
        examples = f"the examples are of {spans[0].start:%Y-%m-%d %H:%M} to {spans[-1].end:%Y-%m-%d %H:%M} UTC"
        if left_out:
            why = f"the labels of its {left_out:,} examples were corrected after {span.labels_by:%Y-%m-%d %H:%M} UTC"
            todo = "choose an --as-of before the correction was loaded"
        else:
            why = f"{embargo_minutes:,} minutes are left out before each later part, as so long a label can take"
            todo = "choose a longer period (--start, --end, a later --as-of), or load more"
        raise OntimeError(
            f"the part {span.part} would have no rows, nothing was written; {examples}, {why}", remedy=todo
        )
    return sum(corrected)


def _write(connection: duckdb.DuckDBPyConnection, selected: str, span: _Span, path: Path) -> Part:
    rows = f"select * from ({selected}) where {span.predictions} and {span.labels} order by {ORDER}"
    connection.execute(f"copy ({rows}) to {quote_sql(str(path))} (format parquet, compression zstd)")
    count, first, last = connection.sql(
        f"select count(*), min(prediction_at), max(prediction_at) from read_parquet({quote_sql(str(path))})"
    ).fetchall()[0]
    return Part(file=path.name, sha256=sha256(path), rows=count, first_prediction_at=first, last_prediction_at=last)


def _describe(connection: duckdb.DuckDBPyConnection, folder: Path, parts: dict[str, Part]) -> dict[str, Column]:
    files = read_parts(folder, parts)
    described = connection.sql(f"describe from {files}").fetchall()
    shares = ", ".join(f"1 - count({quoted(name)}) / greatest(count(*), 1)" for name, *_ in described)
    values = connection.sql(f"select {shares} from {files}").fetchall()[0]
    return {
        name: Column(type=data_type, null_share=round(share, 6))
        for (name, data_type, *_), share in zip(described, values, strict=True)
    }


def read_parts(folder: Path, parts: dict[str, Part]) -> str:
    """The rows of a set in SQL."""
    return f"read_parquet([{', '.join(quote_sql(str(folder / part.file)) for part in parts.values())}])"


def _literal(instant: datetime) -> str:
    return f"timestamp {quote_sql(instant.isoformat(sep=' '))}"
