"""Fetching only: what is asked of the server or the folder, and what landing holds afterwards."""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from prezip import FILES, JANUARY_CSV, NEWER, OLDER, Prezip, month_csv, serve, zipped
from sample_files import run_ontime

from ingestion.landing import Landing
from ingestion.source import Context, Request
from ingestion.sources.bts.fetch import SOURCE
from ontime.errors import OntimeError
from ontime.months import Month, Period
from ontime.settings import Settings

JANUARY = Period(Month(2013, 1), Month(2013, 1))
QUARTER = Period(Month(2013, 1), Month(2013, 3))


@pytest.fixture
def prezip():
    with serve(Prezip()) as server:
        yield server


class Run:
    """Fetches into one landing folder, with what was said on the way."""

    def __init__(self, folder, **settings):
        self.settings = Settings(data_dir=folder, http_max_wait_seconds=0.2, http_attempts=3, **settings)
        self.landing = Landing(self.settings)
        self.said = []

    def fetch(self, origin, period=None, loaded=(), **request):
        context = Context(self.settings, self.landing, self.said.append, frozenset(loaded))
        packages = SOURCE.fetch(Request(period=period, origin=origin, **request), context)
        return [file for package in packages for file in package]


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "data")


def test_a_base_url_without_months_is_a_usage_error(run):
    with pytest.raises(OntimeError, match="say which months to fetch: --start 2013-01 --end 2013-12"):
        run.fetch(None)


def test_the_newer_name_is_asked_for_first_and_then_the_older(prezip, run):
    prezip.files = {
        NEWER.format(2013, 1): zipped(JANUARY_CSV),
        OLDER.format(2013, 2): zipped(month_csv(3)),
    }

    files = run.fetch(prezip.url, Period(Month(2013, 1), Month(2013, 2)))

    assert [(file.name, file.period, file.status) for file in files] == [
        (NEWER.format(2013, 1), "2013-01", "fetched"),
        (OLDER.format(2013, 2), "2013-02", "fetched"),
    ]
    assert prezip.seen == [
        (NEWER.format(2013, 1), 200),
        (NEWER.format(2013, 2), 404),
        (OLDER.format(2013, 2), 200),
    ]


def test_the_base_url_of_the_settings_is_the_default(prezip, tmp_path):
    prezip.files = {NEWER.format(2013, 1): zipped(JANUARY_CSV)}

    files = Run(tmp_path, bts_base_url=prezip.url.rstrip("/")).fetch(None, JANUARY)

    assert [file.origin_url for file in files] == [prezip.url + NEWER.format(2013, 1)]


def test_months_that_a_server_lacks_are_named_after_the_others_were_fetched(prezip, run):
    months = Period(Month(2013, 1), Month(2014, 2))
    prezip.files = {NEWER.format(2013, 1): zipped(JANUARY_CSV), OLDER.format(2013, 5): zipped(month_csv(5))}

    with pytest.raises(OntimeError) as raised:
        run.fetch(prezip.url, months)

    assert str(raised.value) == (
        f"2013-02..2013-04, 2013-06..2014-02: {prezip.url} holds no file of 12 of the 14 months (404), the others are"
        " done; they may not be published yet: ask for them again later"
    )
    assert [file.period for file in run.landing.files("bts")] == ["2013-01", "2013-05"]
    assert "bts: 2013-02 is missing" in run.said


def test_a_single_month_that_a_server_lacks_stands_by_itself(prezip, run):
    prezip.files = {NEWER.format(2013, month): zipped(month_csv(month)) for month in (1, 3)}

    with pytest.raises(OntimeError, match=r"^2013-02: .* holds no file of 1 of the 3 months"):
        run.fetch(prezip.url, QUARTER)

    assert [file.period for file in run.landing.files("bts")] == ["2013-01", "2013-03"]


@pytest.mark.parametrize("last", [1, 3])
def test_a_server_without_any_of_the_months_is_told_of_by_the_first(prezip, run, last):
    with pytest.raises(OntimeError, match=r"2013-01: .* holds neither .*_2013_1.zip .*not be published"):
        run.fetch(prezip.url, Period(Month(2013, 1), Month(2013, last)))

    assert run.landing.files("bts") == []


