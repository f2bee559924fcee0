"""What was built in part is not published, and status and doctor tell of it."""

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import ledger_rows
import pytest
from dbt_project import ROOT, DbtProject
from examined import examined
from raw_rows import RawData, bts_flight
from sample_files import run_ontime

from ontime.errors import OntimeError
from ontime.scratch import DBT, work_folder
from ontime.settings import Settings
from publishing.published_file import publish

TABLES = ("marts.fct_flights", "marts.dim_dates", "reports.rpt_flights")


class Warehouse:
    """A built warehouse, and what it tells of its builds."""

    def __init__(self, settings) -> None:
        self.settings = settings
        self.number = 0
        settings.data_dir.mkdir(exist_ok=True)
        self.execute(
            *("create schema marts", "create schema reports"),
            *(f"create table {table} as select 1 as x" for table in TABLES),
            ledger_rows.SCHEMA,
            *ledger_rows.TABLES,
        )

    def execute(self, *statements: str) -> None:
        with duckdb.connect(str(self.settings.warehouse_database)) as connection:
            for statement in statements:
                connection.execute(statement)

    def ran(self, command: str, failed_nodes: int | None = 0, built: tuple[str, ...] = TABLES, loads: int = 12) -> None:
        """A dbt command that wrote some tables; it was cut off where it tells of no failed nodes."""
        self.number += 1
        models = tuple(table.split(".")[1] for table in built)
        self.execute(*ledger_rows.built(self.number, command, failed_nodes, models, loads))

    def refusal(self) -> str:
        with pytest.raises(OntimeError) as error:
            publish(self.settings, print)
        assert not self.settings.published_database.exists()
        return str(error.value)

    def is_published(self) -> bool:
        return set(publish(self.settings, print).tables) == set(TABLES)


@pytest.fixture
def warehouse(settings):
    return Warehouse(settings)


REMEDY = "run dbt build again, or publish all the same with --force"


@pytest.mark.parametrize(
    ("failed_nodes", "said"),
    [(None, "did not end: it runs still, or was cut off"), (3, "failed (3 nodes)")],
)
@pytest.mark.parametrize("command", ["build", "run", "seed", "snapshot"])
def test_after_a_build_that_failed_or_did_not_end_nothing_is_published_unless_forced(
    warehouse, command, failed_nodes, said
):
    warehouse.ran("build")
    warehouse.ran(command, failed_nodes)
    assert warehouse.refusal() == f"the last build, dbt {command} of 2014-01-01 02:00:00 UTC, {said}: {REMEDY}"
    assert set(publish(warehouse.settings, print, force=True).tables) == set(TABLES)


def test_a_test_that_failed_counts_and_one_that_did_not_end_does_not(warehouse):
    warehouse.ran("build")
    warehouse.ran("test", failed_nodes=None, built=())
    assert warehouse.is_published()
    warehouse.settings.published_database.unlink()
    warehouse.ran("test", failed_nodes=1, built=())
    assert "dbt test of 2014-01-01 03:00:00 UTC, failed (1 nodes)" in warehouse.refusal()
    warehouse.ran("build")
    assert warehouse.is_published()


def test_a_build_of_some_models_does_not_make_up_for_one_that_was_cut_off(warehouse):
    warehouse.ran("build")
    warehouse.ran("build", failed_nodes=None, built=("marts.fct_flights",))
    warehouse.ran("run", built=("marts.dim_dates",))
    assert warehouse.refusal() == (
        f"reports.rpt_flights was not built since dbt build of 2014-01-01 02:00:00 UTC was cut off: {REMEDY}"
    )
    # one by one all were
    warehouse.ran("run", built=("reports.rpt_flights",))
    assert warehouse.is_published()


def test_tables_that_hold_different_loads_are_not_published(warehouse):
    warehouse.ran("build", loads=10)
    warehouse.ran("run", built=("marts.fct_flights",), loads=12)
    assert warehouse.refusal() == (f"marts.dim_dates holds loads to 10, marts.fct_flights holds loads to 12: {REMEDY}")
    warehouse.ran("run", built=("marts.dim_dates", "reports.rpt_flights"), loads=12)
    assert warehouse.is_published()


def test_a_table_of_which_no_build_is_noted_is_not_published(warehouse):
    warehouse.ran("build", built=TABLES[:2])
    assert warehouse.refusal().startswith("reports.rpt_flights: which loads it holds is not noted; run dbt build")


def test_status_and_doctor_tell_of_it(loaded):
    warehouse = Warehouse(loaded)
    warehouse.ran("build")
    assert (
        "Last build: dbt build of 2014-01-01 01:00:00 UTC, ended well" in run_ontime(loaded.data_dir, "status").stdout
    )
    assert "builds" not in examined(ONTIME_DATA_DIR=str(loaded.data_dir))
    warehouse.ran("build", failed_nodes=None)
    said = "dbt build of 2014-01-01 02:00:00 UTC, did not end: it runs still, or was cut off"
    assert f"Last build: {said}" in run_ontime(loaded.data_dir, "status").stdout
    found = examined(ONTIME_DATA_DIR=str(loaded.data_dir))["builds"]
    assert found == ("problem", f"the last build, {said}", REMEDY)
    with work_folder(loaded, DBT):
        found = examined(ONTIME_DATA_DIR=str(loaded.data_dir))["builds"]
    at_work = f"{said.partition(', ')[0]}: process {os.getpid()} is at work"
    assert found == ("warning", at_work, "wait for it to end")


