"""What models learn from: features by one's own rows, and training sets.

import feature_store

feature_store.retrieve(spine, "origin_departures:departures_3h,carrier_departures")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feature_store.retrieval.retrieve import retrieve

__all__ = ["retrieve"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as modules have it
    """`retrieve`, imported when it is asked for: commands that do without it start faster."""
    if name in __all__:
        from feature_store.retrieval import retrieve as module  # noqa: PLC0415 - when it is asked for

        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
