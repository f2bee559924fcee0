import threading
import zipfile
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from paths import FIXTURES

from ingestion.landing import Landing
from ingestion.source import Context, Request
from ingestion.sources.reference.fetch import SOURCE
from ontime.errors import OntimeError
from ontime.settings import Settings

FILES = FIXTURES / "reference"
PRIVATE_WORDS = (b"QQPERSON", b"PRIVATE", b"SPRINGFIELD", b"PARTNER")


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


@contextmanager
def serve(folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def context(folder, **settings):
    chosen = Settings(**({"data_dir": folder / "data", "http_attempts": 1} | settings))
    lines = []
    return Context(settings=chosen, landing=Landing(chosen), progress=lines.append), lines


def fetch(run, origin=None, **options):
    (package,) = SOURCE.fetch(Request(origin=origin, **options), run)
    return {file.name: file for file in package}


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    run, _ = context(tmp_path_factory.mktemp("reference"))
    return run, fetch(run)


def folder_with(tmp_path, *names):
    folder = tmp_path / "from"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes((FILES / name).read_bytes())
    return folder


def copy_time_zones(fetched, run):
    """Spares the test the computation."""
    file = fetched[1]["time_zone_offsets.csv"]
    with fetched[0].landing.local(file) as path:
        run.landing.keep("reference", None, file.name, path, file.origin_url, etag=file.etag)


def test_airports_time_zones_and_the_sample_s_planes_need_no_network(fetched):
    _, files = fetched

    assert set(files) == {"airports.csv", "planes.csv", "time_zone_offsets.csv"}
    assert {file.status for file in files.values()} == {"fetched"}
    assert files["airports.csv"].origin_url.startswith("airportsdata ")


def test_time_zones_are_computed_once_an_edition(fetched):
    run, files = fetched

    again = fetch(run)

    assert again["time_zone_offsets.csv"] == files["time_zone_offsets.csv"]
    assert again["airports.csv"].sha256 == files["airports.csv"].sha256


def test_a_folder_gives_aircraft_and_carriers_in_place_of_the_sample_s(fetched, tmp_path):
    run, _ = context(tmp_path)
    copy_time_zones(fetched, run)

    files = fetch(run, str(folder_with(tmp_path, "MASTER.txt", "ACFTREF.txt", "L_CARRIER_HISTORY.csv")))

    assert set(files) == {
        "airports.csv",
        "time_zone_offsets.csv",
        "faa_registry.zip",
        "L_CARRIER_HISTORY.csv",
    }
    assert "MASTER.txt:sha256:" in files["faa_registry.zip"].etag


def test_no_owner_is_left_in_landing_or_said(fetched, tmp_path):
    run, lines = context(tmp_path)
    copy_time_zones(fetched, run)
    fetch(run, str(folder_with(tmp_path, "MASTER.txt", "ACFTREF.txt")))

    kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    texts = [path.read_bytes() for path in kept] + [line.encode() for line in lines]
    for path in kept:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                texts += [archive.read(name) for name in archive.namelist()]

    faa_texts = [text for text in texts if b"America/" not in text and b"Fixed wing" not in text]
    assert any(b"101ZZ" in text for text in faa_texts)
    assert [word for word in PRIVATE_WORDS for text in faa_texts if word in text.upper()] == []


def test_a_zip_gives_the_same_registry_as_its_files(fetched, tmp_path):
    run, _ = context(tmp_path)
    copy_time_zones(fetched, run)
    folder = folder_with(tmp_path, "MASTER.txt", "ACFTREF.txt")
    zipped = tmp_path / "ReleasableAircraft.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for name in ("MASTER.txt", "ACFTREF.txt"):
            archive.write(folder / name, name)
        archive.writestr("DEREG.txt", "QQPERSON QQFAMILY")

    from_files = fetch(run, str(folder))["faa_registry.zip"]
    from_zip = fetch(run, str(zipped))["faa_registry.zip"]

    assert from_zip.sha256 == from_files.sha256


@pytest.mark.parametrize("name", ["ReleasableAircraft.zip", "L_CARRIER_HISTORY.csv"])
def test_a_file_behind_a_url_is_told_by_its_contents(fetched, tmp_path, name):
    run, _ = context(tmp_path)
    copy_time_zones(fetched, run)
    folder = folder_with(tmp_path, "MASTER.txt", "ACFTREF.txt", "L_CARRIER_HISTORY.csv")
    with zipfile.ZipFile(folder / "ReleasableAircraft.zip", "w") as archive:
        for member in ("MASTER.txt", "ACFTREF.txt"):
            archive.write(folder / member, member)

    with serve(folder) as url:
        files = fetch(run, f"{url}/{name}")

    expected = "faa_registry.zip" if name.endswith(".zip") else name
    assert files[expected].origin_url == f"{url}/{name}"
    assert files[expected].status == "fetched"


def test_a_set_address_of_the_carrier_history_is_fetched(fetched, tmp_path):
    with serve(folder_with(tmp_path, "L_CARRIER_HISTORY.csv")) as url:
        run, _ = context(tmp_path, carrier_history_url=f"{url}/L_CARRIER_HISTORY.csv")
        copy_time_zones(fetched, run)
        files = fetch(run)

    assert set(files) == {"airports.csv", "planes.csv", "time_zone_offsets.csv", "L_CARRIER_HISTORY.csv"}


def test_an_error_page_in_place_of_the_carrier_history_is_refused(fetched, tmp_path):
    folder = tmp_path / "from"
    folder.mkdir()
    (folder / "page").write_text("<html>moved</html>")
    run, _ = context(tmp_path)
    copy_time_zones(fetched, run)

    with serve(folder) as url:
        file = fetch(run, f"{url}/page")["L_CARRIER_HISTORY.csv"]

    assert (file.status, "it begins: '<html>moved" in file.error) == ("refused", True)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "neither an aircraft registry"),
        (("MASTER.txt",), "ACFTREF.txt missing"),
    ],
)
def test_an_incomplete_origin_is_an_error(fetched, tmp_path, names, message):
    run, _ = context(tmp_path)
    copy_time_zones(fetched, run)

    with pytest.raises(OntimeError, match=message):
        fetch(run, str(folder_with(tmp_path, *names)))
    with pytest.raises(OntimeError, match="no such file"):
        fetch(run, str(tmp_path / "nowhere"))
