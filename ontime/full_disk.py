"""Errors that come of a disk without room, whoever noticed it: Python, DuckDB or PostgreSQL."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from typing import Final

# also a quota, and a limit on the size of files
SIGNS: Final = ("No space left on device", "Disk quota exceeded", "File too large")
SERVER_FOLDERS: Final = ("base/", "global/", "pg_")
ERRORS: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def full_disk(error: BaseException) -> str | None:
    """What to say of an error that a full disk is behind, in one line; None if that is not so."""
    full = [cause for cause in _causes(error) if _is_full(cause)]
    # the first is what the others came of
    return (
        f"the disk of {_place(full[-1])} is full: free space there, then run the same command again" if full else None
    )


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in ERRORS:
        return True
    return any(sign in str(error) for sign in SIGNS)


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
