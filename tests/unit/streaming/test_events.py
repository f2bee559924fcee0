import json
from datetime import date, datetime

import pyarrow as pa
import pytest
from event_records import DEPARTED, FLIGHT, consumed
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.sources.events.columns import FLIGHT_FIELDS, LANDED, WEATHER_FIELDS, WEATHER_REPORTS
from streaming.events.documents import DOCUMENTS, EVENT_TYPES, flight_key
from streaming.events.examining import examine
from streaming.events.json_schema import json_schemas

REPORT = {
    "schema_version": 2,
    "station": "JFK",
    "observed_at": "2013-01-01T11:51:00Z",
    "metar": "KJFK 011151Z 31015KT 10SM 04/M06 A3002",
}


def examined(value, **options):
    (row,) = examine(consumed([value], **options)).to_pylist()
    return row


def reason(value, **options):
    return examined(value, **options)["reason"]


def test_a_document_becomes_columns_and_stays_as_it_came():
    document = DEPARTED | {"gate": "C 74", "occurred_at": "2013-01-01T05:17:00-05:00"}
    row = examined(document)
    assert row["reason"] is None
    assert (row["event_type"], row["carrier_code"], row["flight_number"]) == ("departed", "UA", 1545)
    assert (row["flight_date"], row["occurred_at"]) == (date(2013, 1, 1), datetime(2013, 1, 1, 10, 17))
    assert json.loads(row["document"]) == document


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"event_type": "scheduled", "scheduled_arrival_clock": "2400"}, {"scheduled_arrival_clock": "2400"}),
        ({"event_type": "aircraft_assigned", "tail_number": None}, {"tail_number": None}),
        ({"event_type": "cancelled", "cancellation_code": "B"}, {"cancellation_code": "B", "is_withdrawn": False}),
        ({"event_type": "diverted", "is_withdrawn": True}, {"is_withdrawn": True}),
        (
            {"event_type": "arrived", "occurred_at": "2013-01-01T13:30:00Z", "nas_delay_minutes": 15},
            {"occurred_at": datetime(2013, 1, 1, 13, 30), "nas_delay_minutes": 15, "air_time_minutes": None},
        ),
    ],
)
def test_each_kind_tells_its_own(event, told):
    row = examined(FLIGHT | event)
    assert row["reason"] is None
    assert {name: row[name] for name in told} == told


def test_a_report_becomes_columns():
    row = examined(REPORT, topic=WEATHER_REPORTS)
    assert (row["station"], row["observed_at"]) == ("JFK", datetime(2013, 1, 1, 11, 51))
    assert (row["metar"], row["reason"]) == (REPORT["metar"], None)


