"""Small warehouses that differ in one thing each: every kind of difference is found, and nothing else is one."""

import json
from datetime import datetime, timedelta

import duckdb
import pytest
from sample_files import run_ontime

from ontime.errors import OntimeError
from ontime.settings import Settings
from operations.parity.comparison import compare
from operations.parity.tables import contract_bound_tables

LOADED = datetime(2026, 1, 1, 12, 0, 0, 123456)
LATER = timedelta(days=3, microseconds=7)
SCHEMAS = ("raw_bts", "raw_asos")
LOADS_OF_SCHEMA = 3


def instant(number, since=LOADED):
    """When the load of this number completed, counted over both schemas."""
    return since + timedelta(hours=number)


def tables(since):
    """What dbt built: row n of the facts came with load n of raw_bts, and the first was corrected by load 2."""
    return f"""
        create schema marts;
        create schema snapshots;
        create table marts.fct (
            code varchar, known_at timestamp, number integer, share double, price decimal(6, 2), name varchar,
            is_late boolean, day date, loaded_at timestamp
        );
        insert into marts.fct values
            ('A', '2013-01-01 05:00', 1, 0.1, 1.50, 'one', true, '2013-01-01', '{instant(1, since)}'),
            ('A', '{instant(2, since)}', 2, 'nan', 2.25, 'two', false, '2013-01-02', '{instant(2, since)}'),
            ('B', '2013-01-01 05:00', null, 0.0, null, null, null, null, '{instant(3, since)}');
        create table marts.dim (number integer, name varchar, zero double);
        -- of zeros in a row DuckDB would store one
        insert into marts.dim select range, 'name ' || range, if(range % 2 = 0, 1, -0.0::double) from range(10);
        create table snapshots.snap (
            code varchar, seats bigint, dbt_scd_id varchar, dbt_valid_from timestamp, dbt_valid_to timestamp
        );
        insert into snapshots.snap values
            ('A', 100, md5('{since}'), '{instant(1, since)}', '{instant(2, since)}'),
            ('A', 120, md5('{since}2'), '{instant(2, since)}', null);
    """


def warehouse(data_dir, *statements, since=LOADED, zone="UTC"):
    """A data folder whose loads completed from an instant on, with changes to what was built."""
    data_dir.mkdir(parents=True)
    settings = Settings(data_dir=data_dir)
    with duckdb.connect(str(settings.raw_database)) as connection:
        connection.execute(f"set TimeZone = '{zone}'")
        for offset, schema in enumerate(SCHEMAS):
            connection.execute(f"create schema {schema}")
            connection.execute(
                f"create table {schema}._dlt_loads (load_id varchar, status bigint, inserted_at timestamptz)"
            )
            for number in range(1, LOADS_OF_SCHEMA + 1):
                completed = f"timestamp '{instant(number + 100 * offset, since)}' at time zone 'UTC'"
                connection.execute(f"insert into {schema}._dlt_loads values ('{number}', 0, {completed})")
    with duckdb.connect(str(settings.warehouse_database)) as connection:
        connection.execute(tables(since))
        for statement in statements:
            connection.execute(statement)
    return settings


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """As dbt writes it, cut down to what is read."""

    def model(name, schema="marts", kind="model", enforced=True):
        return {
            f"{kind}.ontime.{name}": {
                "resource_type": kind,
                "name": name,
                "schema": schema,
                "alias": name,
                "contract": {"enforced": enforced},
                "config": {},
            }
        }

    def unique(node, *columns, where=None):
        kwargs = {"columns": list(columns)} if len(columns) > 1 else {"column_name": columns[0]}
        return {
            f"test.ontime.{node}.{'_'.join(columns)}": {
                "resource_type": "test",
                "attached_node": node,
                "config": {"where": where},
                "test_metadata": {"name": "unique_combination" if len(columns) > 1 else "unique", "kwargs": kwargs},
            }
        }

    nodes = (
        model("fct")
        | model("dim")
        | model("snap", "snapshots", "snapshot", enforced=False)
        | model("int_fct", "intermediate", enforced=False)
        | unique("model.ontime.fct", "code", "known_at")
        | unique("model.ontime.dim", "number")
        | unique("model.ontime.dim", "name", where="number > 5")
        | unique("snapshot.ontime.snap", "dbt_scd_id")
        | unique("snapshot.ontime.snap", "code", "dbt_valid_from")
    )
    path = tmp_path_factory.mktemp("manifest") / "manifest.json"
    path.write_text(json.dumps({"nodes": nodes}))
    return path


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return warehouse(tmp_path_factory.mktemp("reference") / "data")


