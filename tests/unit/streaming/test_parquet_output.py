"""Readers see the rows that hold, however many files there are of them."""

from datetime import datetime, timedelta
from uuid import uuid4

import duckdb
import pyarrow as pa
import pytest

from streaming.live.feature_tables import FeatureTable
from streaming.live.output import FeatureBatch, FeatureRows
from streaming.live.parquet_output import MOST_OF_A_SIZE, ParquetWriter

TABLE = FeatureTable(
    "feat_test", ("airport",), "fct_flight_events", {"airport": "VARCHAR", "total": "INTEGER", "known_at": "TIMESTAMP"}
)
SCHEMA = pa.schema({"airport": pa.string(), "total": pa.int32(), "known_at": pa.timestamp("us")})
START = datetime(2013, 2, 8)
GENERATION = uuid4()


def batch(number, rows, replaced=()):
    keys = pa.schema([SCHEMA.field("airport"), SCHEMA.field("known_at")])
    return FeatureBatch(
        GENERATION,
        number,
        [
            FeatureRows(
                TABLE,
                pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA),
                pa.Table.from_pylist([dict(zip(keys.names, row, strict=True)) for row in replaced], keys),
            )
        ],
    )


@pytest.fixture
def writer(tmp_path):
    made = ParquetWriter(tmp_path, [TABLE])
    assert made.last_written(GENERATION) is None
    return made


def rows(folder):
    with duckdb.connect(str(folder / "features.duckdb"), read_only=True) as connection:
        return connection.execute("from feat_test order by all").fetchall()


def test_a_new_folder_has_empty_tables(writer, tmp_path):
    assert rows(tmp_path) == []


def test_a_batch_that_comes_twice_counts_once(writer, tmp_path):
    for _ in range(2):
        writer.write(batch(1, [("JFK", 1, START)]))
    assert rows(tmp_path) == [("JFK", 1, START)]
    assert ParquetWriter(tmp_path, [TABLE]).last_written(GENERATION) == 1


def test_what_was_replaced_holds_no_more(writer, tmp_path):
    later = START + timedelta(hours=1)
    writer.write(batch(1, [("JFK", 1, START), ("JFK", 2, later), ("LGA", 5, later)]))
    writer.write(batch(2, [("JFK", 1, START)], replaced=[("JFK", START)]))
    assert rows(tmp_path) == [("JFK", 1, START), ("LGA", 5, later)]


def test_many_batches_stay_few_files_with_the_same_rows(writer, tmp_path):
    count = MOST_OF_A_SIZE * 5 + 3
    for number in range(1, count + 1):
        known_at = START + timedelta(minutes=number)
        replaced = [("JFK", known_at - timedelta(minutes=2))] if number % 10 == 0 else []
        writer.write(batch(number, [("JFK", number, known_at)], replaced))
    kept = [number for number in range(1, count + 1) if number % 10 != 9 or number == count]
    assert [total for _, total, _ in rows(tmp_path)] == kept
    assert len(list((tmp_path / "feat_test").glob("*.parquet"))) < 3 * MOST_OF_A_SIZE


def test_another_generation_begins_anew(writer, tmp_path):
    writer.write(batch(1, [("JFK", 1, START)]))
    assert ParquetWriter(tmp_path, [TABLE]).last_written(uuid4()) is None
    assert rows(tmp_path) == []
