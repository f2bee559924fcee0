"""Who may ask what, how much at once, and for how long."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from feature_store.serving.problems import problem_response
from ontime.errors import OntimeError
from ontime.near_names import choose_from

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from feature_store.questions.services import FeatureService
    from feature_store.registry.catalogue import Catalogue, SelectedTable

ALL: Final = "*"
SETTING: Final = "setting ONTIME_SERVE_KEYS"


class UnknownKeyError(OntimeError):
    """The request has no key, or none that is known."""

    http_status: ClassVar[int] = 401


class NotAllowedError(OntimeError):
    """The key may not have what was asked for."""

    http_status: ClassVar[int] = 403


class TooMuchError(OntimeError):
    """The request asks for too much at once."""

    http_status: ClassVar[int] = 413


@dataclass(frozen=True)
class _Allowed:
    """What a key may have: features as `origin_departures:departures_3h`, and predictions of questions."""

    features: tuple[str, ...]
    questions: frozenset[str]


class Keys:
    """The keys that may ask, each with its feature services."""

    def __init__(self, keys: Mapping[str, Any], catalogue: Catalogue, services: Iterable[FeatureService]) -> None:
        """Check what the settings say.

        Raises:
            OntimeError: There is no such service, or the services are no list.
        """
        self._catalogue = catalogue
        # with its version or without
        named = {name: each for each in services for name in (each.question, each.name)}
        questions = frozenset(each.question for each in named.values())
        self._everything = _Allowed(_names(catalogue.parse_selection(None)), questions)
        self._allowed: dict[bytes, _Allowed] = {}
        for key, names in keys.items():
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or not names:
                raise OntimeError('expected {"key": ["service", …]}', where=SETTING)
            if unknown := [name for name in names if name != ALL and name not in named]:
                raise OntimeError(
                    f"there is no feature service {unknown[0]!r}", where=SETTING, remedy=choose_from(unknown[0], named)
                )
            self._allowed[key.encode()] = (
                self._everything if ALL in names else _unite([named[name] for name in names], catalogue)
            )

    def choose(self, key: str | None, features: Sequence[str] | None) -> str:
        """The features that are asked for, by default all that the key may have.

        Raises:
            UnknownKeyError: There is no such key, and whoever asks needs one.
            NotAllowedError: The key may not have one of them.
            OntimeError: There is no such feature.
        """
        allowed = self._find(key)
        wanted = _names(self._catalogue.parse_selection(features)) if features else allowed.features
        if refused := set(wanted).difference(allowed.features):
            raise NotAllowedError(f"the key may not have {min(refused)}")
        return ",".join(wanted)

    def verify_question(self, key: str | None, question: str) -> None:
        """Refuse a key that may not have what a question's models are asked with.

        Raises:
            UnknownKeyError: See `choose`.
            NotAllowedError: It may not.
        """
        if question not in self._find(key).questions:
            raise NotAllowedError(f"predictions are for keys with the feature service {question}")

    def _find(self, key: str | None) -> _Allowed:
        if not self._allowed:
            return self._everything
        given = (key or "").encode()
        for known, allowed in self._allowed.items():
            if hmac.compare_digest(known, given):
                return allowed
        raise UnknownKeyError("give a key that is known as X-API-Key")


def _unite(services: Sequence[FeatureService], catalogue: Catalogue) -> _Allowed:
    names = [name for each in services for name in _names(each.selected)]
    return _Allowed(_names(catalogue.parse_selection(names)), frozenset(each.question for each in services))


def _names(selected: Iterable[SelectedTable]) -> tuple[str, ...]:
    return tuple(f"{each.table.short_name}:{feature.name}" for each in selected for feature in each.features)


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
