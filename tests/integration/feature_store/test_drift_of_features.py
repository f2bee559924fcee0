"""What `ontime features drift` tells of the sample's first quarter."""

import json
import subprocess
from datetime import date, datetime

import duckdb
import pytest
from paths import ROOT
from sample_files import run_ontime

from feature_store.monitoring.drift import read_features
from feature_store.monitoring.profiles import find_in_profiles
from feature_store.registry.catalogue import load_catalogue
from feature_store.training_sets.choices import Choices
from feature_store.training_sets.distribution import describe_part
from feature_store.training_sets.receipt import Receipt

HORIZONS = (30, 120, 1440)
EXAMPLES = "select * from training.trn_departure_delay where prediction_at"


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def data_dir(dev_warehouse, tmp_path_factory):
    """The warehouse, and a training set of it until 12 March."""
    folder = tmp_path_factory.mktemp("drift")
    for name in ("ontime.duckdb", "raw.duckdb"):
        (folder / name).symlink_to(dev_warehouse.settings.data_dir / name)
    (folder / "training_sets" / "winter").mkdir(parents=True)
    part = folder / "train.parquet"
    with duckdb.connect(str(dev_warehouse.settings.warehouse_database), read_only=True) as connection:
        connection.execute(f"copy ({EXAMPLES} < timestamp '2013-03-12') to '{part}'")
    Receipt(
        name="winter",
        created_at=datetime(2014, 1, 1),
        as_of=None,
        git_commit=None,
        versions={},
        choices=Choices(horizons_minutes=HORIZONS),
        definitions={},
        raw_loads={},
        embargo_minutes=0,
        parts={},
        columns={},
        reference=describe_part(part),
        content_sha256="",
    ).write(folder / "training_sets" / "winter")
    return folder


def drift(data_dir, *arguments) -> subprocess.CompletedProcess:
    return run_ontime(data_dir, "features", "drift", *arguments)


def test_features_are_compared_at_the_instants_of_the_examples(dev_warehouse):
    first = date(2013, 3, 17)
    with duckdb.connect(str(dev_warehouse.settings.warehouse_database), read_only=True) as connection:
        expected = connection.execute(f"{EXAMPLES} >= ?", [first]).to_arrow_table()
        features = read_features(connection, load_catalogue(), Choices(horizons_minutes=HORIZONS), first)
    names = sorted(name for name in expected.column_names if "__" in name)
    order = [(name, "ascending") for name in names]
    assert len(expected) > 10_000
    assert features.select(names).sort_by(order).equals(expected.select(names).sort_by(order))


def test_profiles_tell_which_tables_stand_still(dev_warehouse):
    with duckdb.connect(str(dev_warehouse.settings.warehouse_database), read_only=True) as connection:
        found = {each.feature: each for each in find_in_profiles(connection, date(2013, 2, 1))}
    last_hours = found["origin__departures_1h"]
    beyond = [day.day for day in last_hours.days if day.is_beyond]
    assert last_hours.verdict == f"stale on {len(beyond)} days"
    # none leaves from the 11th to the 16th, and what left on the 10th is forgotten on the 11th
    assert [day.day for day in beyond if date(2013, 2, 9) <= day <= date(2013, 2, 17)] == [12, 13, 14, 15, 16]
    assert found["carrier__departures_28d"].verdict == "stable"
    assert found["carrier__departures_28d"].null_share == 0


def test_a_set_and_its_flights_are_alike_in_all_but_what_changed(data_dir, tmp_path):
    drawn = tmp_path / "spring.html"
    done = drift(data_dir, "--against", "winter", "--since", "2013-03-17", "--json", "-o", str(drawn))
    assert done.returncode == 0, done.stderr
    found = {each["feature"]: each for each in json.loads(done.stdout)}
    assert found["origin_weather__temperature_celsius"]["psi"] > 0.5
    assert found["origin_weather__temperature_celsius"]["verdict"] == "too few days"
    assert {each["verdict"] for each in found.values()} == {"stable", "too few days"}
    assert "</svg>" in drawn.read_text()


def test_what_is_over_a_limit_ends_with_a_status_of_its_own(data_dir):
    unhealthy = drift(data_dir, "--since", "2013-03-22")
    assert (unhealthy.returncode, "features are over a limit" in unhealthy.stderr) == (3, True)
    assert unhealthy.stdout.startswith("Features, 2013-03-22 to 2013-04-01")
    assert "stale on" in unhealthy.stdout


def test_what_cannot_be_compared_is_refused(data_dir):
    assert "is no training set" in drift(data_dir, "--against", "summer").stderr
    later = drift(data_dir, "--against", "winter", "--since", "2031-01")
    assert (later.returncode, "there is no flight since 2031-01-01" in later.stderr) == (1, True)
    assert "let its name end in .png or .html" in drift(data_dir, "-o", "drift.pdf").stderr
