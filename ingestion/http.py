"""Fetching over HTTP: patient with a busy server, clear about a wrong request."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from ontime.errors import OntimeError
from ontime.settings import Settings

if TYPE_CHECKING:
    import requests

CHUNK_BYTES = 1 << 20
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

    Returns:
        The download, or None if the server says that nothing changed (304).

    Raises:
        NotFoundError: On 404.
        OntimeError: On any other 4xx, naming the request, or when the tries are used up.
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
        return tries(_request, url, settings, params, headers, before_request)
    except _BusyError as error:
        raise OntimeError(
            f"{error}; gave up after {settings.http_attempts} tries", remedy="run the same command again later"
        ) from None


def redact(url: str) -> str:
    """An address without user, password and the values of parameters that look like secrets."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    query = re.sub(
        r"(?i)((?:^|&)[^=&]*(?:key|token|secret|password|signature|credential)[^=&]*=)[^&]*",
        r"\1***",
        parts.query,
    )
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


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
) -> Download | None:
    import requests  # noqa: PLC0415 - slow to import, and most runs fetch nothing

    if before_request is not None:
        before_request()
    try:
        with requests.get(
            url, params=params, headers=headers, timeout=settings.http_timeout_seconds, stream=True
        ) as response:
            shown = redact(response.url)
            if response.status_code == NOT_MODIFIED:
                return None
            _raise_for_status(response, shown)
            return Download(
                _save(response),
                shown,
                response.headers.get("ETag"),
                response.headers.get("Last-Modified"),
            )
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        requests.exceptions.MissingSchema,
    ):
        raise OntimeError("not an address that can be fetched", where=redact(url)) from None
    except requests.exceptions.RequestException as error:
        raise _BusyError(f"{redact(url)}: {type(error).__name__}") from None


def _raise_for_status(response: requests.Response, shown: str) -> None:
    status = response.status_code
    if status < CLIENT_ERROR:
        return
    reason = f"{shown}: the server answered {status} {response.reason or ''}".rstrip()
    if status == TOO_MANY_REQUESTS or status >= SERVER_ERROR:
        raise _BusyError(reason, _retry_after(response.headers.get("Retry-After")))
    raise NotFoundError(reason) if status == NOT_FOUND else OntimeError(reason)


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait, from either form of the header."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _save(response: requests.Response) -> Path:
    with tempfile.NamedTemporaryFile(prefix="ontime-", delete=False) as output:
        path = Path(output.name)
        try:
            received = sum(output.write(chunk) for chunk in response.iter_content(CHUNK_BYTES))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    expected = response.headers.get("Content-Length")
    if expected is not None and not response.headers.get("Content-Encoding") and received != int(expected):
        path.unlink()
        raise _BusyError(f"{redact(response.url)}: the answer was cut off")
    return path
