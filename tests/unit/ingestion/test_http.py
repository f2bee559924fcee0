import gzip
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingestion.http import download
from ontime.errors import OntimeError
from ontime.redaction import redact_url, without_secrets
from ontime.settings import Settings

FAST = Settings(http_attempts=4, http_max_wait_seconds=0.05, http_timeout_seconds=2)


@contextmanager
def serve(*answers):
    """A server that gives these answers (status, headers, body) in turn; it notes the requests."""
    requests, left = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append((self.path, dict(self.headers), time.monotonic()))
            status, headers, body = left.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):
                for piece in [body] if type(body) is bytes else (body[n : n + 1] for n in range(len(body))):
                    self.wfile.write(piece)
                    time.sleep(0 if type(body) is bytes else 0.05)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/file.csv", requests
    finally:
        server.shutdown()
        server.server_close()


def test_a_body_is_saved_and_removed_after_its_use():
    with serve((200, {"ETag": '"7"', "Last-Modified": "Tue, 01 Jan 2013 00:00:00 GMT"}, b"x\n1\n")) as (url, _):
        answer = download(url, FAST)
    with answer:
        assert answer.path.read_bytes() == b"x\n1\n"
        assert (answer.etag, answer.url) == ('"7"', url)
    assert not answer.path.exists()


def test_an_unchanged_file_is_not_downloaded():
    with serve((304, {}, b"")) as (url, requests):
        assert download(url, FAST, etag='"7"', last_modified="Tue, 01 Jan 2013 00:00:00 GMT") is None
    assert requests[0][1]["If-None-Match"] == '"7"'
    assert requests[0][1]["If-Modified-Since"] == "Tue, 01 Jan 2013 00:00:00 GMT"


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_server_is_asked_again(status):
    lines = []
    with (
        serve((status, {}, b"over capacity"), (200, {}, b"x")) as (url, requests),
        download(url, FAST, progress=lines.append) as answer,
    ):
        assert answer.path.read_bytes() == b"x"
    assert len(requests) == 2
    assert lines[0].startswith(f"{url}: the server answered {status} ")
    assert "trying again in" in lines[0]


def test_retry_after_is_waited_for():
    patient = FAST.model_copy(update={"http_max_wait_seconds": 30})
    with serve((503, {"Retry-After": "1"}, b""), (200, {}, b"x")) as (url, requests), download(url, patient):
        pass
    assert requests[1][2] - requests[0][2] >= 1


def test_retry_after_may_be_a_date_and_is_capped():
    when = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    with serve((429, {"Retry-After": when}, b""), (200, {}, b"x")) as (url, requests), download(url, FAST):
        pass
    assert requests[1][2] - requests[0][2] < 5


def test_the_tries_are_limited():
    with (
        serve(*[(503, {}, b"")] * 4) as (url, requests),
        pytest.raises(OntimeError, match="503 Service Unavailable; gave up after 4 tries"),
    ):
        download(url, FAST)
    assert len(requests) == 4


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_wrong_request_is_an_error_that_names_it_at_once(status):
    with serve((status, {}, b"")) as (url, requests), pytest.raises(OntimeError) as error:
        download(url, FAST, params=[("station", "JFK"), ("station", "LGA")])
    assert str(error.value).startswith(f"{url}?station=JFK&station=LGA: the server answered {status} ")
    assert len(requests) == 1


def test_a_body_that_was_cut_off_is_fetched_again():
    with (
        serve((200, {"Content-Length": "100"}, b"half"), (200, {}, b"whole")) as (url, _),
        download(url, FAST) as answer,
    ):
        assert answer.path.read_bytes() == b"whole"


@pytest.mark.parametrize("value", ["soon", "1e9", "-5", "", "Tue, 01 Jan 2013 00:00:00 -0000"])
def test_a_wait_that_is_no_time_to_come_is_none(value):
    with serve((503, {"Retry-After": value}, b""), (200, {}, b"x")) as (url, requests), download(url, FAST):
        pass
    assert requests[1][2] - requests[0][2] < 5


def test_a_length_that_is_no_number_is_none():
    headers = {"Content-Length": "many", "Connection": "close"}
    with serve((200, headers, b"x,y\n")) as (url, _), download(url, FAST) as answer:
        assert answer.path.read_bytes() == b"x,y\n"


