"""The files of a folder, taken one by one: one that cannot be taken keeps no other from it, and is told at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ontime.disk_faults import disk_fault
from ontime.errors import OntimeError
from ontime.files import printable


class EachFile:
    """What could not be taken so far."""

    def __init__(self) -> None:
        self._failed: list[str] = []

    @contextmanager
    def take(self, name: str) -> Iterator[None]:
        """Take a file of a name; that it cannot be read, named or kept is noted. A full disk is no fault of a file."""
        try:
            yield
        except (OSError, UnicodeError, OntimeError) as error:
            if disk_fault(error):
                raise
            if printable(name) != name:
                said = "is no name in UTF-8, rename the file"
            else:
                said = printable(getattr(error, "strerror", None) or str(error))
            self._failed.append(said if said.startswith(printable(name)) else f"{printable(name)}: {said}")

    def verify(self) -> None:
        """See that all were taken.

        Raises:
            OntimeError: Naming each that was not, with the reason.
        """
        if self._failed:
            count = len(self._failed)
            told = "1 file" if count == 1 else f"{count:,} files"
            raise OntimeError(f"{told} could not be taken, the others are done ({'; '.join(self._failed)})")
