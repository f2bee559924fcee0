"""Who may ask what, how much at once, and for how long."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from feature_store.serving.problems import problem_response
from ontime.errors import OntimeError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from feature_store.registry.catalogue import Catalogue

ALL: Final = "*"


class UnknownKeyError(OntimeError):
    """The request has no key, or none that is known."""

    http_status: ClassVar[int] = 401


class NotAllowedError(OntimeError):
    """The key may not have what was asked for."""

    http_status: ClassVar[int] = 403


class TooMuchError(OntimeError):
    """The request asks for too much at once."""

    http_status: ClassVar[int] = 413


class Keys:
    """The keys that may ask, each with its tables of features."""

    def __init__(self, keys: Mapping[str, Any], catalogue: Catalogue) -> None:
        """Check what the settings say.

        Raises:
            OntimeError: There is no such table, or the tables are no list.
        """
        self._every = tuple(table.short_name for table in catalogue.tables)
        self._tables: dict[bytes, tuple[str, ...]] = {}
        for key, names in keys.items():
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or not names:
                raise OntimeError('expected {"key": ["table", …]}', where="setting ONTIME_SERVE_KEYS")
            tables = self._every if ALL in names else tuple(catalogue.table(name).short_name for name in names)
            self._tables[key.encode()] = tables

    def allowed(self, key: str | None) -> tuple[str, ...]:
        """The tables that a key may have.

        Raises:
            UnknownKeyError: There is no such key, and whoever asks needs one.
        """
        if not self._tables:
            return self._every
        given = (key or "").encode()
        for known, tables in self._tables.items():
            if hmac.compare_digest(known, given):
                return tables
        raise UnknownKeyError("give a key that is known as X-API-Key")

    def choose(self, key: str | None, features: Sequence[str] | None) -> str:
        """The features that are asked for, by default all that the key may have.

        Raises:
            UnknownKeyError: See `allowed`.
            NotAllowedError: They are of a table that the key may not have.
        """
        tables = self.allowed(key)
        wanted = [part.strip() for text in features or tables for part in text.split(",")]
        for name in (part.partition(":")[0].strip().removeprefix("feat_") for part in wanted):
            if name in self._every and name not in tables:
                raise NotAllowedError(f"the key may not have {name}")
        return ",".join(wanted)

    def verify_all(self, key: str | None) -> None:
        """Refuse a key that may not have all tables, as predictions tell of all.

        Raises:
            UnknownKeyError: See `allowed`.
            NotAllowedError: It may not.
        """
        if set(self.allowed(key)) != set(self._every):
            raise NotAllowedError("predictions are for keys that may have all tables of features")


def verify_rows(rows: int, most: int) -> None:
    """Refuse too many rows at once.

    Raises:
        TooMuchError: They are.
    """
    if rows > most:
        raise TooMuchError(f"{rows:,} at once", remedy=f"ask for at most {most:,}")


class Bounds:
    """Ends requests that are too long or take too long."""

    def __init__(self, app: ASGIApp, most_bytes: int, seconds: float) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on within its bounds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_answered = False

        async def send_on(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            async with asyncio.timeout(self._seconds):
                body = await self._read(receive)
                if body is None:
                    raise TooMuchError(f"more than {self._most_bytes:,} bytes", remedy="ask for less at once")  # noqa: TRY301
                await self._app(scope, _replay(body, receive), send_on)
        except TooMuchError as error:
            await problem_response(error.http_status, str(error))(scope, receive, send)
        except TimeoutError:
            if not is_answered:
                detail = f"took longer than {self._seconds:g} seconds: ask for less, or again later"
                await problem_response(504, detail)(scope, receive, send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The body; none where it is too long."""
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self._most_bytes:
                return None
            if not message.get("more_body"):
                return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read, and then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
