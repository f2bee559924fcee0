import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mesonet import HEADER, Mesonet, serve
from paths import ROOT

from ingestion.landing import Landing
from ingestion.source import Context, Request
from ingestion.sources.asos.fetch import SOURCE
from ontime.errors import OntimeError
from ontime.months import Month, Period
from ontime.settings import Settings

AIRPORTS = [
    ("JFK", "KJFK", "JFK", "US"),
    ("ORD", "KORD", "ORD", "US"),
    ("HNL", "PHNL", "HNL", "US"),
    ("SJU", "TJSJ", "SJU", "US"),
]
FLIGHTS = [(2013, 1, "JFK", "HNL"), (2013, 1, "JFK", "SJU"), (2013, 2, "JFK", "ORD")]
JANUARY = Period(Month(2013, 1), Month(2013, 1))
STEPS_OF_A_RUN = """
import sys
from test_asos_fetch import fetch, context
from pathlib import Path
for package in fetch(context(Path(sys.argv[1]), sys.argv[2], asos_min_interval_seconds=0)):
    print("package", len(package), flush=True)
"""


def context(folder, url, flights=FLIGHTS, airports=AIRPORTS, **settings):
    chosen = Settings(
        **(
            {
                "data_dir": folder,
                "asos_base_url": url,
                "asos_min_interval_seconds": 0,
                "http_max_wait_seconds": 0.2,
            }
            | settings
        )
    )

    def query(sql):
        if "raw_reference.airports" in sql:
            return airports
        if "raw_nycflights13.flights" in sql:
            return [(year, month, dest if "dest" in sql else origin) for year, month, origin, dest in flights]
        return []

    return Context(settings=chosen, landing=Landing(chosen), query=query)


def fetch(run, request=None):
    return list(SOURCE.fetch(request or Request(), run))


@pytest.fixture
def mesonet():
    with serve(Mesonet()) as server:
        yield server


def test_the_stations_of_each_month_s_flights_are_asked_for_under_the_mesonet_s_names(mesonet, tmp_path):
    packages = fetch(context(tmp_path, mesonet.url))

    assert mesonet.station_months == [
        ("JFK", "2013-01"),
        ("PHNL", "2013-01"),
        ("TJSJ", "2013-01"),
        ("JFK", "2013-02"),
        ("ORD", "2013-02"),
    ]
    assert [[file.name for file in package] for package in packages] == [
        ["JFK-2013-01.csv", "PHNL-2013-01.csv", "TJSJ-2013-01.csv"],
        ["JFK-2013-02.csv", "ORD-2013-02.csv"],
    ]


def test_a_request_asks_for_routine_and_special_reports_of_one_month_in_utc(mesonet, tmp_path):
    fetch(context(tmp_path, mesonet.url), Request(period=JANUARY))

    assert mesonet.requests[0] == {
        "station": ["JFK"],
        "data": ["all"],
        "sts": ["2013-01-01T00:00:00Z"],
        "ets": ["2013-02-01T00:00:00Z"],
        "tz": ["UTC"],
        "format": ["onlycomma"],
        "latlon": ["yes"],
        "elev": ["yes"],
        "missing": ["M"],
        "trace": ["0.0001"],
        "report_type": ["3", "4"],
    }
    assert {month for _, month in mesonet.station_months} == {"2013-01"}


def test_requests_come_one_at_a_time_and_keep_their_distance(mesonet, tmp_path):
    mesonet.script = [503]

    fetch(context(tmp_path, mesonet.url, asos_min_interval_seconds=0.3), Request(period=JANUARY))

    gaps = [later - earlier for earlier, later in zip(mesonet.started, mesonet.started[1:], strict=False)]
    assert len(gaps) == 3
    assert min(gaps) >= 0.29
    assert mesonet.most_at_once == 1


@pytest.mark.parametrize("status", [503, 429, 500])
def test_a_busy_server_is_asked_again(mesonet, tmp_path, status):
    mesonet.script = [status, status]

    packages = fetch(context(tmp_path, mesonet.url), Request(period=JANUARY))

    assert mesonet.station_months[:4] == [("JFK", "2013-01")] * 3 + [("PHNL", "2013-01")]
    assert len(packages[0]) == 3


