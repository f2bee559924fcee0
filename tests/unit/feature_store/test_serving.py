"""The serving API answers services within its limits, and tells what is wrong as problems."""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from online_fixture import AIRCRAFT, CATALOGUE, START, aircraft_rows
from schemathesis.specs.openapi.checks import positive_data_acceptance
from served import serving

from feature_store.online.excluded import SEED, ExcludedAircraft
from feature_store.online.features import OnlineFeatures
from feature_store.online.records import RowFormat
from feature_store.online.redis_store import UnreachableError
from feature_store.online.sqlite_store import SqliteStore
from feature_store.questions.services import FeatureService
from feature_store.serving.app import make_app
from ontime.errors import OntimeError
from ontime.settings import Settings

AT = "2013-02-08T00:10:00Z"
FLIGHT = {
    "carrier_code": "B6",
    "flight_number": 583,
    "origin_airport_code": "JFK",
    "destination_airport_code": "MCO",
    "scheduled_departure_at": "2013-02-08T02:00:00Z",
    "tail_number": "N1AA",
}

FLOWN = FeatureService("flown", "1a2b3c4d", CATALOGUE.parse_selection("aircraft:legs"))
SERVICES = (FLOWN, FeatureService("departure_delay", "2b3c4d5e", CATALOGUE.parse_selection("aircraft:share")))


@pytest.fixture
def features(tmp_path):
    (tmp_path / SEED).parent.mkdir()
    (tmp_path / SEED).write_text("tail_number,excluded_on,reason\nN2AA,2013-01-01,asked\n")
    store = SqliteStore(tmp_path / "online.sqlite")
    rows = aircraft_rows(
        {"tail_number": "N1AA", "known_at": START, "legs": 2**53 + 1, "share": float("nan"), "last_at": START},
        {"tail_number": "N2AA", "known_at": START, "legs": 2},
        {"tail_number": "N3AA", "known_at": START - timedelta(days=1), "legs": 3},
    )
    store.write(RowFormat(AIRCRAFT).relation, RowFormat(AIRCRAFT).pack_rows(rows, 1))
    return OnlineFeatures(CATALOGUE, store, ExcludedAircraft(tmp_path))


@pytest.fixture
def client(features, settings):
    with serving(make_app(settings, features, SERVICES)) as client:
        yield client


def limited(features, settings, **changes):
    return serving(make_app(Settings(data_dir=settings.data_dir, **changes), features, SERVICES))


def ask(client, *tails, **more):
    return client.post("/features", json={"entities": [{"tail_number": tail} for tail in tails], "at": AT} | more)


def test_features_come_with_the_status_of_each(client):
    present, old, unknown, hidden = ask(client, "N1AA", "N3AA", "N9ZZ", "N2AA").json()["answers"]
    assert present["values"]["aircraft__legs"] == 2**53 + 1
    assert present["values"]["aircraft__known_at"] == "2013-02-08T00:00:00Z"
    assert present["values"]["aircraft__last_age_minutes"] == 10
    assert present["statuses"]["aircraft__celsius"] == "NULL_VALUE"
    assert set(old["statuses"].values()) == {"OUTSIDE_MAX_AGE"}
    assert set(unknown["statuses"].values()) == {"NOT_FOUND"}
    assert hidden == unknown


def test_features_of_flights_come_by_what_the_schedule_says(client):
    (answer,) = client.post("/flights/features", json={"flights": [FLIGHT], "at": AT}).json()["answers"]
    assert answer["values"]["aircraft__legs"] == 2**53 + 1


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ('{"entities": [{"tail_number": 7}]}', 422, "string"),
        ('{"entities": [{"tail_number": NaN}]}', 422, "string"),
        ('{"entities": [{"tail_number": "N1AA"}], "at": 20000000000}', 422, "expected a text"),
        ('{"entities": [{"tail_number": "N1AA"}], "at": "2013-02-08"}', 422, "timezone"),
        ('{"entities": [{"tail_number": "N1AA"}], "at": "0001-01-01T00:00:00+14:00"}', 422, "1970"),
        ('{"entities": [{"tail_number": "N1AA"}], "features": ["aircraft:leg"]}', 400, "perhaps legs"),
        ('{"entities": [{"carrier_code": "B6"}]}', 400, "the entity has no tail_number"),
        ('{"entities": [{"tail_number": "N1AA"}], "other": 1}', 422, "Extra inputs"),
        ("{", 422, "JSON"),
    ],
)
def test_what_is_wrong_is_told_as_a_problem(client, body, status, said):
    answer = client.post("/features", data=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]


