import json
from datetime import timedelta
from pathlib import Path

import fsspec
import pytest

from ingestion.landing import Landing
from ontime.errors import OntimeError
from ontime.settings import Settings


@pytest.fixture(params=["local", "memory"])
def landing(request, tmp_path):
    url = str(tmp_path / "landing") if request.param == "local" else f"memory://{tmp_path.name}"
    return Landing(Settings(landing_url=url))


def keep(landing, content=b"a,b\n1,2\n", **options):
    return landing.keep("bts", "2013-01", "flights.csv", content, "https://example.org/flights.csv", **options)


def test_a_file_is_kept_with_its_manifest(landing):
    file = keep(landing, etag='"1"')
    assert (file.status, file.bytes, file.etag, file.period) == ("fetched", 8, '"1"', "2013-01")
    assert file.file == f"2013-01/{file.sha256[:12]}-flights.csv"
    assert landing.files("bts") == [file]
    with landing.local(file) as path:
        assert path.read_bytes() == b"a,b\n1,2\n"


def test_the_manifest_tells_all_of_the_file(tmp_path):
    landing = Landing(Settings(landing_url=str(tmp_path)))
    file = landing.mark(keep(landing), "loaded", rows=1)
    manifest = json.loads(Path(f"{tmp_path}/bts/{file.file}.manifest.json").read_text())
    assert {"url", "sha256", "bytes", "rows", "fetched_at", "status", "etag", "last_modified", "period"} <= set(
        manifest
    )
    assert (manifest["origin_url"], manifest["rows"]) == ("https://example.org/flights.csv", 1)


def test_versions_stand_beside_each_other(landing):
    first, second = keep(landing), keep(landing, b"a,b\n3,4\n")
    assert {file.sha256 for file in landing.files("bts")} == {first.sha256, second.sha256}


def test_the_same_bytes_are_kept_once_and_keep_their_status(landing):
    landing.mark(keep(landing, etag='"1"'), "loaded", rows=1)
    again = keep(landing, etag='"2"')
    assert (again.status, again.rows, again.etag) == ("loaded", 1, '"2"')
    assert landing.files("bts") == [again]


def test_what_is_known_of_the_coverage_of_the_same_bytes_goes_first(landing):
    assert keep(landing).coverage is None
    assert keep(landing, coverage="month").coverage == "month"
    assert keep(landing, coverage="part").coverage == "month"
    assert landing.files("bts")[0].coverage == "month"


def test_a_refused_file_is_kept_with_the_reason(landing):
    def verify(_path):
        raise OntimeError("flights.csv: no flights")

    file = keep(landing, verify=verify)
    assert (file.status, file.error) == ("refused", "flights.csv: no flights")
    assert landing.files("bts") == [file]
    assert keep(landing).status == "fetched"


def test_an_empty_file_is_refused(landing):
    assert keep(landing, b"").error == "flights.csv: the file is empty"


@pytest.mark.parametrize("name", ["../x.csv", "a/b.csv", "..", "", "a\\b.csv"])
def test_no_name_leads_out_of_landing(landing, name):
    with pytest.raises(OntimeError, match="would leave the landing folder"):
        landing.keep("bts", "2013-01", name, b"x", "")
    with pytest.raises(OntimeError, match="would leave the landing folder"):
        landing.keep("bts", name or "..", "x.csv", b"x", "")


def test_bytes_that_changed_since_they_were_kept_are_an_error(tmp_path):
    landing = Landing(Settings(landing_url=str(tmp_path)))
    file = keep(landing)
    Path(f"{tmp_path}/bts/{file.file}").write_bytes(b"a,b\n9,9\n")
    with pytest.raises(OntimeError, match="not the bytes that were fetched"), landing.local(file):
        pass


def test_a_file_without_a_manifest_was_not_kept_whole(tmp_path):
    landing = Landing(Settings(landing_url=str(tmp_path)))
    file = keep(landing)
    Path(f"{tmp_path}/bts/{file.file}.manifest.json").unlink()
    assert landing.files("bts") == []
    assert keep(landing).status == "fetched"


def test_landing_is_where_the_setting_says():
    keep(Landing(Settings(landing_url="memory://somewhere/deep")))
    assert fsspec.filesystem("memory").find("somewhere/deep/bts/2013-01")


def test_an_unknown_file_system_is_an_error():
    with pytest.raises(OntimeError, match=r"nosuch://…: Protocol not known"):
        Landing(Settings(landing_url="nosuch://bucket"))


def refuse(_path):
    raise OntimeError("flights.csv: no flights")


def test_one_refused_answer_of_a_file_is_kept(landing):
    good = keep(landing)
    for minute in range(3):
        keep(landing, b"<html>over capacity at 12:0%d" % minute, verify=refuse)
    other = landing.keep("bts", "2013-02", "flights.csv", b"<html>", "https://example.org/", verify=refuse)
    kept = landing.files("bts")
    assert [file.status for file in kept].count("refused") == 2
    assert {good.url, other.url} < {file.url for file in kept}


def test_pruning_removes_what_no_load_needs_and_nothing_else(landing):
    good = landing.mark(keep(landing), "loaded")
    refused = keep(landing, b"<html>", verify=refuse)
    cut_off = keep(landing, b"a,b\n5,6\n")
    landing._fs.rm_file(landing._fs._strip_protocol(cut_off.url) + ".manifest.json")
    assert landing.prune(timedelta(days=1)) == []
    told = landing.prune(timedelta(0), dry_run=True)
    assert {file.url for file in told} == {refused.url, cut_off.url}
    assert {file.reason for file in told} == {"flights.csv: no flights", "not kept whole"}
    assert landing.prune(timedelta(0)) == told
    assert landing.prune(timedelta(0)) == []
    assert landing.files("bts") == [good]
    with landing.local(good) as path:
        assert path.read_bytes() == b"a,b\n1,2\n"
