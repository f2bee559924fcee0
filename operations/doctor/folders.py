"""Whether folders can be written and their disks have room."""

from __future__ import annotations

from collections.abc import Iterator

from engines.finding import Finding
from engines.folders import disk_findings, writable
from ontime.settings import Settings


def folder_findings(settings: Settings) -> Iterator[Finding]:
    """The folders that every target writes to, and the disks that they are on."""
    folders = {
        "ONTIME_DATA_DIR": str(settings.data_dir),
        "ONTIME_LANDING_URL": settings.landing_url,
        "ONTIME_WORKING_URL": settings.working_url,
        "ONTIME_SCRATCH_DIR": str(settings.scratch_dir),
    }
    for variable, url in folders.items():
        yield writable(url, settings.fsspec_options(), variable)
    yield from disk_findings(*folders.values())
