"""From the Bureau's server or a folder into the raw tables."""

import signal
import threading

import pytest
from prezip import JANUARY_CSV, NEWER, Prezip, month_csv, serve, zipped
from sample_files import query, start_ontime

from ingestion.run import ingest
from ingestion.source import Request
from ontime.months import Month, Period
from ontime.settings import Settings

JANUARY = Period(Month(2013, 1), Month(2013, 1))
ROWS = "select count(*), count(distinct _source_file) from raw_bts.flights"
NEWEST = """
    select dep_delay from raw_bts.flights
    where tail_number = 'N327AA'
        and _source_file = (select file from raw_bts.loaded_files order by _dlt_load_id desc limit 1)
"""


@pytest.fixture
def prezip():
    with serve(Prezip(files={NEWER.format(2013, 1): zipped(JANUARY_CSV)})) as server:
        yield server


@pytest.fixture
def bts(loaded):
    """Ingests into a data folder whose raw tables exist."""

    def bts(origin, period=None, force=False, **changes):
        chosen = Settings.load(data_dir=loaded.data_dir, http_max_wait_seconds=0.2, **changes)
        request = Request(period=period, origin=str(origin), force=force)
        (run,) = ingest(chosen, ["bts"], request, lambda _line: None)
        return run

    bts.raw = loaded.raw_database
    bts.data_dir = loaded.data_dir
    return bts


def test_a_month_is_loaded_once_and_again_only_when_it_was_restated(bts, prezip):
    first = bts(prezip.url, JANUARY)
    unchanged = bts(prezip.url, JANUARY)
    prezip.files = {NEWER.format(2013, 1): zipped(JANUARY_CSV.replace(b"-5.00,0.00", b"-6.00,0.00"))}
    restated = bts(prezip.url, JANUARY)
    settled = bts(prezip.url, JANUARY)

    assert [run.status for run in (first, unchanged, restated, settled)] == [
        "loaded",
        "unchanged",
        "loaded",
        "unchanged",
    ]
    assert prezip.statuses == [200, 304, 200, 304]
    assert query(bts.raw, ROWS) == [(10, 2)]
    assert query(bts.raw, NEWEST) == [(-6,)]
    statuses = "select status, files, rows from raw_ops.ingest_runs where source = 'bts' order by started_at"
    assert query(bts.raw, statuses) == [("loaded", 1, 5), ("unchanged", 0, 0)] * 2


def test_a_folder_loads_without_its_files_ever_being_loaded_twice(bts, tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "a.csv").write_bytes(month_csv(1))
    (folder / "b.zip").write_bytes(zipped(month_csv(3)))

    first = bts(folder)
    (folder / "b.zip").rename(folder / "c.zip")
    (folder / "d.csv").write_bytes(month_csv(5))
    second = bts(folder)

    assert (first.files, first.rows, second.files, second.rows) == (2, 10, 1, 5)
    assert (str(first.period_start), str(first.period_end)) == ("2013-01-03", "2013-03-31")
    assert query(bts.raw, ROWS) == [(15, 3)]


def test_bad_rows_are_put_aside_with_file_line_reason_and_text(bts, tmp_path):
    lines = JANUARY_CSV.decode().splitlines()
    bad = lines[2].replace('"2359"', '"2561"')
    (tmp_path / "x.csv").write_text("\n".join([*lines[:3], bad, "2013,1,1", *lines[3:]]))

    run = bts(tmp_path / "x.csv", max_rejected_row_share=0.5)

    assert (run.rows, run.rejected_rows) == (5, 2)
    quarantine = "select split_part(file, '-', 3), line_number, reason, raw_text from raw_bts.quarantine order by 2"
    assert query(bts.raw, quarantine) == [
        ("x.csv", 4, "crs_dep_time is no clock time: 2561", bad),
        ("x.csv", 5, "3 fields, expected 109", "2013,1,1"),
    ]
    assert query(bts.raw, "select list(_source_line order by _source_line) from raw_bts.flights") == [
        ([2, 3, 6, 7, 8],)
    ]


def test_damaged_values_are_told_of_by_file_column_and_rule(bts, tmp_path):
    damaged = JANUARY_CSV.replace(b'"N327AA"', b'"\xe4NKNO\xe6"').replace(b'"0855",-5.00', b'"2575",soon')
    (tmp_path / "x.csv").write_bytes(damaged)

    run = bts(tmp_path / "x.csv")

    assert (run.status, run.rows, run.rejected_rows, run.damaged_values) == ("loaded", 5, 0, 3)
    table = "select split_part(file, '-', 3), column_name, rule, value_count, example, month::varchar"
    assert query(bts.raw, f"{table} from raw_bts.damaged_values order by column_name") == [
        ("x.csv", "dep_delay", "is no whole number", 1, "soon", "2013-01-01"),
        ("x.csv", "dep_time", "is no clock time", 1, "2575", "2013-01-01"),
        ("x.csv", "tail_number", "is not UTF-8", 1, "\ufffdNKNO\ufffd", "2013-01-01"),
    ]
    assert query(bts.raw, "select count(*), count(tail_number), count(dep_delay) from raw_bts.flights") == [(5, 3, 3)]