@pytest.mark.parametrize("etags", [True, False])
def test_an_unchanged_month_is_not_downloaded_again(prezip, run, etags):
    prezip.has_etags, prezip.last_modified = etags, "Tue, 05 Mar 2013 10:00:00 GMT"
    prezip.files = {OLDER.format(2013, 1): zipped(JANUARY_CSV)}
    first = run.fetch(prezip.url, JANUARY)

    again = run.fetch(prezip.url, JANUARY, loaded=[first[0].sha256])

    assert again == first
    assert prezip.statuses == [404, 200, 404, 304]


def test_a_restated_month_is_a_new_version_beside_the_old_one(prezip, run):
    prezip.files = {NEWER.format(2013, 1): zipped(JANUARY_CSV)}
    [old] = run.fetch(prezip.url, JANUARY)
    prezip.files = {NEWER.format(2013, 1): zipped(JANUARY_CSV.replace(b'"0855",-5.00', b'"0854",-6.00'))}

    [new] = run.fetch(prezip.url, JANUARY, loaded=[old.sha256])

    assert new.sha256 != old.sha256
    assert new.etag != old.etag
    assert {file.sha256 for file in run.landing.files("bts")} == {old.sha256, new.sha256}


def test_the_server_is_asked_about_the_loaded_version_after_a_restatement_was_taken_back(prezip, run):
    first, second = zipped(JANUARY_CSV), zipped(JANUARY_CSV.replace(b"-5.00", b"-6.00"))
    prezip.files = {NEWER.format(2013, 1): first}
    [old] = run.fetch(prezip.url, JANUARY)
    prezip.files = {NEWER.format(2013, 1): second}
    [new] = run.fetch(prezip.url, JANUARY, loaded=[old.sha256])
    prezip.files = {NEWER.format(2013, 1): first}

    [back] = run.fetch(prezip.url, JANUARY, loaded=[new.sha256])
    [same] = run.fetch(prezip.url, JANUARY, loaded=[back.sha256])

    assert back.sha256 == same.sha256 == old.sha256
    assert prezip.statuses == [200, 200, 200, 304]


def test_a_full_refresh_downloads_what_is_unchanged(prezip, run):
    prezip.files = {NEWER.format(2013, 1): zipped(JANUARY_CSV)}
    run.fetch(prezip.url, JANUARY)

    run.fetch(prezip.url, JANUARY, full_refresh=True)

    assert prezip.statuses == [200, 200]


def test_a_busy_server_is_waited_for(prezip, run):
    prezip.files = {NEWER.format(2013, 1): zipped(JANUARY_CSV)}
    prezip.script = [(503, {"Retry-After": "1"}), (503, {"Retry-After": "0"}), 429]
    run.settings = run.settings.model_copy(update={"http_attempts": 4})
    started = time.monotonic()

    [file] = run.fetch(prezip.url, JANUARY)

    assert file.status == "fetched"
    assert prezip.statuses == [503, 503, 429, 200]
    assert time.monotonic() - started >= 0.2
    assert any("503" in line and "trying again" in line for line in run.said)


def test_a_server_that_stays_busy_is_given_up_with_a_hint(prezip, run):
    prezip.script = [503] * 9

    with pytest.raises(OntimeError, match=r"503.*gave up after 3 tries"):
        run.fetch(prezip.url, JANUARY)


def test_a_refused_request_is_named(prezip, run):
    prezip.script = [403]

    with pytest.raises(OntimeError, match=r"_2013_1\.zip: the server answered 403"):
        run.fetch(prezip.url, JANUARY)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "the file is empty"),
        (b"<html>try later</html>", "not a whole zip file"),
        (zipped(JANUARY_CSV)[:-200], "not a whole zip file"),
        (zipped(b"", "data.txt"), "expected one data file in the zip, it holds readme.html, data.txt"),
        (zipped(JANUARY_CSV, "a.csv", **{"b.CSV": JANUARY_CSV}), "expected one data file in the zip"),
        (zipped(JANUARY_CSV, "../a.csv"), "holds a path outside its folder"),
        (zipped(b"x" * 40_000), "it unpacks to more than is allowed"),
        (zipped(b""), "its first line is no header"),
        (zipped((FILES / "transtats_without_keys.csv").read_bytes()), "it lacks the columns"),
    ],
    ids=["empty", "no zip", "cut off", "no data", "two data files", "path", "too big", "no header", "no key"],
)
def test_what_is_no_month_of_flights_is_refused_by_name(prezip, tmp_path, content, error):
    prezip.files = {NEWER.format(2013, 1): content}
    run = Run(tmp_path, max_unpacked_bytes=30_000)

    [file] = run.fetch(prezip.url, JANUARY)

    assert file.status == "refused"
    assert file.error.startswith(NEWER.format(2013, 1))
    assert error in file.error


