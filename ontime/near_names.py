"""What to say where somebody writes a name that there is none of."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def choose_from(name: str, names: Iterable[str]) -> str:
    """The names that there are, the one first that is likely meant."""
    known = list(names)
    near = get_close_matches(name, known, 1)
    meant = f"perhaps {near[0]}; " if near else ""
    return f"{meant}choose from {', '.join(known)}"
