"""The JSON Schemas of the topics' documents, as `docs/events/` has them: `python -m streaming.events.json_schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from streaming.events.documents import DOCUMENTS

FOLDER: Final = Path(__file__).parents[2] / "docs" / "events"


def json_schemas() -> dict[Path, str]:
    """The text of each topic's schema by the file that it is kept in."""
    return {
        FOLDER / f"{topic}.schema.json": json.dumps(adapter.json_schema(), indent=2) + "\n"
        for topic, adapter in DOCUMENTS.items()
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, text in json_schemas().items():
        file.write_text(text)