PUBLIC = ("--select", *(f"+path:models/{folder}" for folder in ("marts", "reports", "features")))
QUICKLY = (*PUBLIC, "--exclude-resource-type", "test", "unit_test")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A warehouse that was built and published, and a load that came after it."""
    folder = tmp_path_factory.mktemp("built")
    raw = RawData(folder)
    raw.load("bts", "flights", [bts_flight(f"2013-04-{day:02d}", number) for day in range(1, 5) for number in (1, 2)])
    project = DbtProject(folder)
    project.run("build", *QUICKLY)
    settings = Settings(data_dir=folder)
    assert "marts.fct_flights" in publish(settings, print).tables
    raw.load("bts", "flights", [bts_flight("2013-04-05", number) for number in (1, 2)])
    return project


@pytest.fixture
def project(built, tmp_path):
    shutil.copytree(built.data_dir, tmp_path / "data")
    return DbtProject(tmp_path / "data")


def refused(project: DbtProject) -> str:
    """Why nothing is published; doctor says the same."""
    settings = Settings(data_dir=project.data_dir)
    before = settings.published_database.read_bytes()
    done = run_ontime(project.data_dir, "publish")
    assert done.returncode == 1
    assert settings.published_database.read_bytes() == before
    (line,) = done.stderr.strip().splitlines()[-1:]
    level, found, _ = examined(ONTIME_DATA_DIR=str(project.data_dir))["builds"]
    assert level == "problem"
    assert line.startswith(f"error: {found}")
    return line


def is_published(project: DbtProject) -> bool:
    return run_ontime(project.data_dir, "publish").returncode == 0


def kill_while_building(project: DbtProject, *arguments: str, after: str) -> None:
    """Start dbt, and kill it when it has built a model."""
    process = subprocess.Popen(
        [
            Path(sys.executable).parent / "dbt",
            "--no-use-colors",
            *arguments,
            "--target-path",
            project.data_dir / "target",
        ],
        cwd=ROOT,
        env=os.environ | {"ONTIME_DATA_DIR": str(project.data_dir), "DBT_LOG_PATH": str(project.data_dir / "logs")},
        stdout=subprocess.PIPE,
        text=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if " OK " in line and after in line:
            break
    else:
        pytest.fail("".join(said))
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.slow
def test_a_build_that_was_killed_is_not_published_until_all_is_built(project):
    kill_while_building(project, "run", *PUBLIC, after="marts.fct_flights ")
    assert "did not end: it runs still, or was cut off: run dbt build again" in refused(project)
    assert "did not end" in run_ontime(project.data_dir, "status").stdout

    project.run("run", "--select", "dim_dates")
    assert "was not built since dbt run" in refused(project)
    project.run("test", "--select", "dim_dates")
    assert "was not built since dbt run" in refused(project)
    project.run("build", *QUICKLY)
    assert is_published(project)
    assert ", ended well" in run_ontime(project.data_dir, "status").stdout


@pytest.mark.slow
def test_models_built_alone_hold_other_files_than_the_rest(project):
    project.run("run", "--select", "+fct_flights")
    assert re.search(
        r"\S+ holds loads to 3, marts\.fct_flights holds loads to 4: run dbt build again", refused(project)
    )
    project.run("run", *PUBLIC)
    assert is_published(project)


@pytest.mark.slow
def test_a_build_or_test_that_failed_is_not_published(project):
    failing = replace(project, change=("models/reports/rpt_delay_causes_monthly.sql", "with\n", "with no such sql\n"))
    failing.run("run", *PUBLIC, succeeds=False)
    assert "failed (1 nodes)" in refused(project)
    project.run("run", *PUBLIC)
    assert is_published(project)
    project.execute("update marts.fct_flights set distance_miles = -1")
    project.run("test", "--select", "fct_flights,test_type:data", succeeds=False)
    assert "dbt test of" in refused(project)


@pytest.mark.slow
def test_a_build_over_emptied_sources_takes_nothing_from_readers(project):
    project.run("run", *PUBLIC, "--empty")
    assert "rows in the published copy and none now" in run_ontime(project.data_dir, "publish").stderr
    project.run("run", *PUBLIC)
    assert is_published(project)


def test_to_ask_for_freshness_is_no_build(project):
    sees = project.query("select max(load_number) from governance.visible_files")
    noted = project.query("select count(*) from governance.builds")
    project.run("source", "freshness", "--select", "source:bts", succeeds=False)
    assert project.query("select max(load_number) from governance.visible_files") == sees == [(3,)]
    assert project.query("select count(*) from governance.builds") == noted
