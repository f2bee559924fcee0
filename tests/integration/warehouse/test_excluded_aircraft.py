"""An aircraft whose owner opts out leaves every table with the next build, and stays out."""

import shutil
from datetime import timedelta

import pytest
from dbt_common.exceptions import DbtBaseException
from dbt_project import ROOT, DbtProject
from raw_rows import FIRST_LOAD, RawData, bts_flight

OPTED_OUT = "N1AA"
# as sources spell it, too
SPELLINGS = (OPTED_OUT, " n1aa", "N-1AA", "1AA")
NAMES_IT = r"regexp_matches(upper(t::varchar), '\bN?-?1AA\b')"
FLIGHTS = [
    *[bts_flight(f"2013-05-{day:02d}", number) for day in range(1, 4) for number in range(2, 4)],
    *[bts_flight("2013-05-01", number, tail_number=tail) for number, tail in enumerate(SPELLINGS, start=4)],
]
AIRCRAFT = [
    {"tail_number": tail_number, "manufacturer": "BOEING", "registry": "faa"}
    for tail_number in (*SPELLINGS, "N2AA", "N3AA")
]
# the list itself has to name the aircraft; raw, and the views of it that come before the list is applied, are internal
LIST = "seeds"
BUILD = ("build", "--exclude-resource-type", "test", "unit_test")
HISTORY = (*BUILD, "--select", "+snap_aircraft")


@pytest.fixture
def project(tmp_path):
    copy = tmp_path / "project"
    for name in ("models", "macros", "seeds", "snapshots", "tests/dbt/data", "tests/dbt/generic"):
        shutil.copytree(ROOT / name, copy / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, copy)
    return DbtProject(tmp_path, copy)


def exclude(project: DbtProject, *tail_numbers: str) -> None:
    rows = ["tail_number,excluded_on,note", *(f"{tail},2014-02-01,asked to" for tail in tail_numbers)]
    (project.project_dir / "seeds" / "excluded_aircraft.csv").write_text("\n".join(rows) + "\n")


def tables_that_name(project: DbtProject) -> list[str]:
    """Of the aircraft that opted out, in any spelling."""
    with project.connect(read_only=True) as connection:
        relations = connection.sql(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = 'ontime' and table_type = 'BASE TABLE'"
        ).fetchall()
        assert len(relations) > 20
        return [
            f"{schema}.{name}"
            for schema, name in relations
            if schema != LIST and connection.sql(f'select 1 from {schema}."{name}" as t where {NAMES_IT}').fetchall()
        ]


def history(project: DbtProject) -> list[tuple]:
    return project.query("select * from snapshots.snap_aircraft order by all")


def test_opting_out_takes_effect_with_the_next_build(project):
    raw = RawData(project.data_dir)
    raw.load("bts", "flights", FLIGHTS)
    raw.load("reference", "aircraft", AIRCRAFT)
    project.run(*BUILD)
    named_before = tables_that_name(project)
    assert {"marts.fct_flights", "marts.dim_aircraft", "snapshots.snap_aircraft"} <= set(named_before)
    history_before = history(project)

    exclude(project, " n 1-aa")
    project.run(*BUILD)
    assert tables_that_name(project) == []
    assert project.query("select sum(flight_count) from reports.rpt_carrier_on_time_monthly") == [(6,)]
    assert len(history(project)) == len(history_before) - len(SPELLINGS)

    raw.load("bts", "flights", FLIGHTS, FIRST_LOAD + timedelta(days=1))
    project.run(*BUILD)
    assert tables_that_name(project) == []

    exclude(project)
    project.run(*BUILD)
    assert set(named_before) <= set(tables_that_name(project))
    assert history(project) == history_before


def test_another_spelling_of_the_same_list_builds_nothing_again(project):
    RawData(project.data_dir).load("reference", "aircraft", AIRCRAFT)
    lists = []
    for listed in [("N1AA", "N2AA"), (" n2-aa", "1aa", "N1AA"), ("N1AA",)]:
        exclude(project, *listed)
        project.run(*BUILD, "--select", "+dim_aircraft")
        lists += project.query(
            "select excluded_aircraft from governance.model_builds where model_name = 'dim_aircraft'"
            " order by build_number desc limit 1"
        )
    assert lists[0] == lists[1] != lists[2]


def test_a_history_that_a_build_does_not_make_anew_loses_the_aircraft_too(project):
    RawData(project.data_dir).load("reference", "aircraft", AIRCRAFT)
    project.run(*HISTORY)
    exclude(project, "1AA")
    project.run(*HISTORY, "--empty")
    assert [tail_number for tail_number, *_ in history(project)] == ["N2AA", "N3AA"]


def test_an_unreadable_line_is_named_before_anything_is_built(project, capfd):
    RawData(project.data_dir).load("reference", "aircraft", AIRCRAFT)
    exclude(project, "N1AA", "")
    with pytest.raises(DbtBaseException):
        project.run(*HISTORY, succeeds=False)
    said = [line.strip() for line in capfd.readouterr().out.splitlines() if line.strip()]
    assert said[-1].startswith("seeds/excluded_aircraft.csv, line 3: '' is no tail number: write one")
    assert not project.database.exists()
