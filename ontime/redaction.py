"""Secrets of the environment and of addresses, kept out of whatever is shown or stored."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit, urlunsplit

SECRET_WORDS = (
    "SECRET",
    "PASSWORD",
    "TOKEN",
    "CREDENTIAL",
    "API_KEY",
    "ACCESS_KEY",
    "STORAGE_OPTIONS",
    "KAFKA_OPTIONS",
    "SERVE_KEYS",
    "WEBHOOK_URL",
)
SHORTEST_SECRET = 4
HIDDEN: Final = "***"
# of a longer scheme the end is seen: without a bound, a long word takes time by the square of its length
URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,31}://[^\s'\"<>|]+")
DATABASES: Final = ("postgres", "postgresql")
# what a text puts after an address
PUNCTUATION: Final = ".,:;)]}"
# parameters of queries whose values may be shown: those that the sources ask with, and usual ones of files
HARMLESS_PARAMETERS: Final = frozenset(
    {"station", "data", "sts", "ets", "tz", "format", "latlon", "elev", "missing", "trace", "report_type"}
    | {"year", "month", "day", "start", "end", "page", "lang"}
)


def redact_url(url: str) -> str:
    """An address without password and fragment, and without the values of parameters not known to be harmless.

    Its user goes, too, as a token can stand there; a database's user stays, as it tells who lacks a right.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{url.partition('://')[0]}://{HIDDEN}"
    query = "&".join(map(_redact_parameter, parts.query.split("&"))) if parts.query else ""
    login, at, host = parts.netloc.rpartition("@")
    user = login.partition(":")[0] + at if parts.scheme in DATABASES else ""
    return urlunsplit((parts.scheme, user + host, parts.path, query, ""))


def _redact_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    if name.lower() in HARMLESS_PARAMETERS or not parameter:
        return parameter
    return f"{name}={HIDDEN}" if equals else HIDDEN


def without_secrets(text: str) -> str:
    """A text without the values of secret settings and variables, and with its addresses as `redact_url` gives them."""
    text = URL.sub(_redacted, text)
    for secret in sorted(_secrets(), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _redacted(found: re.Match[str]) -> str:
    url = found[0].rstrip(PUNCTUATION)
    return redact_url(url) + found[0][len(url) :]


def _secrets() -> set[str]:
    found: set[str] = set()
    for name, value in os.environ.items():
        if any(word in name.upper() for word in SECRET_WORDS):
            found.add(value)
            found |= set(_texts(value))
        if "CREDENTIAL" in name.upper():
            found.add(value.partition(":")[2])  # the secret half of id:secret
    return {secret for secret in found if len(secret) >= SHORTEST_SECRET}


def _texts(value: str) -> Iterator[str]:
    """The texts in a JSON value: a secret may stand by itself in a message."""
    try:
        parsed = json.loads(value)
    except json.JSONDecodeError:
        return
    waiting = [parsed]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str):
            yield item
