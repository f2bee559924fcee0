"""Loading into the lake: breaks, old states, upkeep, S3, and what is said where it cannot be reached."""

import re
import shutil
import signal
import time
from contextlib import suppress
from datetime import timedelta

import duckdb
import pytest
from dbt_common.exceptions import DbtBaseException, DbtRuntimeError
from dbt_project import environment
from examined import examined
from lake_fixture import Lake, running_lakes
from s3_fixture import BUCKET, running_s3
from sample_files import flight_lines, run_ingest, run_ontime, start_ontime, write_first_quarter, write_sample
from small_disk import assert_told_in_one_line, small_disk

from engines.lake.catalog import catalog_settings
from engines.lake.dbt_plugin import Plugin
from engines.postgres.connection import OWNER
from engines.targets import open_raw, open_warehouse
from feature_store.training_sets import sets as training_sets
from feature_store.training_sets.receipt import Choices, Receipt, sets_folder
from ontime.errors import OntimeError
from operations.lake import upkeep as lake_upkeep
from operations.status.state import read_status

FLIGHTS = "select count(*) from raw_nycflights13.flights"
NOW = timedelta(0)


def rows(lake, sql):
    with open_raw(lake.settings, print, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def alter(lake, sql):
    with open_raw(lake.settings, print) as connection:
        connection.execute(sql)


def said_by_dbt(lake):
    """Why dbt does not get to a lake."""
    with environment(**lake.variables), duckdb.connect() as connection, pytest.raises(DbtRuntimeError) as caught:
        Plugin("dbt_lake", {}).configure_connection(connection)
    return caught.value.msg


def some_of(folder):
    """Every fiftieth flight of a sample."""
    header, *lines = (folder / "flights.csv").read_text().splitlines()
    (folder / "flights.csv").write_text("\n".join([header, *lines[::50], ""]))
    return folder


@pytest.fixture(scope="module")
def lakes(tmp_path_factory):
    with running_lakes(tmp_path_factory.mktemp("lakes")) as lakes:
        yield lakes


@pytest.fixture(scope="module")
def template(lakes, tmp_path_factory):
    """A lake with the small sample."""
    lake = lakes.make("template")
    lake.ingest(write_sample(tmp_path_factory.mktemp("template"), flight_lines(400)))
    return lake


@pytest.fixture
def loaded(lakes, template, request):
    """A lake with the small sample, for one test."""
    return lakes.copy(template, f"lake_{abs(hash(request.node.name))}")


def test_what_a_load_that_was_cut_off_left_is_removed(loaded, sample):
    alter(
        loaded,
        "insert into raw_nycflights13.flights by name"
        " select * replace ('1700000000.5' as _dlt_load_id) from raw_nycflights13.flights limit 7",
    )
    (state,) = [state for state in read_status(loaded.settings, print).sources if state.name == "nycflights13"]
    assert state.unfinished_rows == 7
    loaded.ingest(sample)
    assert rows(loaded, FLIGHTS) == [(400,)]


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_and_doubles_nothing(loaded, tmp_path):
    before = rows(loaded, FLIGHTS)[0][0]
    sample = write_sample(tmp_path / "more", flight_lines(100_000))
    killed = 0
    for seconds in (2.0, 3.0):
        process = start_ontime(
            loaded.settings.data_dir, "ingest", "nycflights13", "--from", str(sample), env=loaded.variables
        )
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        complete = rows(
            loaded,
            f"{FLIGHTS} where _dlt_load_id in (select load_id from raw_nycflights13._dlt_loads where status = 0)",
        )
        assert complete in ([(before,)], [(before + 100_000,)])
    assert killed
    loaded.ingest(sample)
    assert rows(loaded, FLIGHTS) == [(before + 100_000,)]


@pytest.mark.slow
def test_a_full_disk_is_mended_by_the_next(loaded, tmp_path, capfd):
    data_dir, before = loaded.settings.data_dir, rows(loaded, FLIGHTS)[0][0]
    sample = write_sample(tmp_path / "more", flight_lines(50_000))
    with small_disk(tmp_path / "disk") as disk:
        files = shutil.move(data_dir / "lake", disk.folder / "files")
        (data_dir / "lake").symlink_to(files)
        disk.leave(100_000)
        # dlt tries five times, and waits in between
        once = {"LOAD__RAISE_ON_MAX_RETRIES": "1"}
        command = ("ingest", "nycflights13", "--from", str(sample))
        assert_told_in_one_line(run_ontime(data_dir, *command, env=loaded.variables | once), rf"{data_dir}/\S+")
        disk.make_room()
        assert rows(loaded, FLIGHTS) == [(before,)]
        loaded.ingest(sample)
        assert rows(loaded, FLIGHTS) == [(before + 50_000,)]

        run_ingest(loaded.settings, "reference")
        loaded.project.manifest()
        build = ("run", "--select", "+int_time_zone_offsets")
        disk.leave(20_000)
        with suppress(DbtBaseException):
            assert "error" in loaded.project.run(*build, succeeds=False).values()
        told = capfd.readouterr().out
        assert re.search(rf"{data_dir}\S+.*(No space left on device|File too large)", told)
        assert "Traceback" not in told
        disk.make_room()
        assert loaded.project.run(*build)["int_time_zone_offsets"] == "success"


@pytest.mark.slow
def test_a_training_set_is_made_again_from_its_snapshot_and_keeps_that_from_being_dropped(loaded, tmp_path):
    settings = loaded.settings
    loaded.ingest(some_of(write_first_quarter(tmp_path / "sample")))
    run_ingest(settings, "reference")
    chosen = Choices(question="cancellation", horizons_minutes=(120,))
    receipt = training_sets.create(settings, "spring", chosen, None, print, force=False)
    assert receipt.lake_snapshot == lake_upkeep.snapshots(settings)[-1].number
    assert Receipt.read(sets_folder(settings) / "spring") == receipt
    # without its snapshot the set could not be made again
    alter(loaded, "delete from raw_nycflights13.flights")
    with pytest.raises(OntimeError, match=rf"nothing was dropped.*{receipt.lake_snapshot} by training set spring"):
        lake_upkeep.expire(settings, print, older_than=NOW, grace=NOW, keep_named=False)
    count = len(lake_upkeep.snapshots(settings))
    lake_upkeep.merge(settings, print)
    done = lake_upkeep.expire(settings, print, older_than=NOW, grace=NOW, keep_named=True)
    assert done.snapshots >= count - 2
    assert [snapshot.number for snapshot in done.kept] == [receipt.lake_snapshot]
    assert training_sets.verify(settings, "spring", print).is_sound

    training_sets.remove(settings, "spring")
    done = lake_upkeep.expire(settings, print, older_than=NOW, grace=NOW, keep_named=False)
    assert done.snapshots == 1
    assert done.files > 0
    assert len(lake_upkeep.snapshots(settings)) == 1


def test_small_files_become_fewer_and_every_snapshot_stays_readable(loaded):
    for _ in range(3):
        alter(loaded, "insert into raw_nycflights13.flights from raw_nycflights13.flights limit 100")
    found = lake_upkeep.snapshots(loaded.settings)
    states = {s.number: rows(loaded, f"{FLIGHTS} at (version => {s.number})") for s in found[-4:]}
    done = lake_upkeep.merge(loaded.settings, print)
    assert done.files_made < done.files_merged
    assert {number: rows(loaded, f"{FLIGHTS} at (version => {number})") for number in states} == states


@pytest.mark.slow
def test_data_files_stand_in_an_object_store(lakes, sample, tmp_path):
    with running_s3(tmp_path / "s3") as s3:
        lake = lakes.make("in_s3", **s3.lake_variables)
        lake.ingest(sample)
        file = "select min(data_file) from ducklake_list_files('lake', 'flights', schema => 'raw_nycflights13')"
        assert rows(lake, file)[0][0].startswith(f"s3://{BUCKET}/files/raw_nycflights13/flights/")
        assert rows(lake, "select count(distinct flight) from raw_nycflights13.flights") == [(400,)]
        with environment(**lake.variables), duckdb.connect() as connection:
            Plugin("dbt_lake", {}).configure_connection(connection)
            connection.execute("create table lake.main.written as from range(1000)")
        assert rows(lake, "select sum(range) from main.written") == [(499_500,)]
        assert not (lake.settings.data_dir / "lake").exists()
        assert not examined(**lake.variables).keys() & {"target", "raw"}
        wrong = Lake(lake.variables | {"ONTIME_LAKE_S3_SECRET_KEY": "a wrong secret"})
        with pytest.raises(OntimeError, match="a file in s3://lake/files, is out of reach") as caught:
            rows(wrong, "select count(distinct flight) from raw_nycflights13.flights")
        assert "a wrong secret" not in str(caught.value)
        level, found, todo = examined(**wrong.variables)["target"]
        assert (level, "s3://lake/files is out of reach" in found) == ("problem", True)
        assert "ONTIME_LAKE_S3_ENDPOINT" in todo


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ONTIME_LAKE_CATALOG": "postgresql://ontime_owner@127.0.0.1:1/ontime_lake"}, "127.0.0.1:1 cannot be reached"),
        ({"ONTIME_POSTGRES_PASSWORD": "geheim"}, "refuses the password, or has no such role, of ontime_owner"),
        ({"ONTIME_LAKE_CATALOG": "sqlite:///lake.db"}, "no other catalog than PostgreSQL is offered"),
        ({"ONTIME_LAKE_CATALOG": "postgresql://me:geheim@127.0.0.1:1/lake"}, "ONTIME_POSTGRES_PASSWORD"),
        ({"ONTIME_LAKE_DATA_URL": "/elsewhere"}, "set ONTIME_LAKE_DATA_URL to that"),
        ({"ONTIME_LAKE_DATA_URL": "s3://bucket/files"}, "ONTIME_LAKE_S3_ACCESS_KEY"),
        ({"ONTIME_LAKE_DATA_URL": "ftp://host/files"}, "expected a folder or s3://"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(template, changed, said, sample):
    with pytest.raises(OntimeError, match=said) as caught:
        Lake(template.variables | changed).ingest(sample)
    assert "\n" not in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_role_that_is_missing_is_told_by_ontime_and_dbt(template, sample):
    catalog = template.variables["ONTIME_LAKE_CATALOG"].replace(OWNER, "nobody_at_all")
    lake = Lake(template.variables | {"ONTIME_LAKE_CATALOG": catalog})
    message = "wants a password of nobody_at_all: set ONTIME_POSTGRES_PASSWORD or PGPASSFILE, or make the roles"
    with pytest.raises(OntimeError, match=message):
        lake.ingest(sample)
    assert message in said_by_dbt(lake)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ONTIME_LAKE_CATALOG": "postgresql://ontime_owner@127.0.0.1:1/ontime_lake"}, "127.0.0.1:1 cannot be reached"),
        ({"ONTIME_POSTGRES_PASSWORD": "geheim"}, "refuses the password, or has no such role, of ontime_owner"),
        ({"ONTIME_LAKE_DATABASE": "x"}, "unknown setting ONTIME_LAKE_DATABASE"),
    ],
)
def test_dbt_is_told_the_same(template, changed, said):
    told = said_by_dbt(Lake(template.variables | changed))
    assert said in told
    assert "\n" not in told
    assert "geheim" not in told


