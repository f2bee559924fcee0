"""A file as landing keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

FileStatus = Literal["fetched", "loaded", "refused"]
Coverage = Literal["month", "part"]


@dataclass(frozen=True)
class LandedFile:
    """A file kept in landing, as its manifest tells.

    Attributes:
        url: fsspec URL of the bytes as they were fetched.
        name: The file's own name, without a folder.
        source: Name of the source that it came from.
        period: The period that it covers (`2013-01`), or None for a file without one.
        origin_url: Where it was fetched from, without credentials.
        sha256: Hex digest of the bytes.
        bytes: Size in bytes.
        rows: Data rows that were read from it, None before it was read.
        fetched_at: UTC, without zone.
        etag: The server's ETag, for conditional requests.
        last_modified: The server's Last-Modified, for conditional requests.
        status: `fetched` (verified), `loaded`, or `refused` (never loaded; `error` says why).
        error: One line, for a refused file.
        coverage: `month` if the file is all of its month, so that what it lacks is no longer in it; `part` if it adds
            to what is there; None where files are not of months, and before it is known.
    """

    url: str
    name: str
    source: str
    period: str | None
    origin_url: str
    sha256: str
    bytes: int
    rows: int | None
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    status: FileStatus = "fetched"
    error: str | None = None
    coverage: Coverage | None = None

    @property
    def file(self) -> str:
        """The version's name in raw tables (`_source_file`): its path under the source's landing folder."""
        return f"{self.period or Path(self.name).stem}/{self.sha256[:12]}-{self.name}"
