import subprocess
import sys
from pathlib import Path

import pytest
from dbt_project import ROOT, DbtProject, environment


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
