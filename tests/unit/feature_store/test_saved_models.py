"""A saved model answers as the one that was trained, and only if it is what its receipt says."""

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from online_fixture import AIRCRAFT, CATALOGUE, START, aircraft_rows
from sklearn.ensemble import HistGradientBoostingClassifier

from feature_store.online.excluded import SEED, ExcludedAircraft
from feature_store.online.features import OnlineFeatures
from feature_store.online.records import RowFormat
from feature_store.online.sqlite_store import SqliteStore
from feature_store.serving.bodies import Flight
from feature_store.serving.models import CLASSIFIER, RECEIPT, load_models, save_model
from feature_store.serving.predicting import predict
from feature_store.training_sets.choices import Choices
from feature_store.training_sets.receipt import Receipt
from ontime.errors import OntimeError

AT = datetime(2013, 2, 8, 0, 30, tzinfo=UTC)
COLUMNS = ["carrier_code", "distance_miles", "scheduled_departure_local_hour", "aircraft__legs"]
RECEIPT_OF_THE_SET = Receipt(
    name="winter",
    created_at=START,
    as_of=None,
    git_commit=None,
    versions={},
    choices=Choices(horizons_minutes=(120,)),
    definitions={},
    raw_loads={},
    embargo_minutes=0,
    parts={},
    columns={},
    content_sha256="5e7",
)


def flight(tail_number, hours=2):
    return Flight(
        carrier_code="B6",
        flight_number=583,
        origin_airport_code="JFK",
        destination_airport_code="MCO",
        scheduled_departure_at=(AT + timedelta(hours=hours)).isoformat(),
        tail_number=tail_number,
    )


@pytest.fixture
def examples():
    """Flights that are late where their aircraft flew many legs."""
    legs = [number % 10 for number in range(400)]
    return pd.DataFrame(
        {
            "carrier_code": pd.Categorical(["B6", "UA"] * 200),
            "origin_airport_code": "JFK",
            "destination_airport_code": "MCO",
            "distance_miles": 944.0,
            "scheduled_elapsed_minutes": 180.0,
            "scheduled_departure_local_hour": 21,
            "aircraft__legs": [float(number) for number in legs],
            "label": [number > 5 for number in legs],
        }
    )


@pytest.fixture
def folder(examples, tmp_path):
    classifier = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=20)
    classifier.fit(examples[COLUMNS], examples["label"])
    save_model(tmp_path / "models", classifier, examples, 120, RECEIPT_OF_THE_SET)
    return tmp_path / "models"


@pytest.fixture
def features(tmp_path):
    (tmp_path / SEED).parent.mkdir()
    (tmp_path / SEED).write_text("tail_number,excluded_on,reason\n")
    store = SqliteStore(tmp_path / "online.sqlite")
    tired, fresh = ({"tail_number": f"N{legs}AA", "known_at": START, "legs": legs} for legs in (9, 1))
    store.write(RowFormat(AIRCRAFT).relation, RowFormat(AIRCRAFT).pack_rows(aircraft_rows(tired, fresh), 1))
    return OnlineFeatures(CATALOGUE, store, ExcludedAircraft(tmp_path))


def test_it_tells_by_the_features_in_force_and_names_its_training_set(folder, features):
    tired, fresh, unknown = predict(features, load_models(folder), [flight("N9AA"), flight("N1AA"), flight(None)], AT)
    assert tired.probability > 0.9
    assert fresh.probability < 0.1
    assert (tired.features_found, unknown.features_found) == (1.0, 0.0)
    assert (tired.training_set, tired.training_set_sha256, tired.horizon_minutes) == ("winter", "5e7", 120)


def test_a_flight_that_has_left_is_not_predicted(folder, features):
    with pytest.raises(OntimeError, match="ask at an instant before its departure"):
        predict(features, load_models(folder), [flight(None, hours=-1)], AT)


def test_what_is_not_as_its_receipt_says_is_not_loaded(folder):
    path = folder / "120" / CLASSIFIER
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(OntimeError, match="is not what its receipt says: train it again"):
        load_models(folder)


def test_a_model_of_another_release_of_the_library_is_refused(folder):
    path = folder / "120" / RECEIPT
    path.write_text(json.dumps(json.loads(path.read_text()) | {"library_version": "0.1"}))
    with pytest.raises(OntimeError, match=r"was made by scikit-learn 0\.1: train it again"):
        load_models(folder)


def test_where_none_was_saved_it_is_told_how(tmp_path):
    with pytest.raises(OntimeError, match="holds no model: make one with"):
        load_models(tmp_path / "models")
