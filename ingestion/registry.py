"""The sources by name; a source's module is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from ingestion.source import Source
from ontime.errors import OntimeError
from ontime.schemas import SOURCES

DEFAULT = ("nycflights13", "reference")


def source(name: str) -> Source:
    """The source of a name.

    Raises:
        OntimeError: If there is none of that name.
    """
    if name not in SOURCES:
        raise OntimeError(f"{name!r} is no source", remedy=f"the sources are {', '.join(SOURCES)}")
    found: Source = import_module(f"ingestion.sources.{name}.fetch").SOURCE
    return found
