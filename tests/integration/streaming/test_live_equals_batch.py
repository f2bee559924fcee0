"""Whatever the steps and the disorder, the live features are the rows that one build of all facts gives."""

import shutil
from datetime import datetime, timedelta

import pytest
from live_feed import Disorder, Feed, differing_rows, play

from streaming.live.feature_tables import read_feature_tables
from streaming.live.parquet_output import ParquetWriter
from streaming.live.self_check import verify_sums
from streaming.live.state_file import open_state

IN_DISORDER = Disorder(late=0.1, corrected=0.1, repeated=0.05)


@pytest.fixture(scope="module", params=[Disorder(), IN_DISORDER], ids=["in order", "in disorder"])
def feed(request, dev_warehouse, tmp_path_factory):
    """Two days of facts, and the features that one build makes of them."""
    folder = tmp_path_factory.mktemp("feed")
    made = Feed(folder / "feed.duckdb", datetime(2013, 1, 2), datetime(2013, 1, 4), request.param)
    made.make(dev_warehouse.project.database)
    made.build(folder / "built.duckdb")
    return made


@pytest.mark.slow
def test_live_rows_are_those_of_one_build(feed, empty_stream, tmp_path):
    minutes = 60 if feed.disorder.late else 180
    shutil.copy(empty_stream.stream_file, tmp_path / "stream.duckdb")
    settings = empty_stream.model_copy(update={"stream_file": tmp_path / "stream.duckdb"})
    connection = open_state(settings.stream_file, settings, print)
    tables = read_feature_tables(connection)
    writer = ParquetWriter(tmp_path / "live", tables)
    ((generation,),) = connection.execute("select generation from live.clock").fetchall()
    writer.last_written(generation)

    late = play(feed, connection, tables, timedelta(minutes=minutes), writer)

    verify_sums(connection, tables)
    connection.close()
    assert (late > 0) == (feed.disorder.late > 0)
    found = differing_rows(tmp_path / "live" / "features.duckdb", feed, feed.path.with_name("built.duckdb"), tables)
    assert len(found) == 6
    for name, (rows, missing, added) in found.items():
        assert rows > 50, name
        assert (missing, added) == (0, 0), name
