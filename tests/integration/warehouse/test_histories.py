"""Histories tell the same of the same raw data, between whichever loads and in whichever way they were built."""

from datetime import timedelta

import pytest
from dbt_project import DbtProject
from raw_rows import AIRPORTS, FIRST_LOAD, RawData, bts_flight

DAY = timedelta(days=1)
HISTORIES = ("snapshots.snap_aircraft", "snapshots.snap_airports")
BUILD = ("build", "--exclude-resource-type", "test", "unit_test")
HISTORIES_ALONE = (*BUILD, "--select", "+snap_aircraft", "+snap_airports", "int_aircraft", "+int_airports")
MODELS = (
    "select model, source, dbt_valid_from, dbt_valid_to from snapshots.snap_aircraft"
    " where tail_number = 'N1AA' order by dbt_valid_from"
)


@pytest.fixture
def raw(tmp_path):
    return RawData(tmp_path)


@pytest.fixture
def project(raw, tmp_path):
    return DbtProject(tmp_path)


def registered(model: str, tail_number: str = "N1AA") -> dict:
    return {"tail_number": tail_number, "model": model, "registry": "faa"}


def airport(code: str, **values: str) -> dict:
    return {"airport_code": code, "iata": code, "icao": f"K{code}", "name": code, "country": "US"} | values


def histories(project: DbtProject) -> list[list[tuple]]:
    return [project.query(f"select * from {table} order by all") for table in HISTORIES]


def models(project: DbtProject) -> list[str]:
    return [model for model, *_ in project.query(MODELS)]


def load_three_versions(raw: RawData) -> None:
    for number, model in enumerate("ABA"):
        raw.load("reference", "aircraft", [registered(model), registered("Z", "N2AA")], FIRST_LOAD + number * DAY)
    raw.load("reference", "airports", [airport("JFK", tz=AIRPORTS["JFK"], city="Queens")], FIRST_LOAD + DAY)


def test_a_history_does_not_depend_on_when_it_was_built(project, raw, tmp_path_factory):
    for number, model in enumerate("ABACC"):
        raw.load("reference", "aircraft", [registered(model)], FIRST_LOAD + number * DAY)
        if number in (0, 2):  # what went and came back between two builds is told, too
            project.run(*HISTORIES_ALONE)
    project.run(*HISTORIES_ALONE)
    assert project.query(MODELS) == [
        ("A", "faa", FIRST_LOAD, FIRST_LOAD + DAY),
        ("B", "faa", FIRST_LOAD + DAY, FIRST_LOAD + 2 * DAY),
        ("A", "faa", FIRST_LOAD + 2 * DAY, FIRST_LOAD + 3 * DAY),
        ("C", "faa", FIRST_LOAD + 3 * DAY, None),
    ]
    built_by_and_by = histories(project)
    project.run(*HISTORIES_ALONE, "--full-refresh")
    assert histories(project) == built_by_and_by


def test_a_build_with_nothing_new_writes_no_history(project, raw):
    load_three_versions(raw)
    made = "select table_name, table_oid from duckdb_tables() where schema_name = 'snapshots' order by all"
    tables = []
    for select in (HISTORIES_ALONE, HISTORIES_ALONE, ("snapshot",)):
        project.run(*select)
        tables.append(project.query(made))
    assert tables[0] == tables[1] == tables[2]


def test_what_a_source_does_not_repeat_goes_on(project, raw):
    load_three_versions(raw)
    project.run(*HISTORIES_ALONE)
    before = histories(project)
    raw.load("reference", "aircraft", [registered("A")], FIRST_LOAD + 3 * DAY)
    raw.load("reference", "aircraft", [], FIRST_LOAD + 4 * DAY)
    raw.load("reference", "airports", [], FIRST_LOAD + 4 * DAY)
    project.run(*HISTORIES_ALONE)
    assert histories(project) == before
    assert project.query("select count(*) from intermediate.int_aircraft") == [(2,)]
    codes = ", ".join(f"'{code}'" for code in AIRPORTS)
    in_force = f"select count(*) from intermediate.int_airports where airport_code in ({codes})"
    assert project.query(in_force) == [(len(AIRPORTS),)]


