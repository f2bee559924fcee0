"""Feast's pages of the registry, to be read: what they show is generated, and changed in the models."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

from feast.ui_server import get_app
from starlette.responses import PlainTextResponse

from feature_store.feast_api.store import PROJECT, open_store
from feature_store.local_server import serve_here

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from ontime.settings import Settings

READING: Final = frozenset({"GET", "HEAD"})
REFUSAL: Final = "The registry is generated from the models: change those, then run ontime features apply.\n"


def serve_ui(settings: Settings, port: int) -> None:
    """Serve Feast's pages on this machine, until Ctrl-C or SIGTERM.

    Raises:
        OntimeError: There is no registry yet, or the port is not to be had.
    """
    store = open_store(settings)
    with warnings.catch_warnings():
        # of how Feast uses FastAPI, which no reader can change
        warnings.simplefilter("ignore")
        app = get_app(store, PROJECT)
    serve_here(_ReadOnly(app), port, "Feast's pages")


class _ReadOnly:
    """Answers what asks, and refuses what would change the registry: Feast's own pages let anybody do so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in READING:
            await PlainTextResponse(REFUSAL, 405, {"Allow": ", ".join(sorted(READING))})(scope, receive, send)
            return
        await self._app(scope, receive, send)
