"""The master of a Spark cluster."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import urlparse

from engines.finding import Finding, ok
from ontime.errors import OntimeError

if TYPE_CHECKING:
    from ontime.settings import Settings

SCHEME: Final = "spark"
PORT: Final = 7077
SECONDS: Final = 5


def master_findings(settings: Settings) -> Iterator[Finding]:
    """Whether the master of a cluster answers; a local one is started by dbt itself.

    Raises:
        OntimeError: If it does not.
    """
    where = settings.spark_master
    master = urlparse(where)
    if master.scheme == SCHEME:
        try:
            socket.create_connection((master.hostname or "", master.port or PORT), SECONDS).close()
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or error
            raise OntimeError(
                f"{where} does not answer ({said})", remedy="start the cluster, or set ONTIME_SPARK_MASTER"
            ) from None
    yield ok("Spark's master", where)