def test_a_refused_file_is_no_version_to_ask_the_server_about(prezip, run):
    prezip.files = {NEWER.format(2013, 1): b"<html>try later</html>"}
    run.fetch(prezip.url, JANUARY)
    prezip.files = {NEWER.format(2013, 1): zipped(JANUARY_CSV)}

    [file] = run.fetch(prezip.url, JANUARY)

    assert file.status == "fetched"


def test_any_data_file_name_in_the_zip_will_do(prezip, run):
    prezip.files = {NEWER.format(2013, 1): zipped(JANUARY_CSV, "sub/ONTIME.TD.CSV")}

    assert run.fetch(prezip.url, JANUARY)[0].status == "fetched"


def test_a_folder_s_files_get_the_period_of_their_rows_whatever_they_are_called(run, tmp_path):
    folder = tmp_path / "hand made"
    shutil.copytree(FILES, folder / "csv")
    (folder / "whatever.zip").write_bytes(zipped(month_csv(5)))
    (folder / "two months.csv").write_bytes(JANUARY_CSV + month_csv(3).partition(b"\n")[2])
    (folder / "notes.txt").write_text("not a flight")

    files = run.fetch(str(folder))

    assert {(file.name, file.period, file.status) for file in files} == {
        ("on_time_1988_1.csv", "1988-01", "fetched"),
        ("on_time_2003_7.csv", "2003-07", "fetched"),
        ("reporting_carrier_2013_1.csv", "2013-01", "fetched"),
        ("transtats_2013_quoted.csv", "2013-01", "fetched"),
        ("transtats_2021_unquoted.csv", "2021-01", "fetched"),
        ("transtats_without_keys.csv", None, "refused"),
        ("two months.csv", "2013-01..2013-03", "fetched"),
        ("whatever.zip", "2013-05", "fetched"),
    }


