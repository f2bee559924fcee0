"""One record's value to its document, or to the reason why it has none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from streaming.events.documents import DOCUMENTS, EVENT_TYPES, SCHEMA_VERSION
from streaming.events.upgrades import upgrade, version_of

if TYPE_CHECKING:
    from pydantic import BaseModel, TypeAdapter

TOMBSTONE: Final = "tombstone"
UNKNOWN_TOPIC: Final = "unknown topic"
Found = tuple[dict[str, Any] | None, str | None]


def read_document(topic: str, value: bytes | None) -> Found:
    """The fields of a record's document, or why it has none that can be read.

    Args:
        topic: The topic that it came in.
        value: The bytes of the message, None for a tombstone.
    """
    adapter = DOCUMENTS.get(topic)
    if adapter is None:
        return None, UNKNOWN_TOPIC
    if value is None:
        return None, TOMBSTONE
    try:
        return adapter.validate_json(value).__dict__, None
    except ValidationError:
        return _read_slowly(adapter, topic, value)


def _read_slowly(adapter: TypeAdapter[BaseModel], topic: str, value: bytes) -> Found:
    """Read what is no valid document of the present version: an older one, or one with a fault to be told."""
    try:
        document = json.loads(value)
    except (ValueError, RecursionError) as error:
        return None, f"no JSON: {error}"
    if not isinstance(document, dict):
        return None, f"no JSON object, but {type(document).__name__}"
    version = version_of(document)
    if version is not None and version > SCHEMA_VERSION:
        return None, f"schema_version: {version} is newer than {SCHEMA_VERSION}"
    try:
        return adapter.validate_json(json.dumps(upgrade(topic, document))).__dict__, None
    except ValidationError as error:
        return None, _faults(error)


def _faults(error: ValidationError) -> str:
    """Which fields are wrong, and how; without their values, which stand in the document."""
    return "; ".join(
        f"{'.'.join(str(part) for part in fault['loc'] if part not in EVENT_TYPES) or 'document'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    )