def test_a_path_that_is_not_there_is_a_problem(client):
    assert client.get("/nowhere").json()["status"] == 404


def test_without_a_model_a_prediction_tells_how_to_make_one(client):
    answer = client.post("/flights/predict", json={"flights": [FLIGHT], "at": AT})
    assert answer.status_code == 404
    assert "train_delay_model.py" in answer.json()["detail"]


def test_a_key_may_have_its_services(features, settings):
    keys = {"old": ["flown"], "pinned": [FLOWN.name], "all": ["*"], "both": ["flown", "departure_delay"]}
    with limited(features, settings, serve_keys=json.dumps(keys)) as client:

        def asked(key, **more):
            client.headers["X-API-Key"] = key
            return ask(client, "N1AA", **more)

        assert asked("").status_code == asked("bad").status_code == 401
        for key in ("old", "pinned"):
            (answer,) = asked(key).json()["answers"]
            assert [*answer["values"]] == ["aircraft__legs", "aircraft__known_at"]
            refused = asked(key, features=["aircraft"])
            assert (refused.status_code, refused.json()["detail"]) == (403, "the key may not have aircraft:celsius")
            assert client.post("/flights/predict", json={"flights": [FLIGHT], "at": AT}).status_code == 403
        for key in ("all", "both"):
            (answer,) = asked(key).json()["answers"]
            assert {"aircraft__legs", "aircraft__share"} <= answer["values"].keys()
            # there is no model, which only who may have one is told
            assert client.post("/flights/predict", json={"flights": [FLIGHT], "at": AT}).status_code == 404


@pytest.mark.parametrize("name", ["aircraft", "flown_0"])
def test_a_key_of_a_service_that_is_not_there_is_refused(features, settings, name):
    with pytest.raises(OntimeError, match=f"there is no feature service '{name}'"):
        limited(features, settings, serve_keys=json.dumps({"good": [name]}))


def test_too_much_at_once_is_refused(features, settings):
    with limited(features, settings, serve_max_rows=2, serve_max_bytes=300) as client:
        assert ask(client, "N1AA", "N1AA", "N1AA").status_code == 413
        assert ask(client, *["N1AA"] * 100).status_code == 413
        assert ask(client, "N1AA", "N1AA").status_code == 200


def test_what_takes_too_long_is_ended(features, settings, monkeypatch):
    with limited(features, settings, serve_timeout_seconds=0.05) as client:
        read = features.read
        monkeypatch.setattr(features, "read", lambda *arguments: (time.sleep(0.3), read(*arguments))[1])
        assert ask(client, "N1AA").status_code == 504


def count_answered(client):
    line = 'ontime_serve_requests_total{path="/features",status="200"} '
    counted = (each.removeprefix(line) for each in client.get("/metrics").text.splitlines() if each.startswith(line))
    return float(next(counted, "0"))


def test_probes_and_metrics_answer(client):
    ask(client, "N1AA")
    before = count_answered(client)
    ask(client, "N1AA")
    assert client.get("/healthz").text == client.get("/readyz").text == "ok"
    assert count_answered(client) == before + 1


def test_a_store_that_is_gone_is_not_ready(features, settings):
    class Gone:
        def read(self, wanted):
            raise UnreachableError("gone")

    with serving(make_app(settings, OnlineFeatures(CATALOGUE, Gone(), None), SERVICES)) as client:
        assert client.get("/readyz").status_code == 503


def test_whatever_its_openapi_page_allows_is_answered_as_it_says(features, settings):
    with limited(features, settings, serve_keys='{"good": ["*"]}') as client:
        ask_all(client)


def ask_all(client):
    schema = schemathesis.openapi.from_url(f"{client.address}/openapi.json")
    asked = []
    for operation in (found.ok() for found in schema.get_all_operations()):

        @hypothesis_settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy())
        def ask_cases(case):
            # a table's keys and a flight's time are checked beyond what a schema can say
            case.call_and_validate(headers={"X-API-Key": "good"}, excluded_checks=[positive_data_acceptance])

        ask_cases()
        asked.append(operation.path)
    assert sorted(asked) == [
        "/features",
        "/flights/features",
        "/flights/predict",
        "/healthz",
        "/metrics",
        "/readyz",
    ]


def test_others_than_this_machine_need_a_key(settings):
    ended = subprocess.run(
        [Path(sys.executable).parent / "ontime", "serve", "--host", "0.0.0.0"],
        env={**os.environ, "ONTIME_DATA_DIR": str(settings.data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr.strip()) == (
        1,
        "error: --host 0.0.0.0: others could ask without a key: set ONTIME_SERVE_KEYS",
    )