def test_a_file_that_cannot_be_taken_is_named_and_keeps_no_other_from_loading(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    long = "x" * 230 + ".csv"
    (folder / "a.csv").write_bytes(month_csv(1))
    (folder / "b.csv").symlink_to(tmp_path / "gone.csv")
    Path(os.fsdecode(bytes(folder) + b"/M\xfcnchen.csv")).write_bytes(month_csv(3))
    (folder / long).write_bytes(month_csv(4))
    (folder / "z.csv").write_bytes(month_csv(5))

    done = run_ontime(tmp_path / "data", "ingest", "bts", "--from", str(folder))

    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: bts: 3 files could not be taken, the others are done (")
    assert "b.csv: is no file that can be read" in line
    assert "M\\udcfcnchen.csv: is no name in UTF-8, rename the file" in line
    assert f"{long} is too long a name to keep: rename the file" in line
    with duckdb.connect(str(tmp_path / "data" / "raw.duckdb"), read_only=True) as connection:
        names = connection.sql("select distinct split_part(file, '-', -1) from raw_bts.loaded_files order by 1")
        assert names.fetchall() == [("a.csv",), ("z.csv",)]


def test_files_of_other_months_than_those_asked_for_are_skipped_and_said(run, tmp_path):
    folder = tmp_path / "months"
    folder.mkdir()
    (folder / "a.csv").write_bytes(month_csv(1))
    (folder / "b.csv").write_bytes(month_csv(5))

    files = run.fetch(str(folder), QUARTER)

    assert [file.name for file in files] == ["a.csv"]
    assert [file.name for file in run.landing.files("bts")] == ["a.csv"]
    assert "bts: b.csv is skipped, its flights are of 2013-05" in run.said


def test_the_same_bytes_under_another_name_are_one_file(run, tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "a.csv").write_bytes(JANUARY_CSV)
    (folder / "b.csv").write_bytes(JANUARY_CSV)

    first = run.fetch(str(folder))
    (folder / "a.csv").rename(folder / "c.csv")

    assert run.fetch(str(folder)) == first
    assert [file.name for file in first] == ["a.csv"]


def test_two_versions_of_one_file_never_share_a_package(run, tmp_path):
    for version, content in (("1", JANUARY_CSV), ("2", JANUARY_CSV.replace(b"-5.00", b"-6.00"))):
        (tmp_path / "from" / version).mkdir(parents=True)
        (tmp_path / "from" / version / "x.csv").write_bytes(content)
    context = Context(run.settings, run.landing)

    packages = list(SOURCE.fetch(Request(origin=str(tmp_path / "from")), context))

    assert [[file.name for file in package] for package in packages] == [["x.csv"], ["x.csv"]]


def test_a_single_file_and_an_address_of_one_may_be_given(prezip, run):
    prezip.files = {"my download.csv".replace(" ", "_"): month_csv(7)}

    [local] = run.fetch(str(FILES / "on_time_1988_1.csv"))
    [remote] = run.fetch(prezip.url + "my_download.csv")

    assert (local.period, remote.period) == ("1988-01", "2013-07")
    assert remote.name == "my_download.csv"


def test_a_folder_on_another_file_system_is_read(run):
    import fsspec  # noqa: PLC0415

    memory = fsspec.filesystem("memory")
    memory.pipe_file("/bts-downloads/may.zip", zipped(month_csv(5)))

    [file] = run.fetch("memory://bts-downloads")

    assert (file.name, file.period) == ("may.zip", "2013-05")
    assert file.origin_url.endswith("/bts-downloads/may.zip")


def test_a_folder_without_files_is_an_error_that_names_it(run, tmp_path):
    with pytest.raises(OntimeError, match=r"nowhere: no \.zip or \.csv files here"):
        run.fetch(str(tmp_path / "nowhere"))


def test_unknown_columns_are_left_out_with_a_note(run, tmp_path):
    (tmp_path / "x.csv").write_bytes(JANUARY_CSV.replace(b'"Quarter"', b'"MyNotes"'))

    [file] = run.fetch(str(tmp_path / "x.csv"))

    assert file.status == "fetched"
    assert "bts: x.csv: unknown columns are left out: MyNotes" in run.said


def test_a_manifest_tells_where_a_file_is_from(prezip, run):
    prezip.last_modified = "Tue, 05 Mar 2013 10:00:00 GMT"
    prezip.files = {NEWER.format(2013, 1): zipped(JANUARY_CSV)}

    [file] = run.fetch(prezip.url, JANUARY)

    [kept] = run.landing.files("bts")
    assert kept == file
    assert replace(kept, url="") == replace(file, url="")
    assert (kept.last_modified, kept.bytes) == (prezip.last_modified, len(zipped(JANUARY_CSV)))


def test_only_new_months_are_fetched_with_the_newest_again_and_an_unpublished_one_is_no_error(prezip, run):
    files = {NEWER.format(2013, month): zipped(month_csv(month)) for month in (1, 3, 5, 7, 8)}
    prezip.files = dict(files)
    for month in (1, 3, 5, 7):
        run.fetch(prezip.url, Period(Month(2013, month), Month(2013, month)))
    prezip.files[NEWER.format(2013, 5)] = zipped(month_csv(5) + month_csv(5).splitlines(keepends=True)[1])
    prezip.seen.clear()
    fetched = run.fetch(prezip.url, only_new=True)
    assert [file.period for file in fetched] == ["2013-03", "2013-05", "2013-07", "2013-08"]
    assert prezip.statuses == [304, 200, 304, 200, 404, 404]
    assert run.said[-1] == "bts: 2013-09 is not published yet"


def test_new_months_follow_what_landing_holds(prezip, run):
    with pytest.raises(OntimeError, match="landing holds no month to go on from: fetch the first with --start"):
        run.fetch(prezip.url, only_new=True)
