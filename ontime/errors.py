"""Errors that a user can act on."""

from __future__ import annotations

from typing import ClassVar


class OntimeError(Exception):
    """Something a user can act on, said in one line: where, what was found and what to do.

    Attributes:
        found: What was found, or what is wrong.
        where: The file, setting, server or table that it is about, where `found` does not name it.
        remedy: What to do about it, where that is not plain.
        http_status: What a server answers with that cannot do for this reason what it was asked for.
    """

    http_status: ClassVar[int] = 400

    def __init__(self, found: str, *, where: object = None, remedy: str | None = None) -> None:
        super().__init__(found)
        self.found = found
        self.where = None if where is None else str(where)
        self.remedy = remedy

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.found, self.remedy) if part)


class NotYetError(OntimeError):
    """What was asked for is not made yet; the remedy names the command that makes it."""

    http_status = 404


class InUseError(OntimeError):
    """Another process has what was asked for, and will give it back."""

    http_status = 503
