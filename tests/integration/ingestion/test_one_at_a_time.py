import fcntl
import multiprocessing
import os
import re
from contextlib import contextmanager

import duckdb
import pytest
from sample_files import query, run_ingest, run_ontime, start_ontime

from ontime.errors import OntimeError
from ontime.locks import exclusive_lock, holder


def _read(path, opened, done):
    with duckdb.connect(path, read_only=True) as connection:
        connection.execute("select 1")
        opened.set()
        done.wait(60)


@contextmanager
def reader(path):
    """Another process that has a database open."""
    context = multiprocessing.get_context("spawn")
    opened, done = context.Event(), context.Event()
    process = context.Process(target=_read, args=(str(path), opened, done))
    process.start()
    try:
        assert opened.wait(60)
        yield process, done
    finally:
        done.set()
        process.join()


def test_ingests_at_the_same_time_load_everything_once(settings, sample):
    processes = [start_ontime(settings.data_dir, "ingest", "nycflights13", "--from", str(sample)) for _ in range(3)]
    endings = [(process.communicate(timeout=120), process.returncode) for process in processes]
    assert [code for _, code in endings] == [0, 0, 0], endings
    assert query(settings.raw_database, "select count(*) from raw_nycflights13.flights") == [(400,)]
    statuses = query(settings.raw_database, "select status from raw_ops.ingest_runs order by started_at")
    assert statuses == [("loaded",), ("unchanged",), ("unchanged",)]


def test_the_second_ingest_says_who_holds_the_lock(loaded, sample):
    lines = []
    with (loaded.data_dir / "ingest.lock").open("w") as stream:
        stream.write("4242\n")
        stream.flush()
        fcntl.flock(stream, fcntl.LOCK_EX)
        impatient = loaded.model_copy(update={"lock_timeout_seconds": 0.5})
        with pytest.raises(OntimeError, match=r"another ingest \(process 4242\) works on .*: wait for it to end"):
            run_ingest(impatient, progress=lines.append, origin=str(sample))
    assert lines == ["waiting for another ingest (process 4242) to end"]


def test_the_lock_is_free_after_its_holder(tmp_path):
    path = tmp_path / "x.lock"
    with exclusive_lock(path, 1, print, "ingest"):
        assert holder(path) == f"process {os.getpid()}"
    assert holder(path) is None


def test_an_ingest_waits_for_a_reader_of_the_raw_database(loaded, sample):
    with reader(loaded.raw_database) as (process, done):
        lines = []

        def progress(line):
            lines.append(line)
            done.set()

        (run,) = run_ingest(loaded, progress=progress, origin=str(sample))
    assert run.status == "unchanged"
    assert lines == [f"waiting: {loaded.raw_database} is in use by process {process.pid}"]


def test_an_ingest_gives_up_on_a_reader_that_stays(loaded, sample):
    with reader(loaded.raw_database) as (process, _):
        done = run_ontime(
            loaded.data_dir,
            "ingest",
            "nycflights13",
            "--from",
            str(sample),
            env={"ONTIME_LOCK_TIMEOUT_SECONDS": "0.5"},
        )
    assert done.returncode == 1
    assert re.search(rf"error: .*raw.duckdb is in use by process {process.pid}: wait for it to end", done.stderr)
    assert "Traceback" not in done.stderr
