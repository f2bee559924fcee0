"""The processor computes what has landed, whatever cuts it off, and an excluded aircraft leaves at once."""

import shutil
from datetime import datetime

import duckdb
import pytest
from landed_events import land, records_of
from paths import ROOT

from ingestion.landing import Landing
from ontime.errors import OntimeError
from streaming.live.excluded import SEED
from streaming.live.feature_tables import read_feature_tables
from streaming.live.parquet_output import ParquetWriter
from streaming.live.processor import Processor
from streaming.live.state_file import open_state

BATCHES = 4


@pytest.fixture(scope="module")
def records(dev_warehouse):
    return records_of(dev_warehouse.project.database, datetime(2013, 1, 2, 9), datetime(2013, 1, 2, 15))


class Stream:
    """A data folder whose events come in batches."""

    def __init__(self, folder, empty_stream, records):
        self.settings = empty_stream.model_copy(
            update={
                "data_dir": folder,
                "landing_url": str(folder / "landing"),
                "stream_file": folder / "stream.duckdb",
                "stream_hold_back_seconds": 0,
            }
        )
        self.folder = folder
        self.project = folder / "project"
        (self.project / "seeds").mkdir(parents=True)
        shutil.copy(ROOT / SEED, self.project / SEED)
        self._empty = empty_stream.stream_file
        size = -(-records.num_rows // BATCHES)
        self._batches = [records.slice(first, size) for first in range(0, records.num_rows, size)]
        self.lose_state()

    def lose_state(self):
        shutil.copy(self._empty, self.settings.stream_file)
        with duckdb.connect(str(self.settings.stream_file)) as connection:
            connection.execute("update live.clock set generation = uuid()")

    def land(self, number):
        land(self.settings, self._batches[number])

    def run(self, writer=ParquetWriter):
        """Open the state, take all that has landed, and close it."""
        connection = open_state(self.settings.stream_file, self.settings, print)
        try:
            output = writer(self.folder / "live", read_feature_tables(connection))
            processor = Processor(self.settings, self.project, connection, Landing(self.settings), output)
            while processor.step() is not None:
                pass
        finally:
            connection.close()

    def rows(self, table):
        with duckdb.connect(str(self.folder / "live" / "features.duckdb"), read_only=True) as connection:
            return connection.execute(f"from {table} order by all").fetchall()

    def all_rows(self):
        return {name: self.rows(name) for name in ("feat_origin_departures", "feat_aircraft_rotation")}


class CutOff(ParquetWriter):
    """Is cut off before it writes."""

    def write(self, batch):
        raise OntimeError("cut off")


@pytest.fixture
def stream(tmp_path, empty_stream, records):
    return Stream(tmp_path, empty_stream, records)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, empty_stream, records):
    """What comes out where nothing goes wrong."""
    made = Stream(tmp_path_factory.mktemp("uninterrupted"), empty_stream, records)
    for number in range(BATCHES):
        made.land(number)
        made.run()
    rows = made.all_rows()
    assert all(len(found) > 100 for found in rows.values())
    return rows


def test_rows_that_were_not_handed_on_are_handed_on_by_the_next_run(stream, uninterrupted):
    for number in range(BATCHES):
        stream.land(number)
        if number % 2:
            with pytest.raises(OntimeError, match="cut off"):
                stream.run(CutOff)
        stream.run()
    assert stream.all_rows() == uninterrupted


def test_a_lost_state_is_made_again_from_landing(stream, uninterrupted):
    for number in range(BATCHES):
        stream.land(number)
        stream.run()
    stream.lose_state()
    stream.run()
    newest = {name: {row[0]: row for row in sorted(rows, key=lambda r: r[-2])} for name, rows in uninterrupted.items()}
    again = {
        name: {row[0]: row for row in sorted(rows, key=lambda r: r[-2])} for name, rows in stream.all_rows().items()
    }
    assert again == newest


def test_an_excluded_aircraft_leaves_at_once_and_comes_back_when_it_is_taken_off_the_list(stream, uninterrupted):
    for number in range(BATCHES):
        stream.land(number)
    stream.run()
    before = stream.all_rows()
    (tail,) = {row[0] for row in before["feat_aircraft_rotation"][:1]}
    listed = (stream.project / SEED).read_text()

    (stream.project / SEED).write_text(listed.rstrip() + "\n" + f"{tail},2013-01-01,test" + "\n")
    stream.run()
    assert tail not in {row[0] for row in stream.rows("feat_aircraft_rotation")}
    assert stream.rows("feat_origin_departures") != before["feat_origin_departures"]
    (stream.project / SEED).write_text(listed)
    stream.run()
    assert stream.all_rows() == before
