"""Secrets of the environment, kept out of whatever is shown or stored."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

SECRET_WORDS = ("SECRET", "PASSWORD", "TOKEN", "CREDENTIAL", "API_KEY", "ACCESS_KEY", "STORAGE_OPTIONS")
SHORTEST_SECRET = 4


def without_secrets(text: str) -> str:
    """A text with the values of secret settings and variables blotted out."""
    for secret in sorted(_secrets(), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


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
