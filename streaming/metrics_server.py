"""Lets Prometheus ask for metrics, on this machine only."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, start_http_server

from ontime.console import report
from ontime.errors import OntimeError

HOST: Final = "127.0.0.1"


def serve_metrics(registry: CollectorRegistry, port: int, setting: str) -> int:
    """Answer on a port of 127.0.0.1, and report the address.

    Args:
        registry: The metrics.
        port: The port, any free one for 0.
        setting: The environment variable that names the port.

    Returns:
        The port.

    Raises:
        OntimeError: If the port is taken.
    """
    try:
        server, _thread = start_http_server(port, HOST, registry)
    except OSError as error:
        raise OntimeError(
            f"port {port} of {HOST} is not to be had ({error.strerror})", remedy=f"choose another with {setting}"
        ) from None
    report(f"metrics: http://{HOST}:{server.server_port}/metrics")
    return int(server.server_port)