def test_an_empty_catalog_names_the_command_that_fills_it(lakes):
    lake = lakes.make("nothing_loaded")
    with pytest.raises(OntimeError, match="nothing is loaded yet, run ontime ingest"):
        rows(lake, "select 1")
    assert "nothing is loaded yet, run ontime ingest" in said_by_dbt(lake)
    assert examined(**lake.variables)["raw"][::2] == ("warning", "nothing is loaded yet, run ontime ingest")


def test_an_unbuilt_lake_names_the_command_that_builds_it(template):
    with pytest.raises(OntimeError, match="build them first with dbt build"), open_warehouse(template.settings, print):
        pass


def test_a_missing_extension_is_told(template, tmp_path, monkeypatch):
    (tmp_path / "duckdb_extension_ducklake").mkdir()
    (tmp_path / "duckdb_extension_ducklake" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(OntimeError, match=r"extension ducklake .*run make run"):
        rows(template, "select 1")
    found = examined(**template.variables)
    assert found["extension ducklake"][::2] == ("problem", "run make run")
    assert found["raw, warehouse"][2] == "mend what stands above, then run ontime doctor again"


def test_a_catalog_of_a_newer_version_is_left_alone(lakes, loaded):
    version = "update lake.ducklake_metadata set value = '{}' where key = 'version'"
    lakes.execute(catalog_settings(loaded.settings).postgres_database, version.format("9.0"))
    try:
        with pytest.raises(
            OntimeError, match=r"is of format 9\.0, which the installed DuckLake extension does not read"
        ):
            rows(loaded, "select 1")
        with pytest.raises(OntimeError, match=r"is of format 9\.0"):
            alter(loaded, "select 1")
        assert "is of format 9.0" in said_by_dbt(loaded)
        assert "is of format 9.0" in examined(**loaded.variables)["raw"][1]
    finally:
        lakes.execute(catalog_settings(loaded.settings).postgres_database, version.format("1.0"))
    assert rows(loaded, FLIGHTS) != [(0,)]
