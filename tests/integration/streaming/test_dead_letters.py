import json

import pytest
from broker_fixture import run_sink, running_broker
from sample_files import query, run_ingest, run_ontime
from streamed_events import flight_events

from streaming.sink.dead_letters import read_dead_letters


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with running_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


def test_what_cannot_be_an_event_is_kept_and_can_be_sent_again(broker, tmp_path):
    settings = broker.of(tmp_path / "data")
    (_, key, document), *_ = flight_events(1)
    newer = json.dumps(json.loads(document) | {"schema_version": 99}).encode()
    broker.send(400)
    for value in (b"\xff{", None, newer):
        broker.send_value(value, key=key.encode())
    broker.send(400, first=400)
    assert run_sink(settings).landed == 803
    run_ingest(settings, "events")
    (events,) = query(settings.raw_database, "select count(*) from raw_events.flight_events")[0]
    reasons = [reason for (reason,) in query(settings.raw_database, "select reason from raw_events.dead_letters")]
    assert events == 800
    letters = read_dead_letters(settings)
    assert sorted(letter.reason for letter in letters) == sorted(reasons)
    assert {letter.value for letter in letters} == {b"\xff{", None, newer}

    listed = run_ontime(settings.data_dir, "stream", "dead-letters", "list", env=broker.variables())
    assert "99 is newer than" in listed.stdout
    (wanted,) = [letter.place for letter in letters if letter.value == newer]
    sent = run_ontime(settings.data_dir, "stream", "dead-letters", "replay", wanted, env=broker.variables())
    assert "Sent again: 1" in sent.stdout
    assert wanted not in {letter.place for letter in read_dead_letters(settings)}
    # it cannot be read yet, so it is a dead letter again, of another place
    assert run_sink(settings).landed == 1
    assert len(read_dead_letters(settings)) == 3


def test_a_place_that_is_none_of_a_dead_letter_is_refused(broker, tmp_path):
    refused = run_ontime(
        tmp_path / "data", "stream", "dead-letters", "replay", "flight-events/1/0/9999", env=broker.variables()
    )
    assert refused.returncode == 1
    assert "no dead letter is at flight-events/1/0/9999" in refused.stderr
