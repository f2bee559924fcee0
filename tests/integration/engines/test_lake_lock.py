"""The lake's upkeep waits for whoever is at work on the lake, or is refused: they would lose what they write."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from dbt.parser.manifest import extended_mashumaro_encoder
from dbt_common.exceptions import DbtRuntimeError
from dbt_project import environment
from lake_fixture import running_lakes
from paths import ROOT
from sample_files import flight_lines, write_sample

from engines.lake.catalog import attach, catalog_settings
from engines.lake.dbt_plugin import Plugin
from engines.lake.destination import opened
from engines.lake.lock import locked
from engines.postgres.connection import OWNER, connect
from engines.postgres.lock import Work, lock_holder
from engines.targets import open_raw
from ontime.errors import InUseError
from operations.lake import upkeep

TABLE = "lake.raw_nycflights13.flights"
FLIGHTS = f"select count(*) from {TABLE}"
NOW = timedelta(0)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake with the small sample."""
    with running_lakes(tmp_path_factory.mktemp("lakes")) as lakes:
        lake = lakes.make("locked")
        lake.ingest(write_sample(tmp_path_factory.mktemp("sample"), flight_lines(400)))
        yield lake


@pytest.fixture
def at_once(lake):
    """Settings with which nobody waits."""
    return lake.settings.model_copy(update={"lock_timeout_seconds": 0})


def merge(settings, progress=print):
    return upkeep.merge(settings, progress)


def expire(settings, progress=print):
    return upkeep.expire(settings, progress, older_than=NOW, grace=NOW, keep_named=False)


def holder(settings):
    with closing(connect(catalog_settings(settings), OWNER)) as connection:
        return lock_holder(connection)


@contextmanager
def open_build(lake):
    """A dbt that stops in the middle of a build, and stays."""
    folder = lake.settings.data_dir
    manifest = folder / "manifest.msgpack"
    manifest.write_bytes(lake.project.manifest().to_msgpack(extended_mashumaro_encoder))
    arguments = ("SIGSTOP", manifest, folder, "12", "--select", "dim_dates", "+int_airports")
    with environment(**lake.variables):
        process = subprocess.Popen([sys.executable, ROOT / "tests" / "support" / "halted_dbt.py", *arguments])
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("work", [merge, expire])
def test_a_build_keeps_the_upkeep_out_until_it_ends_however_it_ends(lake, at_once, work):
    with open_build(lake) as build:
        with pytest.raises(InUseError, match=r"in use by a build \(session \d+ from .*\): wait for it to end"):
            work(at_once)
        build.send_signal(signal.SIGKILL)
        build.wait()
        work(lake.settings)
    assert holder(lake.settings) is None


@pytest.mark.parametrize("work", [merge, expire])
def test_a_load_keeps_the_upkeep_out(lake, at_once, work):
    with open_raw(lake.settings, print), pytest.raises(InUseError, match="in use by an ingest"):
        work(at_once)
    work(at_once)


def test_a_build_and_a_load_do_not_wait_for_one_another(lake, at_once):
    with locked(at_once, Work.BUILD, print), locked(at_once, Work.BUILD, print), open_raw(at_once, print):
        assert holder(lake.settings).startswith("a build")


@pytest.mark.parametrize("work", [merge, expire])
def test_the_upkeep_waits_for_a_transaction_of_any_other_program(lake, at_once, work):
    with opened(at_once) as other:
        attach(other, at_once)
        ((before,),) = other.execute(FLIGHTS).fetchall()
        other.execute("begin")
        other.execute(f"delete from {TABLE} where flight = (select min(flight) from {TABLE})")
        with pytest.raises(InUseError, match=r"has a transaction open since \S+ UTC \(session \d+ from .*: end it"):
            work(at_once)
        other.execute("commit")
        work(at_once)
        assert other.execute(FLIGHTS).fetchall() == [(before - 1,)]


def test_a_transaction_that_begins_under_the_upkeep_waits_for_nothing(lake, at_once):
    with locked(at_once, Work.UPKEEP, print), opened(at_once) as reader:
        attach(reader, at_once, "read_only")
        reader.execute("begin")
        assert reader.execute(FLIGHTS).fetchall() > [(300,)]


def test_dbt_is_told_of_an_upkeep_that_does_not_end(lake, at_once):
    variables = lake.variables | {"ONTIME_LOCK_TIMEOUT_SECONDS": "0"}
    with (
        locked(at_once, Work.UPKEEP, print),
        environment(**variables),
        opened(at_once) as connection,
        pytest.raises(DbtRuntimeError, match=r"in use by an upkeep of the lake \(session .*\): wait for it to end"),
    ):
        Plugin("dbt_lake", {}).configure_connection(connection)


def test_a_connection_of_dbt_that_is_gone_keeps_nobody_out(lake, at_once):
    with environment(**lake.variables):
        with opened(at_once) as connection:
            Plugin("dbt_lake", {}).configure_connection(connection)
            assert holder(at_once).startswith("a build")
        del connection
    deadline = time.monotonic() + 10
    while holder(at_once) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert holder(at_once) is None
