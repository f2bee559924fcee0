"""What keeps dbt from its files is said in one line, and nothing is left half-made."""

import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
from broken_files import of_a_newer_duckdb, open_for_writing
from dbt_common.exceptions import DbtBaseException
from dbt_project import ROOT, DbtProject, environment
from sample_files import run_ingest
from small_disk import small_disk

from ontime.settings import Settings


@pytest.fixture
def said(settings, capfd):
    """What dbt says where it gets to no file: the error alone, and not the way to it."""

    def run():
        with environment(ONTIME_LOCK_TIMEOUT_SECONDS="0"), pytest.raises(DbtBaseException):
            DbtProject(settings.data_dir).run("run", "--select", "stg_nycflights13__flights", succeeds=False)
        heading, *lines = [line for line in capfd.readouterr().out.splitlines() if line.strip()]
        assert "Encountered an error" in heading
        assert [line.strip() for line in lines[:-1]] == ["Database Error", "Runtime Error"]
        return lines[-1].strip()

    return run


def test_where_nothing_is_loaded_dbt_says_so_and_makes_no_file(said, settings):
    assert said() == f"{settings.raw_database} does not exist: nothing is loaded yet, run ontime ingest"
    assert not settings.warehouse_database.exists()


@pytest.mark.parametrize("file", ["raw.duckdb", "ontime.duckdb"])
def test_a_file_of_a_newer_duckdb_is_left_alone(said, loaded, file):
    path = loaded.data_dir / file
    of_a_newer_duckdb(path)
    before = path.read_bytes()
    assert said().startswith(f"{path} is of storage version 99, which the installed DuckDB does not read: use")
    assert path.read_bytes() == before


def test_a_damaged_warehouse_is_told(said, loaded):
    loaded.warehouse_database.write_bytes(b"scratched" * 1000)
    assert said().startswith(f"{loaded.warehouse_database} is damaged (IO Error: ")


def test_who_has_the_warehouse_open_is_named(said, loaded):
    path = loaded.warehouse_database
    duckdb.connect(str(path)).close()
    with open_for_writing(path) as process:
        assert said() == f"{path} is in use by process {process}: wait for it to end and try again"


@pytest.mark.parametrize(
    ("arguments", "variables"), [(("run", "--target", "spark"), {}), (("test",), {"ONTIME_TARGET": "spark"})]
)
def test_spark_is_not_started_without_a_java(tmp_path, arguments, variables):
    folders = {"JAVA_HOME": str(tmp_path), "DBT_TARGET_PATH": str(tmp_path), "DBT_LOG_PATH": str(tmp_path)}
    done = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--quiet", *arguments],
        cwd=ROOT,
        env=os.environ | folders | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    heading, *lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    assert "Encountered an error" in heading
    assert lines == [
        "Runtime Error",
        f"there is no Java in JAVA_HOME ({tmp_path}): install Java 17 with make spark, or set JAVA_HOME to one",
    ]
    assert done.stderr == ""


@pytest.mark.slow
def test_a_build_on_a_full_disk_is_mended_by_the_next(sample, tmp_path, capfd):
    with small_disk(tmp_path / "disk") as disk:
        settings = Settings(data_dir=disk.folder / "data")
        run_ingest(settings, origin=str(sample))
        run_ingest(settings, "reference")
        duckdb.connect(str(settings.warehouse_database)).close()
        project = DbtProject(settings.data_dir)
        project.manifest()
        build = ("run", "--select", "+int_time_zone_offsets")
        disk.leave(20_000)
        # it depends on the disk whether the schemas still find room
        with suppress(DbtBaseException):
            assert "error" in project.run(*build, succeeds=False).values()
        told = capfd.readouterr().out
        assert re.search(r"ontime\.duckdb.*(No space left on device|File too large)", told)
        assert "Traceback" not in told
        disk.make_room()
        assert project.run(*build)["int_time_zone_offsets"] == "success"
        assert project.query("select count(*) from intermediate.int_time_zone_offsets") > [(1000,)]
