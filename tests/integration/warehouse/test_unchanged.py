"""A build leaves as it is what would come out the same, and nothing else."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from dbt.parser.manifest import extended_mashumaro_encoder
from dbt_project import ROOT, DbtProject
from raw_rows import FIRST_LOAD, RawData, bts_flight

HALTED_DBT = ROOT / "tests" / "support" / "halted_dbt.py"
ROUTES = "models/reports/rpt_route_on_time_monthly.sql"
FLIGHTS = ("fct_flights", "rpt_carrier_on_time_monthly", "feat_origin_departures")
WEATHER = ("int_weather_report_versions", "fct_weather_observations", "feat_origin_weather")
SELECTED = (
    "--indirect-selection=cautious",
    "--select",
    *(f"+{name}" for name in ("rpt_carrier_on_time_monthly", "rpt_route_on_time_monthly", "feat_origin_departures")),
    *(f"+{name}" for name in ("feat_origin_weather", "fct_weather_observations", "dim_carriers", "dim_dates")),
    "--exclude",
    "test_type:unit",
    # warns of corrections of airports that these few are not
    "assert_airport_corrections_can_be_read",
)


def report(valid: str, temperature: float) -> dict:
    return {"station": "JFK", "valid": valid, "tmpf": temperature, "vsby": 10.0, "metar": f"KJFK {valid}"}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    project = DbtProject(tmp_path_factory.mktemp("unchanged"))
    raw = RawData(project.data_dir)
    raw.load("bts", "flights", [bts_flight("2013-03-09", number) for number in range(1, 6)])
    raw.load("asos", "observations", [report(f"2013-03-09 {hour:02d}:51", 50.0) for hour in range(6)])
    project.run("build", *SELECTED)
    return project, raw


def built(project: DbtProject, *arguments: str, change: tuple[str, str, str] | None = None) -> set[str]:
    return DbtProject(project.data_dir, change=change).changed_nodes(*SELECTED, *arguments)


def test_nothing_new_leaves_everything(warehouse):
    project, _ = warehouse
    assert built(project) == set()


def test_weather_alone_leaves_the_flights(warehouse):
    project, raw = warehouse
    raw.load("asos", "observations", [report("2013-03-09 09:51", 41.0)], FIRST_LOAD + timedelta(days=1))
    nodes = built(project)
    assert not nodes & set(FLIGHTS)
    assert nodes > set(WEATHER)
    held = dict(project.query("select model_name, max(load_number) from governance.model_builds group by all"))
    assert {held[name] for name in (*FLIGHTS, *WEATHER)} == {raw.loads}


def test_changed_code_builds_what_reads_it(warehouse):
    project, _ = warehouse
    change = (ROUTES, "with\n", "with\n\n-- otherwise told\n")
    nodes = built(project, change=change)
    assert "rpt_route_on_time_monthly" in nodes
    assert not nodes & {*FLIGHTS, *WEATHER}
    assert "rpt_route_on_time_monthly" in built(project)


def test_changed_view_builds_what_reads_through_it(warehouse):
    project, _ = warehouse
    change = ("models/staging/reference/stg_reference__carriers.sql", "with\n", "with\n\n-- otherwise told\n")
    nodes = built(project, change=change)
    assert nodes >= {"stg_reference__carriers", "dim_carriers"}
    assert "int_carriers" not in nodes
    assert not nodes & {"rpt_route_on_time_monthly", *WEATHER}
    built(project)


def test_what_differs_from_the_published_manifest_is_built_alone(warehouse, tmp_path):
    project, _ = warehouse
    project.manifest().writable_manifest().write(str(tmp_path / "manifest.json"))
    asked = ("--select", "state:modified+", "--exclude", "test_type:unit", "--defer", "--state", str(tmp_path))
    assert project.changed_nodes(*asked) == set()
    changed = DbtProject(project.data_dir, change=(ROUTES, "with\n", "with\n\n-- told once more\n"))
    nodes = changed.changed_nodes(*asked)
    assert "rpt_route_on_time_monthly" in nodes
    assert [name for name in nodes if f"model.ontime.{name}" in project.manifest().nodes] == [
        "rpt_route_on_time_monthly"
    ]
    built(project)


def test_dropped_table_is_built(warehouse):
    project, _ = warehouse
    project.execute("drop table marts.dim_dates")
    assert "dim_dates" in built(project)
    assert project.query("select count(*) > 0 from marts.dim_dates") == [(True,)]


def test_full_refresh_builds_all(warehouse):
    project, _ = warehouse
    assert built(project, "--full-refresh") >= {*FLIGHTS, *WEATHER}


def test_a_test_that_is_asked_for_looks(warehouse):
    project, _ = warehouse
    project.execute("insert into marts.dim_carriers select * from marts.dim_carriers limit 1")
    statuses = project.run("test", "--select", "dim_carriers", "--exclude", "test_type:unit", succeeds=False)
    assert "fail" in statuses.values()
    project.run("build", "--full-refresh", "--select", "dim_carriers", "--exclude", "test_type:unit")


def test_build_that_was_cut_off_is_trusted_in_nothing(warehouse):
    project, _ = warehouse
    assert built(project) == set()
    manifest = project.data_dir / "manifest.msgpack"
    manifest.write_bytes(project.manifest().to_msgpack(extended_mashumaro_encoder))
    killed = subprocess.run(
        [
            sys.executable,
            HALTED_DBT,
            "SIGKILL",
            manifest,
            project.data_dir,
            "model.ontime.dim_dates",
            "--select",
            "dim_dates",
        ],
        env=os.environ,
        check=False,
    )
    assert killed.returncode < 0
    assert built(project) >= {*FLIGHTS, *WEATHER}
    assert built(project) == set()
