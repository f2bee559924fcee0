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


def test_spring_is_not_the_winter_that_a_set_is_of(data_dir, tmp_path):
    done = drift(
        data_dir, "--against", "winter", "--since", "2013-03-20", "--json", "-o", str(tmp_path / "spring.html")
    )
    assert done.returncode == 3, done.stderr
    found = {each["feature"]: each for each in json.loads(done.stdout)}
    assert found["origin_weather__observation_age_minutes"]["verdict"] == "stable"
    drifted = [each for each in found.values() if each["is_beyond"]]
    assert f"{len(drifted)} of {len(found)} features are over a limit" in done.stderr
    assert all(each["psi"] > each["limit"] >= 0.2 for each in drifted)
    assert "</svg>" in (tmp_path / "spring.html").read_text()


def test_of_two_days_and_of_healthy_features_nothing_is_wrong(data_dir):
    few = drift(data_dir, "--against", "winter", "--since", "2013-03-31")
    assert (few.returncode, "too few days" in few.stdout) == (0, True)
    healthy = drift(data_dir, "--since", "2013-03-30")
    assert healthy.stdout.startswith("Features, 2013-03-30 to 2013-04-01")


def test_what_cannot_be_compared_is_refused(data_dir):
    assert "is no training set" in drift(data_dir, "--against", "summer").stderr
    later = drift(data_dir, "--against", "winter", "--since", "2031-01")
    assert (later.returncode, "there is no flight since 2031-01-01" in later.stderr) == (1, True)
    assert "let its name end in .png or .html" in drift(data_dir, "-o", "drift.pdf").stderr
