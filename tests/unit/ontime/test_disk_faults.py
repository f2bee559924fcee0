import errno

import duckdb
import pytest

from ontime.disk_faults import disk_fault

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
    assert disk_fault(error) == f"the disk of {place}{TODO}"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EROFS, "Read-only file system", "data/ingest.lock"),
        duckdb.IOException('Cannot open file "data/ingest.lock": Read-only file system'),
    ],
)
def test_a_disk_that_can_only_be_read_is_told(error):
    todo = "make it writable, or choose another folder, then run the same command again"
    assert disk_fault(error) == f"the disk of data/ingest.lock can only be read: {todo}"


def test_other_errors_are_others():
    assert disk_fault(OSError(errno.EACCES, "Permission denied", "data")) is None
    assert disk_fault(ValueError("no space")) is None