@pytest.fixture
def differences(reference, manifest, tmp_path):
    """What a warehouse with changes differs in: numbers of rows by table, and first differences."""

    def differences(*statements, **options):
        other = warehouse(tmp_path / "other", *statements, **options)
        found = compare({"dev": reference, "other": other}, manifest.parent, lambda _line: None)
        return (
            {table.name: table.differing_rows["other"] for table in found if table.differing_rows["other"] != 0},
            [(table.name, d.key, d.column, d.reference, d.other) for table in found for d in table.differences],
        )

    return differences


FCT, A, B = "marts.fct", "code=A, known_at=2013-01-01 05:00:00", "code=B, known_at=2013-01-01 05:00:00"
CORRECTED = "code=A, known_at=load 2 of raw_bts"
WHERE_A = "where code = 'A' and number = 1"
WHERE_B = "where code = 'B'"


def test_the_same_loads_at_other_instants_give_equal_tables(differences):
    assert differences(since=LOADED + LATER, zone="America/New_York") == ({}, [])


def test_rows_are_counted_and_working_files_go(reference, manifest, tmp_path):
    left = reference.scratch_dir / "parity-cut_off" / "dev.duckdb"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a file")
    found = compare({"dev": reference, "other": warehouse(tmp_path / "other")}, manifest.parent, lambda _line: None)
    assert {table.name: table.rows for table in found} == {
        "marts.dim": {"dev": 10, "other": 10},
        "marts.fct": {"dev": 3, "other": 3},
        "snapshots.snap": {"dev": 2, "other": 2},
    }
    assert [path.name for path in reference.scratch_dir.iterdir()] == ["parity-lock"]


@pytest.mark.parametrize(
    ("statement", "key", "column", "ours", "theirs"),
    [
        (f"update {FCT} set number = 7 {WHERE_A}", A, "number", "1", "7"),
        (f"update {FCT} set number = null {WHERE_A}", A, "number", "1", "null"),
        (f"update {FCT} set number = 0 {WHERE_B}", B, "number", "null", "0"),
        (f"update {FCT} set name = '' {WHERE_B}", B, "name", "null", ""),
        (f"update {FCT} set name = 'One' {WHERE_A}", A, "name", "one", "One"),
        (f"update {FCT} set price = 1.51 {WHERE_A}", A, "price", "1.50", "1.51"),
        (f"update {FCT} set is_late = false {WHERE_A}", A, "is_late", "true", "false"),
        (f"update {FCT} set day = '2013-01-03' {WHERE_A}", A, "day", "2013-01-01", "2013-01-03"),
        # the next double after 0.1
        (f"update {FCT} set share = 0.10000000000000002 {WHERE_A}", A, "share", "0.1", "0.10000000000000002"),
        (f"update {FCT} set share = null where number = 2", CORRECTED, "share", "nan", "null"),
    ],
)
def test_one_value_is_one_difference(differences, statement, key, column, ours, theirs):
    assert differences(statement, since=LOADED + LATER) == ({FCT: 1}, [(FCT, key, column, ours, theirs)])


def test_a_zero_of_the_other_sign_is_a_difference(differences):
    # by way of a one, as DuckDB finds nothing to change
    changed = (f"update marts.dim set zero = {value} where number = 7" for value in ("1", "0.0"))
    assert differences(*changed) == ({"marts.dim": 1}, [("marts.dim", "number=7", "zero", "-0.0", "0.0")])


