import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from event_records import DEPARTED, consumed

from ingestion.landing import Landing
from ingestion.source import Context, Request
from ingestion.sources.events.columns import FLIGHT_EVENTS, LANDED, WEATHER_REPORTS
from ingestion.sources.events.fetch import SOURCE
from ingestion.sources.events.landed import land_batch, landed_ranges, newest_records
from ingestion.sources.events.records import NewestRecord, TopicPartition, fingerprint
from ontime.errors import OntimeError
from ontime.settings import Settings
from streaming.events.examining import examine

PARTITION = TopicPartition(FLIGHT_EVENTS, 1, 0)


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path)


@pytest.fixture
def landing(settings):
    return Landing(settings)


def land(landing, first, count, **options):
    values = [DEPARTED | {"note": number} for number in range(first, first + count)]
    return land_batch(landing, examine(consumed(values, first=first, **options)))


def fetched(settings, landing, loaded=(), **request):
    context = Context(settings, landing, loaded=frozenset(loaded))
    return [file for package in SOURCE.fetch(Request(**request), context) for file in package]


def test_a_batch_becomes_a_file_for_each_partition(landing):
    batch = pa.concat_tables(
        [
            consumed([DEPARTED], partition=1, first=9),
            consumed([DEPARTED] * 2, first=3),
            consumed([DEPARTED], generation=2),
        ]
    )
    names = [file.name for file in land_batch(landing, examine(batch))]
    assert names == [
        "flight-events.g0001.p0000.o000000000003-000000000004.parquet",
        "flight-events.g0001.p0001.o000000000009-000000000009.parquet",
        "flight-events.g0002.p0000.o000000000000-000000000000.parquet",
    ]


def test_landing_tells_where_to_go_on_and_after_which_record(landing):
    land(landing, 0, 3)
    land(landing, 3, 2)
    land(landing, 1, 2)
    land_batch(landing, examine(consumed([None, b"\xff"], topic=WEATHER_REPORTS, partition=4, first=70)))
    newest = newest_records(landing)
    value = consumed([DEPARTED | {"note": 4}])["value"][0].as_py()
    weather = TopicPartition(WEATHER_REPORTS, 1, 4)
    assert newest == {
        PARTITION: NewestRecord(4, fingerprint(b"key", value)),
        weather: NewestRecord(71, fingerprint(b"key", b"\xff")),
    }
    assert newest[PARTITION].next_offset == 5


def test_a_file_that_was_not_kept_whole_does_not_count(landing, tmp_path):
    land(landing, 0, 3)
    (file,) = land(landing, 3, 2)
    (tmp_path / "landing" / "events" / f"{file.file}.manifest.json").unlink()
    assert newest_records(landing)[PARTITION].next_offset == 3


def test_a_topic_of_no_such_name_is_refused(landing):
    with pytest.raises(OntimeError, match="no name of a topic"):
        land_batch(landing, examine(consumed([DEPARTED], topic="../flights")))


def test_small_files_are_loaded_as_one_which_takes_their_place(settings, landing):
    for first in range(0, 50, 10):
        land(landing, first, 10)
    apart = land(landing, 60, 1)
    bundle, other = fetched(settings, landing)
    assert [other] == apart
    assert bundle.name == "flight-events.g0001.p0000.o000000000000-000000000049.parquet"
    assert [(one.first, one.last) for one in landed_ranges(landing)] == [(0, 49), (60, 60)]
    with landing.local(bundle) as path:
        assert pq.read_table(path, columns=["topic_offset"])["topic_offset"].to_pylist() == list(range(50))
    assert fetched(settings, landing, loaded=(bundle.sha256, other.sha256)) == []


def test_bundles_do_not_grow_without_end(settings, landing, monkeypatch):
    monkeypatch.setattr("ingestion.sources.events.bundles.MOST_OFFSETS", 20)
    for first in range(0, 50, 10):
        land(landing, first, 10)
    assert [file.name[-33:-8] for file in fetched(settings, landing)] == [
        "000000000000-000000000019",
        "000000000020-000000000039",
        "000000000040-000000000049",
    ]


def test_a_damaged_file_stays_for_the_load_to_tell_of(settings, landing, tmp_path):
    land(landing, 0, 10)
    (damaged,) = land(landing, 10, 10)
    (tmp_path / "landing" / "events" / damaged.file).write_bytes(b"nothing")
    land(landing, 20, 10)
    bundle, left = fetched(settings, landing)
    assert left == damaged
    assert bundle.name == "flight-events.g0001.p0000.o000000000000-000000000029.parquet"


def test_events_come_from_landing_alone(settings, landing):
    with pytest.raises(OntimeError, match="read from landing"):
        fetched(settings, landing, origin="elsewhere")


def read(path):
    con = duckdb.connect()
    reading = SOURCE.read(con, type("File", (), {"name": path.name})(), path)
    rows = {}
    for name, select in reading.tables.items():
        relation = con.sql(select)
        rows[name] = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    return reading, rows


def test_a_file_is_read_into_the_tables_of_its_records(tmp_path):
    report = {"schema_version": 2, "station": "KJFK", "observed_at": "2013-01-01T11:51:00Z"}
    metars = [
        "KJFK 011151Z 31015G24KT 1/2SM -SN OVC004 04/M06 A3002 RMK AO2 SLP164 P0003 T00391056",
        "KJFK 011151Z 31015KT 9999 20/10 Q1016=",
    ]
    weather = consumed([report | {"metar": metar} for metar in metars], topic=WEATHER_REPORTS)
    table = pa.concat_tables([examine(consumed([DEPARTED, b"{", None])), examine(weather)])
    pq.write_table(table, path := tmp_path / "landed.parquet")
    reading, rows = read(path)
    assert (reading.rows, reading.rejected_rows) == (5, 0)
    (event,), (fine, coarse), letters = rows["flight_events"], rows["weather_reports"], rows["dead_letters"]
    assert (event["flight_number"], event["topic_offset"], event["_source_line"]) == (1545, 0, 1)
    assert [(letter["topic_offset"], letter["document"]) for letter in letters] == [(1, "{"), (2, None)]
    measured = ("tmpf", "dwpf", "relh", "alti", "mslp", "p01i")
    assert [fine[name] for name in measured] == [39.02, 21.92, 49.93, 30.02, 1016.4, 0.03]
    assert [coarse[name] for name in measured] == [68.0, 50.0, 52.51, 30.0, None, None]
    told = ("metar_status", "metar_wind_gust_knots", "metar_visibility_miles", "metar_ceiling_ft", "_source_line")
    assert [fine[name] for name in told] == ["parsed", 24, 0.5, 400, 4]


def test_another_file_is_refused(tmp_path):
    pq.write_table(LANDED.empty_table().select(["topic"]), path := tmp_path / "other.parquet")
    with pytest.raises(OntimeError, match="not a landed file of events"):
        read(path)