@pytest.mark.parametrize("status", [503, 429])
def test_retry_after_is_waited_for(mesonet, tmp_path, status):
    mesonet.script = [(status, {"Retry-After": "1"})]

    fetch(context(tmp_path, mesonet.url, http_max_wait_seconds=5), Request(period=JANUARY))

    assert mesonet.started[1] - mesonet.started[0] >= 0.99


def test_waits_are_capped(mesonet, tmp_path):
    mesonet.script = [(503, {"Retry-After": "3600"})]

    fetch(context(tmp_path, mesonet.url, http_max_wait_seconds=0.2), Request(period=JANUARY))

    assert mesonet.started[1] - mesonet.started[0] < 5


def test_a_server_that_stays_busy_is_given_up_by_name(mesonet, tmp_path):
    mesonet.script = [503] * 3

    with pytest.raises(OntimeError, match=r"station=JFK.*503.*after 3 tries"):
        fetch(context(tmp_path, mesonet.url, http_attempts=3, http_max_wait_seconds=0.01))


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_wrong_request_is_an_error_that_names_it_and_is_not_repeated(mesonet, tmp_path, status):
    mesonet.script = [status]

    with pytest.raises(OntimeError, match=rf"station=JFK.*sts=2013-01-01.*{status}"):
        fetch(context(tmp_path, mesonet.url))
    assert len(mesonet.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        "<html><title>Maintenance</title></html>\n",
        "ERROR: no such station\n",
        HEADER,
        HEADER + "\nJFK,2013-01-",
    ],
)
def test_an_answer_that_is_no_whole_table_is_refused_and_asked_for_again_later(mesonet, tmp_path, body):
    mesonet.script = [body]
    run = context(tmp_path, mesonet.url)

    with pytest.raises(OntimeError, match="station=JFK"):
        fetch(run)
    assert [file.status for file in run.landing.files("asos")] == ["refused"]

    fetch(run, Request(period=JANUARY))
    assert mesonet.station_months[:2] == [("JFK", "2013-01")] * 2


def test_a_station_without_reports_is_fetched_once(tmp_path):
    with serve(Mesonet(without_reports=frozenset({"PHNL"}))) as mesonet:
        run = context(tmp_path, mesonet.url)
        first = fetch(run, Request(period=JANUARY))
        second = fetch(run, Request(period=JANUARY))

    assert [file.name for file in first[0]] == ["JFK-2013-01.csv", "PHNL-2013-01.csv", "TJSJ-2013-01.csv"]
    assert first[0][1].bytes == len(HEADER) + 1
    assert [file.url for file in second[0]] == [file.url for file in first[0]]
    assert len(mesonet.requests) == 3


def test_a_month_in_landing_is_not_fetched_again_unless_all_is(mesonet, tmp_path):
    run = context(tmp_path, mesonet.url)
    fetch(run)
    fetch(run)
    assert len(mesonet.requests) == 5

    fetch(run, Request(full_refresh=True))
    assert len(mesonet.requests) == 10


def test_the_current_month_is_fetched_again_until_it_is_over(mesonet, tmp_path):
    today = datetime.now(UTC)
    run = context(tmp_path, mesonet.url, flights=[(today.year, today.month, "JFK", "JFK"), (2013, 1, "JFK", "JFK")])

    fetch(run)
    fetch(run)

    months = [month for _, month in mesonet.station_months]
    assert months == ["2013-01", f"{today:%Y-%m}", f"{today:%Y-%m}"]


def test_a_month_fetched_before_its_end_is_fetched_again(mesonet, tmp_path):
    run = context(tmp_path, mesonet.url)
    file = fetch(run, Request(period=JANUARY))[0][0]
    early = replace(file, fetched_at=datetime.fromisoformat("2013-01-31 23:00"))
    run.landing.mark(early, "loaded")

    fetch(run, Request(period=JANUARY))

    assert mesonet.station_months.count(("JFK", "2013-01")) == 2


