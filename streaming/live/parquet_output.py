"""The rows of features as Parquet files, and a DuckDB file of views over them that anybody may attach.

A DuckDB file has one writer, and none while others read it; a file of views is never written while it is read. A
batch adds a small file to each table; of every sixteen files of a size one is made. Readers who listed those find them
until the next is made.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ontime.files import replace_durably
from ontime.sql import quote_sql

if TYPE_CHECKING:
    from uuid import UUID

    from streaming.live.feature_tables import FeatureTable
    from streaming.live.output import FeatureBatch, FeatureRows

MOST_OF_A_SIZE: Final = 16
DATABASE: Final = "features.duckdb"
STATE: Final = "written.json"


class ParquetWriter:
    """Writes features to a folder; see `FeatureWriter`."""

    def __init__(self, folder: Path, tables: list[FeatureTable]) -> None:
        self._folder = folder
        self._tables = tables

    def last_written(self, generation: UUID) -> int | None:
        """See `FeatureWriter.last_written`."""
        state = self._folder / STATE
        if state.exists():
            written = json.loads(state.read_text(encoding="utf-8"))
            if written["generation"] == str(generation):
                return int(written["batch_number"])
        self._begin(generation)
        return None

    def write(self, batch: FeatureBatch) -> None:
        """See `FeatureWriter.write`."""
        for rows in batch.tables:
            path = self._folder / rows.table.name / _name(0, batch.number, batch.number)
            _write(_with_replaced(rows, batch.number), path)
            self._merge(rows.table)
        self._note(batch.generation, batch.number)

    def _begin(self, generation: UUID) -> None:
        """Empty tables, and views over them."""
        shutil.rmtree(self._folder, ignore_errors=True)
        for table in self._tables:
            columns = {name: table.columns[name] for name in table.features}
            empty = duckdb.sql(
                f"select {', '.join(f'null::{kind} as {name}' for name, kind in columns.items())},"
                " 0::bigint as batch_number, false as is_replaced limit 0"
            ).to_arrow_table()
            _write(empty, self._folder / table.name / _name(0, 0, 0))
        with duckdb.connect(str(self._folder / DATABASE)) as connection:
            for table in self._tables:
                connection.execute(f"create view {table.name} as {_newest_rows(self._folder / table.name, table)}")
        self._note(generation, 0)

    def _merge(self, table: FeatureTable) -> None:
        """Make one file of those of a size, where they are many."""
        files = sorted((self._folder / table.name).glob("*.parquet"))
        for level in sorted({_parts(path)[0] for path in files}):
            same = [path for path in files if _parts(path)[0] == level]
            merged = [path for path in same if _is_held(path, files)]
            to_merge = [path for path in same if path not in merged]
            if len(to_merge) < MOST_OF_A_SIZE:
                continue
            name = _name(level + 1, _parts(to_merge[0])[1], _parts(to_merge[-1])[2])
            _write(pa.concat_tables(pq.read_table(path) for path in to_merge), self._folder / table.name / name)
            for path in merged:
                path.unlink()

    def _note(self, generation: UUID, number: int) -> None:
        temporary = self._folder / f"{STATE}.part"
        temporary.write_text(json.dumps({"generation": str(generation), "batch_number": number}), encoding="utf-8")
        temporary.replace(self._folder / STATE)


def _with_replaced(rows: FeatureRows, number: int) -> pa.Table:
    """The rows, and those that tell which earlier ones hold no more."""
    marks = rows.replaced
    for field in rows.rows.schema:
        if field.name not in marks.column_names:
            marks = marks.append_column(field, pa.nulls(marks.num_rows, field.type))
    marks = marks.select(rows.rows.column_names).cast(rows.rows.schema)
    whole = pa.concat_tables([rows.rows, marks])
    is_replaced = [False] * rows.rows.num_rows + [True] * marks.num_rows
    whole = whole.append_column("batch_number", pa.array([number] * whole.num_rows, pa.int64()))
    return whole.append_column("is_replaced", pa.array(is_replaced, pa.bool_()))


def _newest_rows(folder: Path, table: FeatureTable) -> str:
    """SQL that gives the rows that hold, whichever files there are of them."""
    same = " and ".join(f"marks.{name} = written.{name}" for name in table.entity)
    files = f"read_parquet({quote_sql(str(folder.absolute() / '*.parquet'))})"
    return (
        f"with files as (from {files}),"
        " marks as (from files where is_replaced)"
        f" select {', '.join(f'written.{name}' for name in table.features)} from files as written"
        " where not is_replaced and not exists (from marks"
        f" where {same} and marks.known_at < written.known_at and marks.batch_number > written.batch_number)"
        f" qualify row_number() over (partition by {table.keys}, known_at order by batch_number desc) = 1"
    )


def _write(rows: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    pq.write_table(rows, temporary, compression="zstd")
    replace_durably(temporary, path)


def _name(level: int, first: int, last: int) -> str:
    return f"{level}-{first:010}-{last:010}.parquet"


def _parts(path: Path) -> tuple[int, int, int]:
    """How often a file was merged, and its first and last batch."""
    level, first, last = map(int, path.stem.split("-"))
    return level, first, last


def _is_held(path: Path, files: list[Path]) -> bool:
    """Whether a file was merged into another."""
    level, first, last = _parts(path)
    return any(other[0] > level and other[1] <= first and last <= other[2] for other in map(_parts, files))