def test_a_body_that_grows_when_it_is_unpacked_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    packed = gzip.compress(bytes(3_000_000))
    limited = FAST.model_copy(update={"http_max_bytes": 1_000_000})
    with (
        serve((200, {"Content-Encoding": "gzip"}, packed)) as (url, requests),
        pytest.raises(OntimeError, match="refused, it is longer than the 1,000,000 bytes of ONTIME_HTTP_MAX_BYTES"),
    ):
        download(url, limited)
    assert len(packed) < 10_000
    assert len(requests) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_body_that_comes_byte_by_byte_is_refused_in_time():
    class Drip(bytes):
        """Written as a hundred bytes, one each twentieth of a second."""

    impatient = FAST.model_copy(update={"http_total_seconds": 0.3})
    with serve((200, {"Content-Length": "100"}, Drip(100))) as (url, _):
        started = time.monotonic()
        with pytest.raises(OntimeError, match=r"it takes longer than the 0.3 s of ONTIME_HTTP_TOTAL_SECONDS"):
            download(url, impatient)
    assert time.monotonic() - started < 2


def test_it_is_sent_on_on_the_same_host_and_to_known_ones_alone():
    with serve((200, {}, b"there")) as (there, _):
        other = there.replace("127.0.0.1", "localhost")
        with (
            serve((302, {"Location": other}, b"")) as (url, _),
            pytest.raises(OntimeError, match=r"refused, it sends on to another host \(localhost\)"),
        ):
            download(url, FAST)
        with serve((302, {"Location": other}, b"")) as (url, _):
            answer = download(url, FAST, hosts=frozenset({"localhost"}))
    with answer:
        assert (answer.path.read_bytes(), answer.url) == (b"there", other)
    with serve((302, {"Location": "/elsewhere"}, b""), (200, {}, b"x")) as (url, requests), download(url, FAST):
        pass
    assert requests[1][0] == "/elsewhere"
    with (
        serve(*[(302, {"Location": "/again"}, b"")] * 9) as (url, requests),
        pytest.raises(OntimeError, match="sends on more than 5 times"),
    ):
        download(url, FAST)
    assert len(requests) == 5


def test_a_server_that_is_not_there_is_an_error_after_some_tries():
    with serve() as (url, _):
        pass
    with pytest.raises(OntimeError, match=r"ConnectionError; gave up after 4 tries"):
        download(url, FAST)


@pytest.mark.parametrize("url", ["nosuch://x/y", "downloads/x", "http://"])
def test_what_is_no_address_is_an_error_at_once(url):
    with pytest.raises(OntimeError, match="not an address that can be fetched"):
        download(url, FAST)


def test_a_function_runs_before_every_try():
    calls = []
    with (
        serve((503, {}, b""), (200, {}, b"x")) as (url, _),
        download(url, FAST, before_request=lambda: calls.append(1)),
    ):
        pass
    assert len(calls) == 2


def test_credentials_are_never_shown():
    shown = redact_url("https://user:pw@example.org/a?station=JFK&api_key=hunter2&X-Amz-Signature=abc#frag")
    assert shown == "https://example.org/a?station=JFK&api_key=***&X-Amz-Signature=***"


@pytest.mark.parametrize("query", ["sig=geheim", "pwd=geheim", "geheim", "x=1%3Dgeheim", "Year=geheim&station=JFK"])
def test_what_is_not_known_to_be_harmless_is_hidden(query):
    shown = redact_url(f"https://example.org/a?{query}")
    assert ("geheim" in shown) == query.startswith("Year")
    assert shown == redact_url(shown)


def test_addresses_in_a_text_are_shown_without_secrets():
    text = "see (https://me:geheim@example.org/a?sig=geheim), s3://key:geheim@bucket/x: no; http://[geheim"
    assert without_secrets(text) == "see (https://example.org/a?sig=***), s3://bucket/x: no; http://***"
    assert (
        without_secrets("expected postgresql://me:geheim@host:5432/lake") == "expected postgresql://me@host:5432/lake"
    )


def test_errors_do_not_show_credentials():
    with serve((404, {}, b"")) as (url, _), pytest.raises(OntimeError) as error:
        download(url.replace("127", "user:hunter2@127", 1), FAST, params=[("token", "hunter3")])
    assert "hunter" not in str(error.value)
