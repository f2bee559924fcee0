import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from dbt_project import DbtProject
from fresh_clone import clone, run_make
from lake_fixture import Lakes
from paths import ROOT
from postgres_fixture import build_first_quarter, running_postgres
from quarter_fixture import FROM_THE_REGISTRY_ON, KEPT_QUESTIONS, Quarter, build_quarter
from spark_fixture import running_cluster

from engines.postgres.roles import make_roles
from ontime.locks import exclusive_lock
from ontime.settings import Settings
from streaming.live.opening import open_or_make

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


def made_once(tmp_path_factory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first process of a run that asks for it fills."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    folder, made = shared / name, shared / f"{name}.made"
    with exclusive_lock(shared / f"{name}.lock", BUILD_SECONDS, print, "build"):
        if not made.exists():
            make(folder)
            made.touch()
    return folder


@dataclass(frozen=True)
class FirstRun:
    """What `make run` gave in a fresh clone.

    Attributes:
        clone: The clone, for those who go on from there.
        output: What it printed.
        copy: Another clone that holds what it built, for those who look at that.
    """

    clone: Path
    output: str
    copy: Path


@pytest.fixture(scope="session")
def first_run(tmp_path_factory):
    """A fresh clone after `make run`."""

    def make(folder: Path) -> None:
        fresh, copy = clone(folder / "ontime"), clone(folder / "copy")
        (folder / "output").write_text(run_make(fresh, "run"))
        shutil.copytree(fresh / "data", copy / "data", ignore=shutil.ignore_patterns("dlt", "landing", "published"))
        shutil.copytree(fresh / "target", copy / "data" / "target")
        (copy / "target").symlink_to("data/target")

    folder = made_once(tmp_path_factory, "first_run", make)
    return FirstRun(folder / "ontime", (folder / "output").read_text(), folder / "copy")


@pytest.fixture(scope="session")
def sample_warehouse(first_run):
    """The whole sample as `make run` builds it; tests leave its rows as they are."""
    return DbtProject(first_run.copy / "data")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A real PostgreSQL server with the roles, for all tests of this process."""
    with running_postgres(tmp_path_factory.mktemp("postgres_server")) as server:
        yield server


# The same quarter on each target. What a server holds is built once a process: whoever needs two of them belongs to the
# group of tests that `tests/conftest.py` keeps in one.


@pytest.fixture(scope="session")
def dev_warehouse(tmp_path_factory):
    """The sample's first quarter built on DuckDB, without tests: others run them; nobody changes its rows."""

    def make(folder: Path) -> None:
        build_quarter(Settings(data_dir=folder), DbtProject(folder), "--exclude-resource-type", "test", "unit_test")

    data_dir = made_once(tmp_path_factory, "dev_warehouse", make)
    return Quarter(Settings(data_dir=data_dir), DbtProject(data_dir, kept_questions=KEPT_QUESTIONS), {})


@pytest.fixture(scope="session")
def empty_stream(dev_warehouse, tmp_path_factory):
    """Settings of a stream's file that nothing has come to; tests go on with a copy of it."""

    def make(folder: Path) -> None:
        settings = dev_warehouse.settings.model_copy(update={"stream_file": folder / "stream.duckdb"})
        open_or_make(settings, ROOT, print).close()

    folder = made_once(tmp_path_factory, "empty_stream", make)
    return dev_warehouse.settings.model_copy(update={"stream_file": folder / "stream.duckdb"})


@pytest.fixture(scope="session")
def postgres_warehouse(postgres, tmp_path_factory):
    """The sample's first quarter built on PostgreSQL; tests leave its rows as they are."""
    data_dir = tmp_path_factory.mktemp("postgres_warehouse")
    return build_first_quarter(postgres, data_dir, "--exclude", *TESTS_OF_ROWS, after_the_build=FROM_THE_REGISTRY_ON)


@pytest.fixture(scope="session")
def lake_warehouse(postgres, tmp_path_factory):
    """The same on a lake, without unit tests: they run on DuckDB, too; tests leave its rows as they are."""
    make_roles(Settings(data_dir=postgres.data_dir, postgres_port=postgres.server.port))
    lake = Lakes(tmp_path_factory.mktemp("lake_warehouse"), postgres.server).make("quarter_lake")
    left_out = ("--exclude-resource-type", "unit_test", "--exclude", *TESTS_OF_ROWS)
    return build_quarter(
        lake.settings, lake.project, *left_out, after_the_build=FROM_THE_REGISTRY_ON, loaded_twice=True
    )


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
        loaded_twice=True,
    )