def test_months_to_come_are_not_asked_for(mesonet, tmp_path):
    year = datetime.now(UTC).year + 1

    assert fetch(context(tmp_path, mesonet.url, flights=[(year, 1, "JFK", "ORD")])) == []
    assert mesonet.requests == []


def test_without_flights_or_airports_nothing_is_asked_for(mesonet, tmp_path):
    with pytest.raises(OntimeError, match="no flights are loaded for 2013-01"):
        fetch(context(tmp_path, mesonet.url, flights=[]), Request(period=JANUARY))
    with pytest.raises(OntimeError, match="ontime ingest reference"):
        fetch(context(tmp_path, mesonet.url, airports=[]))
    assert mesonet.requests == []


def test_another_base_url_can_be_given(mesonet, tmp_path):
    fetch(context(tmp_path, "http://127.0.0.1:9"), Request(period=JANUARY, origin=mesonet.url + "/"))

    assert len(mesonet.requests) == 3


def test_a_killed_fetch_goes_on_where_it_stopped(tmp_path):
    with serve(Mesonet(delay_seconds=0.3)) as mesonet:
        command = [sys.executable, "-c", STEPS_OF_A_RUN, str(tmp_path), mesonet.url]
        paths = os.pathsep.join(map(str, (Path(__file__).parent, ROOT / "tests" / "support", ROOT)))
        process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while len(mesonet.requests) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.stdout.close()
        before = len(mesonet.requests)

        run = context(tmp_path, mesonet.url)
        landed = {file.name for file in run.landing.files("asos")}
        packages = fetch(run)

    assert landed
    asked_again = {f"{station}-{month}.csv" for station, month in mesonet.station_months[before:]}
    assert not asked_again & landed
    assert sum(len(package) for package in packages) == 5
    assert len({file.name for file in run.landing.files("asos")}) == 5


def test_a_folder_of_answers_is_read_in_place_of_the_server(tmp_path):
    folder = tmp_path / "answers"
    folder.mkdir()
    (folder / "january.csv").write_text(HEADER + "\nJFK,2013-01-01 00:51" + ",M" * 31 + "\n")
    (folder / "march.csv").write_text(HEADER + "\nJFK,2013-03-01 00:51" + ",M" * 31 + "\n")
    (folder / "notes.md").write_text("not reports")
    (folder / "page.csv").write_text("<html>\n")

    files = fetch(context(tmp_path, "http://127.0.0.1:9"), Request(origin=str(folder), period=JANUARY))[0]

    assert [(file.name, file.period, file.status) for file in files] == [
        ("january.csv", "2013-01", "fetched"),
        ("page.csv", None, "refused"),
    ]


def test_a_file_of_a_folder_that_cannot_be_named_keeps_no_other_from_being_read(tmp_path):
    folder = tmp_path / "answers"
    folder.mkdir()
    for name in (b"a.csv", b"M\xfcnchen.csv", b"z.csv"):
        path = Path(os.fsdecode(bytes(folder) + b"/" + name))
        path.write_text(HEADER + "\nJFK,2013-01-01 00:51" + ",M" * 31 + "\n")
    packages = SOURCE.fetch(Request(origin=str(folder)), context(tmp_path, "http://127.0.0.1:9"))
    assert [file.name for file in next(packages)] == ["a.csv", "z.csv"]
    with pytest.raises(OntimeError, match=r"1 file could not be taken, the others are done \(M.udcfcnchen.csv"):
        next(packages)


def test_a_folder_without_reports_is_an_error(tmp_path):
    with pytest.raises(OntimeError, match="no files of weather reports"):
        fetch(context(tmp_path, "http://127.0.0.1:9"), Request(origin=str(tmp_path)))
    with pytest.raises(OntimeError, match="no files of weather reports"):
        fetch(context(tmp_path, "http://127.0.0.1:9"), Request(origin=str(tmp_path / "nowhere")))


def test_only_new_months_are_those_from_the_first_that_landing_holds_on(mesonet, tmp_path):
    run = context(tmp_path, mesonet.url)
    fetch(run, Request(period=Period(Month(2013, 2), Month(2013, 2))))
    assert {file.period for package in fetch(run, Request(only_new=True)) for file in package} == {"2013-02"}