def test_nan_is_nan_whatever_its_bits(differences):
    assert differences(f"update {FCT} set share = -('nan'::double) where number = 2") == ({}, [])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (instant(2), "load 2 of raw_bts"),
        (instant(101), "load 1 of raw_asos"),
        (instant(1) + timedelta(microseconds=1), "2026-01-01 13:00:00.123457"),
    ],
)
def test_another_load_is_a_difference_and_so_is_an_instant_that_is_none(differences, value, shown):
    assert differences(f"update {FCT} set loaded_at = '{value}' {WHERE_A}") == (
        {FCT: 1},
        [(FCT, A, "loaded_at", "load 1 of raw_bts", shown)],
    )


def test_the_instant_of_the_reference_s_load_is_no_load_of_the_other(differences):
    assert differences(f"update {FCT} set loaded_at = '{instant(1)}' {WHERE_A}", since=LOADED + LATER) == (
        {FCT: 1},
        [(FCT, A, "loaded_at", "load 1 of raw_bts", str(instant(1)))],
    )


def test_loads_that_did_not_complete_are_not_counted(reference, manifest, tmp_path):
    other = warehouse(tmp_path / "other", since=LOADED + LATER)
    with duckdb.connect(str(other.raw_database)) as connection:
        connection.execute("insert into raw_bts._dlt_loads values ('0', 1, timestamptz '2026-01-01 00:00:00+00')")
    found = compare({"dev": reference, "other": other}, manifest.parent, lambda _line: None)
    assert [table.differences for table in found] == [[], [], []]


def test_rows_of_one_side_only_are_found(differences):
    counts, found = differences(f"delete from {FCT} {WHERE_A}", f"insert into {FCT} (code, number) values ('C', 5)")
    assert counts == {FCT: 2}
    assert found == [
        (FCT, A, "(row)", "there", "missing"),
        (FCT, "code=C, known_at=null", "(row)", "missing", "there"),
    ]


def test_a_key_that_is_there_twice_is_found_though_its_rows_are_equal(differences):
    counts, found = differences(f"insert into {FCT} from {FCT} {WHERE_A}", f"update {FCT} set number = 3 {WHERE_B}")
    assert counts == {FCT: 2}
    assert found == [(FCT, A, "(row)", "1 times", "2 times"), (FCT, B, "number", "null", "3")]


def test_all_differing_rows_are_counted_and_the_first_shown(differences):
    counts, found = differences("update marts.dim set name = 'x' where number > 1")
    assert counts == {"marts.dim": 8}
    assert found == [("marts.dim", f"number={n}", "name", f"name {n}", "x") for n in (2, 3, 4)]


def test_of_rows_that_differ_in_many_columns_the_first_differences_are_shown(differences):
    columns = ("number", "share", "price", "name", "is_late", "day")
    counts, found = differences(f"update {FCT} set {', '.join(f'{name} = null' for name in columns)}")
    assert counts == {FCT: 3}
    assert [column for _, _, column, *_ in found] == list(columns[:5])


def test_a_table_of_one_side_only_is_found(differences):
    counts, found = differences("drop table marts.dim", "create table marts.own as select 1 as number")
    assert counts == {"marts.dim": None, "marts.own": None}
    assert found == [
        ("marts.dim", None, "(table)", "there", "missing"),
        ("marts.own", None, "(table)", "missing", "there"),
    ]


def test_a_column_of_one_side_only_is_found_beside_differing_rows(differences):
    counts, found = differences(
        "alter table marts.dim drop name",
        "alter table marts.dim add extra date",
        f"update {FCT} set number = 9 {WHERE_A}",
    )
    assert counts == {FCT: 1}
    assert found == [
        ("marts.dim", None, "name", "VARCHAR", "missing"),
        ("marts.dim", None, "extra", "missing", "DATE"),
        (FCT, A, "number", "1", "9"),
    ]


