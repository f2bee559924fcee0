"""Errors of a disk that is full or can only be read, whoever noticed it: Python, DuckDB or PostgreSQL."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from typing import Final

# also a quota, and a limit on the size of files
FULL: Final = (
    "the disk of {place} is full: free space there, then run the same command again",
    ("No space left on device", "Disk quota exceeded", "File too large"),
)
READ_ONLY: Final = (
    "the disk of {place} can only be read: make it writable, or choose another folder, then run the same command again",
    ("Read-only file system",),
)
ERRORS: Final = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EFBIG: FULL, errno.EROFS: READ_ONLY}
SERVER_FOLDERS: Final = ("base/", "global/", "pg_")


def disk_fault(error: BaseException) -> str | None:
    """What to say of an error that a disk is behind, in one line; None if that is not so."""
    faults = [(fault, cause) for cause in _causes(error) if (fault := _fault(cause))]
    if not faults:
        return None
    # the first is what the others came of
    fault, cause = faults[-1]
    return fault.format(place=_place(cause))


def _fault(error: BaseException) -> str | None:
    if isinstance(error, OSError) and error.errno in ERRORS:
        return ERRORS[error.errno][0]
    return next((fault for fault, signs in (FULL, READ_ONLY) if any(sign in str(error) for sign in signs)), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _place(error: BaseException) -> str:
    """What could not be written, as far as the error tells."""
    if isinstance(error, OSError) and (path := error.filename2 or error.filename):
        return str(path)
    found = re.search(r'file "([^"]+)"', str(error))
    if found is None:
        return "the data or of temporary files (ontime doctor shows which)"
    # PostgreSQL names its files from its own folder on
    return "the PostgreSQL server" if found[1].startswith(SERVER_FOLDERS) else found[1]
