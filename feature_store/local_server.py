"""Serves pages to browsers of this machine alone."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Final

import uvicorn
from starlette.middleware.trustedhost import TrustedHostMiddleware

from ontime.console import report
from ontime.errors import OntimeError
from streaming.stopping import stop_on_signals

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HOST: Final = "127.0.0.1"
# what a browser still loads when it is told to stop
PATIENCE_SECONDS: Final = 5


def serve_here(app: ASGIApp, port: int, what: str) -> None:
    """Serve an application on 127.0.0.1, and report its address, until Ctrl-C or SIGTERM.

    Args:
        app: What to serve.
        port: The port.
        what: What the pages are, for the report.

    Raises:
        OntimeError: The port is not to be had.
    """
    # a page of another site that has its name resolved to this machine is not answered
    guarded = TrustedHostMiddleware(app, allowed_hosts=[HOST, "localhost"])
    config = uvicorn.Config(
        guarded, log_level="warning", server_header=False, timeout_graceful_shutdown=PATIENCE_SECONDS
    )
    with _listen(port) as listening, stop_on_signals():
        report(f"{what}: http://{HOST}:{port}, end with Ctrl-C")
        uvicorn.Server(config).run([listening])


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        found = f"port {port} of {HOST} is not to be had ({os.strerror(error.errno or 0)})"
        raise OntimeError(found, remedy="choose another with --port") from None
