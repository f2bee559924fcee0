import os
import shutil
from pathlib import Path

import pytest
from sample_files import flight_lines, run_ingest, write_sample
from xdist.scheduler import LoadFileScheduling

from ontime.settings import Settings

QUARTERS = ("test_parity_of_engines", "test_features_everywhere", "test_postgres_warehouse", "test_lake_warehouse")
FIRST_RUN = (
    "test_checks",
    "test_defects_are_noticed",
    "test_docs_site",
    "test_how_tos",
    "test_metrics",
    "test_published_answers",
    "test_readme",
)
LONGEST_FIRST = (
    *FIRST_RUN,
    *QUARTERS,
    "test_spark_warehouse",
    "test_training_set_parts",
    "test_leakage",
    "test_training_sets",
    "test_builds",
    "test_features_incremental",
    "test_lake_ingest",
    "test_twice_is_once",
    "test_any_order",
    "test_data_quality",
    "test_excluded_aircraft",
    "test_crashes",
)
GROUPS = {"quarters": QUARTERS, "first_run": FIRST_RUN}
GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}


class ByWarehouse(LoadFileScheduling):
    """Tests of a file run in one process, and so do all that read the same warehouses."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return GROUP_OF.get(Path(file).stem, file)


def pytest_xdist_make_scheduler(config, log):
    return ByWarehouse(config, log)


def pytest_collection_modifyitems(items):
    """Begin with the longest, so that no process ends alone."""
    ranks = {name: rank for rank, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in [name for name in os.environ if name.startswith("ONTIME_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path):
    """Settings of an empty data folder."""
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def sample(tmp_path):
    """A folder with a small sample of 400 flights."""
    return write_sample(tmp_path / "sample", flight_lines(400))


@pytest.fixture(scope="session")
def _loaded_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("loaded")
    sample = write_sample(folder / "sample", flight_lines(400))
    run_ingest(Settings(data_dir=folder / "data"), origin=str(sample))
    return folder / "data"


@pytest.fixture
def loaded(_loaded_folder, settings):
    """Settings of a data folder that holds the small sample."""
    shutil.copytree(_loaded_folder, settings.data_dir)
    return settings
