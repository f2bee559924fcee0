import errno

import duckdb
import pytest

from ontime.full_disk import full_disk

TODO = " is full: free space there, then run the same command again"


def chained(inner, outer):
    """An error that came up while another was being told of."""
    outer.__context__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "place"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "from", None, "data/to.part"), "data/to.part"),
        (OSError(errno.EDQUOT, "Disk quota exceeded", "data/x"), "data/x"),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "the data or of temporary files (ontime doctor shows which)",
        ),
        (duckdb.IOException('Could not write file "data/raw.duckdb": No space left on device'), "data/raw.duckdb"),
        (RuntimeError('could not extend file "base/5/16": No space left on device'), "the PostgreSQL server"),
        (chained(OSError(errno.ENOSPC, "full", "landing/a"), RuntimeError('file "b": File too large')), "landing/a"),
        (chained(OSError(errno.ENOSPC, "full", "landing/a"), RuntimeError("invalidated")), "landing/a"),
    ],
)
def test_the_place_is_told_that_was_full_first(error, place):
    assert full_disk(error) == f"the disk of {place}{TODO}"


def test_other_errors_are_others():
    assert full_disk(OSError(errno.EACCES, "Permission denied", "data")) is None
    assert full_disk(ValueError("no space")) is None