def test_documents_of_the_first_version_are_read_as_those_of_now():
    names = {"event": "departed", "carrier": "UA", "flight": 1545, "date": "2013-01-01", "origin": "EWR", "dest": "IAH"}
    row = examined({"schema_version": 1, **names, "sched_dep_time": 515, "time": 1357035420})
    assert row["reason"] is None
    assert {name: row[name] for name in LANDED.names if name != "document"} == {
        name: value for name, value in examined(DEPARTED).items() if name != "document"
    }
    report = {"schema_version": 1, "station": "JFK", "valid": 1357041060, "metar": REPORT["metar"]}
    assert examined(report, topic=WEATHER_REPORTS)["observed_at"] == datetime(2013, 1, 1, 11, 51)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "tombstone"),
        (b"{", "no JSON: "),
        (b"\xff\xfe", "no JSON: "),
        (b"[" * 100_000, "no JSON: "),
        (b"[1]", "no JSON object, but list"),
        (DEPARTED | {"schema_version": 3}, "schema_version: 3 is newer than 2"),
        (DEPARTED | {"schema_version": True}, "schema_version: "),
        (DEPARTED | {"schema_version": [1]}, "schema_version: "),
        (DEPARTED | {"event_type": "landed"}, "document: "),
        (DEPARTED | {"flight_number": "1545"}, "flight_number: "),
        (DEPARTED | {"occurred_at": "2013-01-01T10:17:00"}, "occurred_at: "),
        (DEPARTED | {"scheduled_departure_clock": "0575"}, "scheduled_departure_clock: "),
        ({name: value for name, value in DEPARTED.items() if name != "carrier_code"}, "carrier_code: Field required"),
        (DEPARTED | {"occurred_at": "2013-01-02T12:00:01Z"}, "occurred_at: more than a day after it was taken"),
        (DEPARTED | {"occurred_at": "2012-12-29T23:59:59Z"}, "occurred_at: long before flight_date"),
        (DEPARTED | {"occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at: "),
        (DEPARTED | {"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at: "),
        (DEPARTED | {"flight_date": "1903-12-17"}, "flight_date: before 1987-01-01"),
        (DEPARTED | {"flight_date": "2031-01-01"}, "flight_date: more than a year after it was taken"),
        ({"schema_version": 1, "event": "departed", "time": 10**17}, "carrier_code: Field required"),
    ],
)
def test_what_is_no_event_says_why(value, told):
    row = examined(value)
    assert row["reason"].startswith(told)
    assert {row[field.name] for field in (*FLIGHT_FIELDS, *WEATHER_FIELDS)} == {None}


def test_a_report_of_the_future_is_none():
    report = REPORT | {"observed_at": "2013-01-03T00:00:00Z"}
    assert reason(report, topic=WEATHER_REPORTS) == "observed_at: more than a day after it was taken"


def test_a_topic_that_nobody_knows_is_none():
    assert reason(DEPARTED, topic="baggage") == "unknown topic"


def test_one_dead_letter_keeps_nobody_from_being_read():
    table = examine(consumed([DEPARTED, b"{", DEPARTED]))
    assert table["event_type"].to_pylist() == ["departed", None, "departed"]
    assert table["topic_offset"].to_pylist() == [0, 1, 2]


def test_what_engines_do_not_store_as_text_is_written_out():
    assert examined(b'{"a": "\x00"}')["document"] == r'{"a": "\x00"}'
    assert examined(b"\xffa\x00")["document"] == r"\xffa\x00"


def test_a_batch_without_records_has_all_columns():
    assert examine(consumed([])).schema == LANDED


FEW = settings(max_examples=50, deadline=None)
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)
FIELDS = st.dictionaries(st.sampled_from([*DEPARTED, "event", "time", "tail_number"]), VALUES, max_size=3)


@FEW
@given(FIELDS, st.sampled_from(EVENT_TYPES))
def test_any_document_is_read_or_says_why(fields, event_type):
    row = examined(json.dumps(DEPARTED | {"event_type": event_type} | fields).encode("utf-8", "surrogatepass"))
    assert (row["event_type"] is None) == (row["reason"] is not None)


@FEW
@given(st.binary() | st.none())
def test_any_bytes_are_read_or_say_why(value):
    assert reason(value)


def test_a_flight_has_one_key():
    event = DOCUMENTS["flight-events"].validate_python(
        DEPARTED | {"flight_date": date(2013, 1, 1), "occurred_at": datetime.fromisoformat(DEPARTED["occurred_at"])}
    )
    assert flight_key(event) == "UA|1545|2013-01-01|EWR|IAH|0515"


def test_the_documented_schemas_are_those_of_the_models():
    for file, text in json_schemas().items():
        assert file.read_text() == text, "python -m streaming.events.json_schema"


def test_rows_are_read_in_any_number_of_chunks(monkeypatch):
    whole = examine(consumed([DEPARTED, b"{", DEPARTED]))
    monkeypatch.setattr("streaming.events.examining.ROWS_AT_ONCE", 1)
    batches = pa.Table.from_batches(
        [consumed([DEPARTED, b"{"]).to_batches()[0], *consumed([DEPARTED], first=2).to_batches()]
    )
    assert examine(batches).equals(whole)
