import subprocess
import sys
from pathlib import Path

import pytest
from dbt_project import ROOT, DbtProject, environment
from postgres_fixture import build_first_quarter, running_postgres


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


@pytest.fixture(scope="session")
def postgres_warehouse(postgres, tmp_path_factory):
    """The sample's first quarter built on PostgreSQL; tests leave its rows as they are."""
    return build_first_quarter(postgres, tmp_path_factory.mktemp("postgres_warehouse"))
