"""An aircraft whose owner opts out leaves every table with the next build, and stays out."""

import shutil
from datetime import timedelta

import pytest
from dbt_project import ROOT, DbtProject
from raw_rows import FIRST_LOAD, RawData, bts_flight

OPTED_OUT = "N1AA"
FLIGHTS = [bts_flight(f"2013-05-{day:02d}", number) for day in range(1, 4) for number in range(1, 4)]
AIRCRAFT = [{"tail_number": f"N{number}AA", "manufacturer": "BOEING", "registry": "faa"} for number in range(1, 4)]
# the list itself has to name the aircraft; raw, and the views of it that come before the list is applied, are internal
LIST = "seeds"


@pytest.fixture
def project(tmp_path):
    copy = tmp_path / "project"
    for name in ("models", "macros", "seeds", "snapshots", "tests/data", "tests/generic"):
        shutil.copytree(ROOT / name, copy / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, copy)
    return DbtProject(tmp_path, copy)


def exclude(project: DbtProject, *tail_numbers: str) -> None:
    rows = ["tail_number,excluded_on,note", *(f"{tail},2014-02-01,asked to" for tail in tail_numbers)]
    (project.project_dir / "seeds" / "excluded_aircraft.csv").write_text("\n".join(rows) + "\n")


def tables_that_name(project: DbtProject, tail_number: str) -> list[str]:
    with project.connect(read_only=True) as connection:
        relations = connection.sql(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = 'ontime' and table_type = 'BASE TABLE'"
        ).fetchall()
        assert len(relations) > 20
        return [
            f"{schema}.{name}"
            for schema, name in relations
            if schema != LIST
            and connection.sql(
                f"select count(*) from {schema}.\"{name}\" as t where contains(t::varchar, '{tail_number}')"
            ).fetchall()[0][0]
        ]


def test_opting_out_takes_effect_with_the_next_build(project):
    raw = RawData(project.data_dir)
    raw.load("bts", "flights", FLIGHTS)
    raw.load("reference", "aircraft", AIRCRAFT)
    project.run("build", "--exclude-resource-type", "test", "unit_test")
    named_before = tables_that_name(project, OPTED_OUT)
    assert {"marts.fct_flights", "marts.dim_aircraft", "snapshots.snap_aircraft"} <= set(named_before)

    exclude(project, OPTED_OUT)
    project.run("build", "--exclude-resource-type", "test", "unit_test")
    assert tables_that_name(project, OPTED_OUT) == []
    assert project.query("select sum(flight_count) from reports.rpt_carrier_on_time_monthly") == [(6,)]

    raw.load("bts", "flights", FLIGHTS, FIRST_LOAD + timedelta(days=1))
    project.run("build", "--exclude-resource-type", "test", "unit_test")
    assert tables_that_name(project, OPTED_OUT) == []

    exclude(project)
    project.run("build", "--exclude-resource-type", "test", "unit_test")
    assert set(named_before) <= set(tables_that_name(project, OPTED_OUT))