def test_the_month_of_damage_is_unknown_where_a_file_has_several(bts, tmp_path):
    later = b"".join(month_csv(3).splitlines(keepends=True)[1:])
    (tmp_path / "x.csv").write_bytes(JANUARY_CSV.replace(b"-5.00", b"soon") + later)

    bts(tmp_path / "x.csv")

    assert query(bts.raw, "select column_name, month from raw_bts.damaged_values") == [("dep_delay", None)]


def test_days_that_cannot_be_are_put_aside_and_do_not_change_the_file_s_month(bts, tmp_path):
    line = JANUARY_CSV.splitlines(keepends=True)[1]
    impossible = b"".join(line.replace(b"2013-01-", start) for start in (b"0001-01-", b"9999-01-"))
    (tmp_path / "x.csv").write_bytes(JANUARY_CSV + impossible)

    run = bts(tmp_path / "x.csv", max_rejected_row_share=0.5)

    assert (run.status, run.rows, run.rejected_rows) == ("loaded", 5, 2)
    assert query(bts.raw, "select file[:8], period_start::varchar, coverage from raw_bts.loaded_files") == [
        ("2013-01/", "2013-01-03", "month")
    ]
    reasons = query(bts.raw, "select line_number, reason from raw_bts.quarantine order by 1")
    assert [line for line, _ in reasons] == [7, 8]
    assert all(reason.startswith("flight_date is not within 1987-01-01 to ") for _, reason in reasons)


def test_a_file_of_days_that_cannot_be_is_refused_with_the_reason(bts, tmp_path):
    (tmp_path / "x.csv").write_bytes(JANUARY_CSV.replace(b"2013-01-", b"9999-01-"))

    run = bts(tmp_path / "x.csv")

    assert run.status == "failed"
    assert "the first is line 2: flight_date is not within 1987-01-01 to " in run.error


def test_more_bad_rows_than_allowed_refuse_the_file_and_load_nothing_of_it(bts, tmp_path):
    (tmp_path / "x.csv").write_bytes(JANUARY_CSV + b"2013,1,1\n")

    run = bts(tmp_path / "x.csv")

    assert run.status == "failed"
    assert "x.csv: refused, 1 of 6 rows cannot be read" in run.error
    assert query(bts.raw, ROWS) == [(0, 0)]
    assert query(bts.raw, "select count(*) from raw_bts.quarantine") == [(0,)]


def test_a_month_that_shrank_below_half_is_refused_unless_forced(bts, prezip):
    bts(prezip.url, JANUARY)
    prezip.files = {NEWER.format(2013, 1): zipped(b"".join(JANUARY_CSV.splitlines(keepends=True)[:3]))}

    refused = bts(prezip.url, JANUARY)
    forced = bts(prezip.url, JANUARY, force=True)

    assert (refused.status, forced.status, forced.rows) == ("failed", "loaded", 2)
    assert "under" in refused.error
    assert query(bts.raw, ROWS) == [(7, 2)]


@pytest.mark.slow
def test_a_run_killed_between_months_goes_on_where_it_stopped(bts, prezip, monkeypatch):
    prezip.files = {NEWER.format(2013, month): zipped(month_csv(month)) for month in (1, 2, 3)}
    prezip.files[NEWER.format(2013, 2)] = zipped(month_csv(2).replace(b"2013-02-31", b"2013-02-28"))
    prezip.hold = {NEWER.format(2013, 3): threading.Event()}
    months = ["--start", "2013-01", "--end", "2013-03", "--from", prezip.url]

    process = start_ontime(bts.data_dir, "ingest", "bts", *months)
    assert prezip.reached.wait(120)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = query(bts.raw, ROWS)
    prezip.hold.clear()
    run = bts(prezip.url, Period(Month(2013, 1), Month(2013, 3)))

    assert process.returncode == -signal.SIGKILL
    assert before == [(10, 2)]
    assert (run.status, run.files, run.rows) == ("loaded", 1, 5)
    assert query(bts.raw, ROWS) == [(15, 3)]
    assert prezip.statuses[-3:] == [304, 304, 200]