def test_loads_count_in_their_order_whatever_their_clocks_say(project, raw):
    for model, days in (("A", 0), ("B", 40), ("C", 2), ("D", -40), ("E", 60)):
        raw.load("reference", "aircraft", [registered(model)], FIRST_LOAD + days * DAY)
        project.run(*HISTORIES_ALONE)
    assert models(project) == ["A", "B", "C", "D", "E"]
    assert project.query("select model from intermediate.int_aircraft") == [("E",)]
    stretches = [(begin, end) for _, _, begin, end in project.query(MODELS)]
    assert [end for _, end in stretches] == [*[begin for begin, _ in stretches[1:]], None]
    assert [begin for begin, _ in stretches] == sorted({begin for begin, _ in stretches})
    assert stretches[-1] == (FIRST_LOAD + 60 * DAY, None)


def test_the_entries_in_force_are_those_without_an_end(project, raw):
    load_three_versions(raw)
    raw.load("nycflights13", "planes", [{"tailnum": "N2AA", "model": "Q"}, {"tailnum": "N3AA", "model": "R"}])
    project.run(*HISTORIES_ALONE)
    in_force = "select tail_number, model, source from {} order by all"
    assert project.query(in_force.format("intermediate.int_aircraft")) == [
        ("N1AA", "A", "faa"),
        ("N2AA", "Z", "faa"),
        ("N3AA", "R", "nycflights13"),
    ]
    open_rows = "snapshots.snap_aircraft where dbt_valid_to is null"
    assert project.query(in_force.format(open_rows)) == project.query(in_force.format("intermediate.int_aircraft"))


def public_tables(project: DbtProject) -> dict[str, list[tuple]]:
    schemas = "'marts', 'reports', 'features', 'training', 'snapshots'"
    names = project.query(
        "select table_schema || '.' || table_name from information_schema.tables"
        f" where table_catalog = 'ontime' and table_schema in ({schemas})"
    )
    return {name: project.query(f"select * from {name} order by all") for (name,) in names}


def test_a_build_of_nothing_leaves_histories_and_the_next_build_brings_back_all(project, raw):
    raw.load("bts", "flights", [bts_flight(f"2013-05-0{day}", number) for day in (1, 2, 3) for number in (1, 2)])
    load_three_versions(raw)
    project.run(*BUILD)
    before = public_tables(project)
    assert len(before) > 20
    assert before["reports.rpt_carrier_on_time_monthly"]

    project.run(*BUILD, "--empty")
    emptied = public_tables(project)
    assert emptied["reports.rpt_carrier_on_time_monthly"] == []
    assert {name: emptied[name] for name in HISTORIES} == {name: before[name] for name in HISTORIES}

    project.run(*BUILD)
    assert public_tables(project) == before


@pytest.mark.parametrize("variable", ["until_load: 3", f"as_of: '{FIRST_LOAD:%Y-%m-%d %H:%M:%S}'"])
def test_a_build_that_sees_fewer_files_leaves_histories(project, raw, variable):
    load_three_versions(raw)
    project.run(*HISTORIES_ALONE)
    before = histories(project)
    project.run(*HISTORIES_ALONE, "--full-refresh", "--vars", f"{{{variable}}}")
    assert histories(project) == before
    project.run(*HISTORIES_ALONE)
    assert histories(project) == before


def test_a_history_of_an_instant_is_what_was_known_then(project, raw):
    load_three_versions(raw)
    for days, versions in enumerate([["A"], ["A", "B"], ["A", "B", "A"]]):
        instant = FIRST_LOAD + days * DAY
        project.run(*HISTORIES_ALONE, "--vars", f"{{as_of: '{instant:%Y-%m-%d %H:%M:%S}'}}")
        assert models(project) == versions


def test_a_history_of_files_that_raw_has_lost_stays_until_all_is_built_anew(project, raw, tmp_path):
    load_three_versions(raw)
    project.run(*HISTORIES_ALONE)
    before = histories(project)
    raw.path.unlink()
    RawData(tmp_path).load("nycflights13", "planes", [{"tailnum": "N1AA", "model": "Q"}])
    project.run(*HISTORIES_ALONE)
    assert histories(project) == before
    project.run(*HISTORIES_ALONE, "--full-refresh")
    assert models(project) == ["Q"]
