"""The log of daily runs: a JSON object a line, in files that take turns."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ontime.redaction import without_secrets
from ontime.rights import make_folder

if TYPE_CHECKING:
    from ontime.settings import Settings

MOST_BYTES: Final = 1_000_000
OLDER_FILES: Final = 9


class Journal:
    """Writes what happens in a run."""

    def __init__(self, logger: logging.Logger, run_id: str) -> None:
        self._logger, self._run_id = logger, run_id

    def note(self, event: str, **facts: object) -> None:
        """Write down an event.

        Args:
            event: What happened, as `step ended`.
            facts: What there is to tell of it; what is None is left out.
        """
        told = {name: fact for name, fact in facts.items() if fact is not None}
        self._logger.info(event, extra={"facts": {"run": self._run_id, **told}})


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts: dict[str, Any] = getattr(record, "facts", {})
        return without_secrets(json.dumps({"at": at, "event": record.getMessage(), **facts}, default=str))


class _File(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - as logging has it
        """A disk that is full ends the run in a line, as it does every command."""
        raise  # noqa: PLE0704 - logging calls this where an error is handled


def log_file(settings: Settings) -> Path:
    """Where daily runs write; older files end in .1 to .9, the oldest last."""
    return settings.data_dir / "logs" / "daily.jsonl"


@contextmanager
def open_journal(settings: Settings, run_id: str) -> Iterator[Journal]:
    """The log of a data folder, for one run at a time: files take turns when one is full.

    Raises:
        OntimeError: If its folder cannot be made.
    """
    path = log_file(settings)
    make_folder(path.parent, settings)
    handler = _File(path, maxBytes=MOST_BYTES, backupCount=OLDER_FILES, encoding="utf-8")
    handler.setFormatter(_Line())
    logger = logging.Logger("ontime.daily")
    logger.addHandler(handler)
    try:
        yield Journal(logger, run_id)
    finally:
        handler.close()
