import json
from collections import Counter
from datetime import UTC

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamed_events import flight_events

from ingestion.sources.events.columns import FLIGHT_EVENTS
from streaming.replay.disorder import Disorder, disarrange
from streaming.replay.encoding import ENCODED

COUNT = 4_000


@pytest.fixture(scope="module")
def in_order(tmp_path_factory):
    instants, keys, documents = zip(*flight_events(COUNT), strict=True)
    naive = [instant.astimezone(UTC).replace(tzinfo=None) for instant in instants]
    path = tmp_path_factory.mktemp("events") / "in_order.parquet"
    pq.write_table(pa.table([naive, [FLIGHT_EVENTS] * COUNT, keys, documents], schema=ENCODED), path)
    return path


def disarranged(in_order, tmp_path, **shares) -> list[dict]:
    with duckdb.connect() as connection:
        disarrange(connection, Disorder(**shares), in_order, tmp_path / "sent.parquet")
    rows = pq.read_table(tmp_path / "sent.parquet").to_pylist()
    return [row | {"number": json.loads(row["document"])["number"]} for row in rows]


def test_the_same_seed_draws_the_same_and_another_draws_others(in_order, tmp_path):
    first, again, other = (
        disarranged(in_order, tmp_path, seed=seed, late=0.1, repeated=0.1, out_of_order=0.1) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_repeats_are_the_same_documents_later(in_order, tmp_path):
    rows = disarranged(in_order, tmp_path, repeated=0.1)
    counts = Counter(row["document"] for row in rows)
    assert 300 < len(rows) - COUNT < 500
    assert set(counts.values()) == {1, 2}


def test_late_events_are_taken_up_to_ten_minutes_later_and_sent_in_that_order(in_order, tmp_path):
    rows = disarranged(in_order, tmp_path, late=0.1)
    known = {row["document"]: row["known_at"] for row in pq.read_table(in_order).to_pylist()}
    delays = [(row["known_at"] - known[row["document"]]).total_seconds() for row in rows]
    late = [delay for delay in delays if delay]
    assert 300 < len(late) < 500
    assert 0 < min(late) <= max(late) <= 601
    assert [row["known_at"] for row in rows] == sorted(row["known_at"] for row in rows)


def test_events_out_of_order_keep_their_instant_and_come_behind_later_ones(in_order, tmp_path):
    rows = disarranged(in_order, tmp_path, out_of_order=0.1)
    instants = [row["known_at"] for row in rows]
    assert instants != sorted(instants)
    assert sorted(instants) == sorted(pq.read_table(in_order)["known_at"].to_pylist())


def test_a_corrected_event_ends_as_what_it_was(in_order, tmp_path):
    rows = disarranged(in_order, tmp_path, corrected=0.2)
    truth = {json.loads(text)["number"]: text for text in pq.read_table(in_order)["document"].to_pylist()}
    last = {row["number"]: row["document"] for row in rows}
    wrong = [row for row in rows if row["document"] != truth[row["number"]]]
    assert last == truth
    # of one in two events an instant is told
    assert 300 < len(wrong) < 500
    assert all(
        json.loads(row["document"])["occurred_at"] != json.loads(truth[row["number"]])["occurred_at"] for row in wrong
    )
