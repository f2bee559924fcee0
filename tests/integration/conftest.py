import os
import subprocess
import sys
from pathlib import Path

import pytest
from dbt_project import ROOT, DbtProject, environment
from lake_fixture import Lakes
from postgres_fixture import build_first_quarter, running_postgres
from quarter_fixture import Quarter, build_quarter
from spark_fixture import running_cluster

from ingestion.engines.postgres_roles import make_roles
from ingestion.lock import exclusive_lock
from ingestion.settings import Settings

# longer than any build takes beside other tests
BUILD_SECONDS = 900
# Data tests look at rows, and rows are the same on all engines. Those of one layer show that an engine runs them.
TESTS_OF_ROWS = (
    *(
        f"path:models/{layer},resource_type:test"
        for layer in ("staging", "intermediate", "marts", "features", "training")
    ),
    "path:seeds,resource_type:test",
)


@pytest.fixture(scope="session")
def sample_warehouse(tmp_path_factory):
    """The whole sample, loaded by the real command and built to the reports; tests read it and change nothing."""
    data_dir = tmp_path_factory.mktemp("sample")
    with environment(ONTIME_DATA_DIR=str(data_dir)):
        subprocess.run([Path(sys.executable).parent / "ontime", "ingest"], cwd=ROOT, check=True, capture_output=True)
    project = DbtProject(data_dir)
    project.run(
        *("build", "--exclude-resource-type", "unit_test"),
        *("--exclude", "path:models/features", "path:models/training"),
    )
    return project


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A real PostgreSQL server with the roles, for all tests of this process."""
    with running_postgres(tmp_path_factory.mktemp("postgres_server")) as server:
        yield server


# The same quarter on each target. What a server holds is built once a process: whoever needs two of them belongs to the
# group of tests that `tests/conftest.py` keeps in one.


@pytest.fixture(scope="session")
def dev_warehouse(tmp_path_factory):
    """The sample's first quarter built on DuckDB, without tests: others run them; nobody changes its rows.

    It is files, which the first process that asks makes for all of a run.
    """
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    data_dir, built = folder / "dev_warehouse", folder / "dev_warehouse.built"
    quarter = Quarter(Settings(data_dir=data_dir), DbtProject(data_dir), {})
    with exclusive_lock(folder / "dev_warehouse.lock", BUILD_SECONDS, print, "build"):
        if not built.exists():
            quarter = build_quarter(quarter.settings, quarter.project, "--exclude-resource-type", "test", "unit_test")
            built.touch()
    return quarter


@pytest.fixture(scope="session")
def postgres_warehouse(postgres, tmp_path_factory):
    """The sample's first quarter built on PostgreSQL; tests leave its rows as they are."""
    return build_first_quarter(postgres, tmp_path_factory.mktemp("postgres_warehouse"), "--exclude", *TESTS_OF_ROWS)


@pytest.fixture(scope="session")
def lake_warehouse(postgres, tmp_path_factory):
    """The same on a lake, without unit tests: they run on DuckDB, too; tests leave its rows as they are."""
    make_roles(Settings(data_dir=postgres.data_dir, postgres_port=postgres.server.port))
    lake = Lakes(tmp_path_factory.mktemp("lake_warehouse"), postgres.server).make("quarter_lake")
    left_out = ("--exclude-resource-type", "unit_test", "--exclude", *TESTS_OF_ROWS)
    return build_quarter(lake.settings, lake.project, *left_out)


@pytest.fixture(scope="session")
def spark_cluster(tmp_path_factory):
    """A real cluster of a master and two workers."""
    with running_cluster(tmp_path_factory.mktemp("spark_cluster")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def spark_warehouse(spark_cluster, tmp_path_factory):
    """The same on Spark, with one increment: each takes as long as a build; tests leave its rows as they are."""
    data_dir = tmp_path_factory.mktemp("spark_warehouse")
    return build_quarter(
        spark_cluster.settings(data_dir),
        spark_cluster.project(data_dir),
        *("--exclude-resource-type", "test", "unit_test"),
        after_the_build=("asos_corrected",),
        built_again=("--select", "source:asos+"),
    )