@pytest.mark.parametrize(
    ("column", "ours", "theirs"),
    [
        ("number", "INTEGER", "BIGINT"),
        ("price", "DECIMAL(6,2)", "DECIMAL(7,2)"),
        ("share", "DOUBLE", "FLOAT"),
        ("loaded_at", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
    ],
)
def test_another_type_is_found_though_the_values_are_equal(differences, column, ours, theirs):
    assert differences(f"alter table {FCT} alter {column} type {theirs}") == ({}, [(FCT, None, column, ours, theirs)])


def test_text_is_text_however_its_type_is_spelt(differences):
    assert differences(
        "create or replace table marts.dim as select * replace (name::varchar(20) as name) from marts.dim"
    ) == (
        {},
        [],
    )


def test_rows_are_not_compared_on_a_key_of_another_type(differences):
    assert differences("alter table marts.dim alter number type bigint") == (
        {"marts.dim": None},
        [("marts.dim", None, "number", "INTEGER", "BIGINT")],
    )


def test_several_targets_are_each_compared_to_the_first(reference, manifest, tmp_path):
    changed = warehouse(tmp_path / "changed", f"update {FCT} set number = 4 {WHERE_A}")
    sides = {"dev": reference, "equal": warehouse(tmp_path / "equal"), "changed": changed}
    found = {table.name: table.differing_rows for table in compare(sides, manifest.parent, lambda _line: None)}
    assert found[FCT] == {"equal": 0, "changed": 1}


def test_the_key_is_what_is_proved_unique_without_a_condition_and_holds_no_hash_of_an_instant(manifest):
    assert {table.name: table.key for table in contract_bound_tables(manifest.parent)} == {
        "marts.dim": ("number",),
        "marts.fct": ("code", "known_at"),
        "snapshots.snap": ("code", "dbt_valid_from"),
    }


def test_a_model_in_the_place_of_a_snapshot_is_compared_as_one(manifest, tmp_path):
    nodes = json.loads(manifest.read_text())["nodes"]
    nodes["snapshot.ontime.snap"]["resource_type"] = "model"
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    assert contract_bound_tables(tmp_path) == contract_bound_tables(manifest.parent)


def test_a_table_without_a_proved_key_is_refused(manifest, tmp_path):
    nodes = json.loads(manifest.read_text())["nodes"]
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"nodes": {name: node for name, node in nodes.items() if "code" not in name}}))
    with pytest.raises(OntimeError, match=r"no test proves a key of fct, snap: add a unique_combination test"):
        contract_bound_tables(path.parent)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 2, "name two targets or more, each once: dev,postgres"),
        (("--targets", "dev,moon"), 2, "'moon' is no target: choose from dev, postgres, lake"),
        (("--targets", "dev,dev"), 2, "name two targets or more, each once: dev,postgres"),
        (("--targets", "lake,dev"), 1, "error: PostgreSQL at 127.0.0.1:1 cannot be reached"),
        (("--targets", "dev,postgres"), 1, "error: PostgreSQL at 127.0.0.1:1 cannot be reached"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(reference, manifest, arguments, status, said):
    done = run_ontime(
        reference.data_dir,
        "parity",
        *arguments,
        env={"DBT_TARGET_PATH": str(manifest.parent), "ONTIME_POSTGRES_PORT": "1"},
    )
    assert done.returncode == status
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert len([line for line in done.stderr.splitlines() if line.startswith("error")]) == (status == 1)


def test_without_a_build_or_a_manifest_it_says_what_to_run(tmp_path, manifest):
    environment = {"ONTIME_TARGET": "postgres", "DBT_TARGET_PATH": str(tmp_path)}
    done = run_ontime(tmp_path, "parity", env=environment)
    assert (done.returncode, done.stderr) == (
        1,
        f"error: {tmp_path / 'manifest.json'} does not exist: write it with dbt parse\n",
    )
    done = run_ontime(tmp_path, "parity", env=environment | {"DBT_TARGET_PATH": str(manifest.parent)})
    assert (done.returncode, done.stderr) == (
        1,
        f"error: {tmp_path / 'ontime.duckdb'} does not exist: build it first with dbt build\n",
    )
