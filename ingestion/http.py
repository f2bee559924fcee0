"""Fetching over HTTP: patient with a busy server, clear about a wrong request.

By hand, as dlt's client tries a request again but not a body that was cut off, goes wherever it is sent on to, and has
no limit of size or of the whole time.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential
from urllib3.exceptions import HTTPError

from ontime.errors import OntimeError
from ontime.redaction import redact_url
from ontime.settings import Settings

# a compressed piece can grow a thousandfold
CHUNK_BYTES = 1 << 16
MOST_REDIRECTS = 5
FIRST_WAIT_SECONDS = 1
NOT_MODIFIED = 304
NOT_FOUND = 404
TOO_MANY_REQUESTS = 429
CLIENT_ERROR = 400
SERVER_ERROR = 500


@dataclass(frozen=True)
class Download:
    """A downloaded body in a temporary file; as a context it removes the file at its end.

    Attributes:
        path: The local file.
        url: The address asked for, without credentials.
        etag: The server's ETag.
        last_modified: The server's Last-Modified.
    """

    path: Path
    url: str
    etag: str | None
    last_modified: str | None

    def __enter__(self) -> Download:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.path.unlink(missing_ok=True)


class NotFoundError(OntimeError):
    """The server has no such file (404)."""


class _BusyError(Exception):
    """A failure that may pass: worth another try."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


def download(
    url: str,
    settings: Settings,
    *,
    params: list[tuple[str, str]] | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
    progress: Callable[[str], None] | None = None,
    before_request: Callable[[], None] | None = None,
    hosts: frozenset[str] = frozenset(),
) -> Download | None:
    """Download an address to a temporary file.

    Connection errors, cut bodies, 429 and 5xx are tried again, with a wait that doubles up to
    `settings.http_max_wait_seconds`, or as long as the server's Retry-After asks (up to the same cap).

    Args:
        url: The address.
        settings: For the number of tries, the time-out and the longest wait.
        params: Query parameters, repeatable.
        etag: Of the version at hand; with it the server may answer that nothing changed.
        last_modified: The same, where there is no ETag.
        progress: Is told of each wait.
        before_request: Is called before every try (to keep a distance between requests).
        hosts: Other hosts that the server may send on to.

    Returns:
        The download, or None if the server says that nothing changed (304).

    Raises:
        NotFoundError: On 404.
        OntimeError: On any other 4xx, naming the request, when the tries are used up, where the answer is longer or
            takes longer than the settings allow, or where the server sends on to a host that is not known.
    """
    headers = {"User-Agent": "ontime"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified

    def tell(state: RetryCallState) -> None:
        if progress and state.outcome and state.next_action:
            progress(f"{state.outcome.exception()}; trying again in {state.next_action.sleep:.0f} s")

    tries = Retrying(
        stop=stop_after_attempt(settings.http_attempts),
        wait=_Wait(settings.http_max_wait_seconds),
        retry=retry_if_exception_type(_BusyError),
        before_sleep=tell,
        reraise=True,
    )
    try:
        return tries(_request, url, settings, params, headers, before_request, hosts)
    except _BusyError as error:
        raise OntimeError(
            f"{error}; gave up after {settings.http_attempts} tries", remedy="run the same command again later"
        ) from None


class _Wait:
    """Retry-After where the server gave one, else exponential; both capped."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._exponential = wait_exponential(multiplier=FIRST_WAIT_SECONDS, max=longest)

    def __call__(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _BusyError) and error.retry_after is not None:
            return min(error.retry_after, self._longest)
        return min(self._exponential(state), self._longest)


def _request(
    url: str,
    settings: Settings,
    params: list[tuple[str, str]] | None,
    headers: dict[str, str],
    before_request: Callable[[], None] | None,
    hosts: frozenset[str],
) -> Download | None:
    if before_request is not None:
        before_request()
    try:
        with _answer(requests.Session(), url, settings, params, headers, hosts) as response:
            shown = redact_url(response.url)
            if response.status_code == NOT_MODIFIED:
                return None
            _raise_for_status(response, shown)
            return Download(
                _save(response, settings),
                shown,
                response.headers.get("ETag"),
                response.headers.get("Last-Modified"),
            )
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        requests.exceptions.MissingSchema,
    ):
        raise OntimeError("not an address that can be fetched", where=redact_url(url)) from None
    except (requests.exceptions.RequestException, HTTPError) as error:
        raise _BusyError(f"{redact_url(url)}: {type(error).__name__}") from None


@contextmanager
def _answer(
    session: requests.Session,
    url: str,
    settings: Settings,
    params: list[tuple[str, str]] | None,
    headers: dict[str, str],
    hosts: frozenset[str],
) -> Iterator[requests.Response]:
    """The answer to a request, or to where it was sent on to on the same host or one of `hosts`."""
    with session:
        request = session.prepare_request(requests.Request("GET", url, params=params, headers=headers))
        for _ in range(MOST_REDIRECTS):
            response = session.send(request, timeout=settings.http_timeout_seconds, stream=True, allow_redirects=False)
            if response.next is None:
                yield response
                return
            here, there = urlsplit(request.url or ""), urlsplit(response.next.url or "")
            shown = redact_url(request.url or "")
            if there.hostname != here.hostname and there.hostname not in hosts:
                raise OntimeError(f"refused, it sends on to another host ({there.hostname})", where=shown)
            if here.scheme == "https" and there.scheme != "https":
                raise OntimeError("refused, it sends on to an address that is not encrypted", where=shown)
            request = response.next
            response.close()
        raise OntimeError(f"refused, it sends on more than {MOST_REDIRECTS} times", where=redact_url(url))


def _raise_for_status(response: requests.Response, shown: str) -> None:
    status = response.status_code
    if status < CLIENT_ERROR:
        return
    reason = f"the server answered {status} {response.reason or ''}".rstrip()
    if status == TOO_MANY_REQUESTS or status >= SERVER_ERROR:
        raise _BusyError(f"{shown}: {reason}", _retry_after(response.headers.get("Retry-After")))
    raise NotFoundError(reason, where=shown) if status == NOT_FOUND else OntimeError(reason, where=shown)


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait, from either form of the header; none where it is neither."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _save(response: requests.Response, settings: Settings) -> Path:
    """Write the body to a temporary file."""
    with tempfile.NamedTemporaryFile(prefix="ontime-", delete=False) as output:
        path = Path(output.name)
        try:
            for piece in _pieces(response, settings):
                output.write(piece)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path


def _pieces(response: requests.Response, settings: Settings) -> Iterator[bytes]:
    """The body as it comes, decompressed, within the limits of time and size."""
    shown = redact_url(response.url)
    announced = response.headers.get("Content-Length", "")
    is_told = re.fullmatch(r"[0-9]{1,18}", announced) and not response.headers.get("Content-Encoding")
    deadline = time.monotonic() + settings.http_total_seconds
    received = 0
    # to wait until a piece is full could take for ever
    while piece := response.raw.read1(CHUNK_BYTES, decode_content=True):
        received += len(piece)
        if received > settings.http_max_bytes:
            limit = f"the {settings.http_max_bytes:,} bytes of ONTIME_HTTP_MAX_BYTES"
            raise OntimeError(f"refused, it is longer than {limit}", where=shown)
        if time.monotonic() > deadline:
            limit = f"the {settings.http_total_seconds:,g} s of ONTIME_HTTP_TOTAL_SECONDS"
            raise OntimeError(f"refused, it takes longer than {limit}", where=shown)
        yield piece
    if is_told and received != int(announced):
        raise _BusyError(f"{shown}: the answer was cut off")
