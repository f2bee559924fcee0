"""Loading anything again, whole or by halves, changes nothing: what repeats what is known brings no version."""

from datetime import timedelta

import pytest
from daily_loads import loads
from dbt_project import DbtProject
from raw_rows import FIRST_LOAD, RawData
from sample_files import run_ontime

SCHEMAS = ("marts", "features", "reports", "training")
OF_THE_LOAD = ("loaded_at", "load_number", "superseded_load_number")
# the days of which there are flights on each
PERIOD = ("--start", f"{FIRST_LOAD - timedelta(days=12):%F}", "--end", f"{FIRST_LOAD + timedelta(days=4):%F}")
TRAINING_SET = ("training-set", "create", "twice", "--horizon", "2h", *PERIOD)


def load_once(raw: RawData) -> None:
    for source, table, rows, loaded_at in loads():
        raw.load(source, table, rows, loaded_at)


def load_twice(raw: RawData) -> None:
    """Each load by halves, then whole, then by halves again, before the next."""
    for source, table, rows, loaded_at in loads():
        middle = len(rows) // 2
        for minutes, part in enumerate((rows[:middle], rows[middle:], rows, rows[middle:], rows[:middle])):
            later = timedelta(minutes=minutes) if minutes > 1 else timedelta()
            raw.load(source, table, part, loaded_at + later)


def public_tables(project: DbtProject) -> dict[str, list[tuple]]:
    """The rows of all public tables, less what tells of their load."""
    names = project.query(
        "select schema_name || '.' || table_name from duckdb_tables()"
        f" where database_name = 'ontime' and schema_name in {SCHEMAS} order by 1"
    )
    columns = f"columns(c -> c not in {OF_THE_LOAD})"
    return {name: project.query(f"select {columns} from {name} order by all") for (name,) in names}


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory):
    """Two warehouses of the same facts; the second saw each of them three times, and was built in between."""
    once, twice = (DbtProject(tmp_path_factory.mktemp(name)) for name in ("once", "twice"))
    load_once(RawData(once.data_dir))
    raw = RawData(twice.data_dir)
    load_twice(raw)
    half_way = f"{{until_load: {raw.loads // 2}}}"
    for project, variables in ((twice, ("--vars", half_way)), (twice, ()), (once, ())):
        project.run("seed")
        project.run("run", *variables)
    return once, twice


@pytest.mark.slow
def test_every_public_table_is_that_of_one_load(warehouses):
    once, twice = map(public_tables, warehouses)
    assert len(once) > 15
    assert once.keys() == twice.keys()
    assert [name for name in once if once[name] != twice[name]] == []
    assert len(once["training.trn_departure_delay"]) > 400


@pytest.mark.slow
def test_a_training_set_is_that_of_one_load(warehouses):
    contents = []
    for project in warehouses:
        done = run_ontime(project.data_dir, *TRAINING_SET)
        assert done.returncode == 0, done.stderr
        parts = sorted((project.data_dir / "training_sets" / "twice").glob("*.parquet"))
        contents.append([part.read_bytes() for part in parts])
    assert len(contents[0]) == 3
    assert contents[0] == contents[1]
