"""Whether folders can be written and their disks have room."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from engines.finding import Finding, Level, ok
from ontime.files import file_system, is_local

MEGABYTE: Final = 1_000_000
# a build of the sample writes 0.9 GB
ENOUGH_BYTES: Final = 2_000 * MEGABYTE
NEARLY_NONE_BYTES: Final = 200 * MEGABYTE


def writable(url: str, options: dict[str, Any], variable: str) -> Finding:
    """Whether files can be made in a folder, or above it where it does not exist yet; nothing stays there.

    Args:
        url: A folder or fsspec URL.
        options: For its file system.
        variable: Sets the folder.

    """
    check = f"folder of {variable}"
    try:
        fs, root = file_system(url, options)
        if is_local(fs):
            with tempfile.TemporaryFile(dir=_standing(Path(root))) as probe:
                probe.write(b"can be written")
        else:
            probe_path = f"{root}/doctor-{uuid.uuid4().hex}"
            fs.pipe_file(probe_path, b"can be written")
            with suppress(FileNotFoundError):
                fs.rm_file(probe_path)
    except Exception as error:
        said = getattr(error, "strerror", None) or " ".join(f"{type(error).__name__} {error}".split())
        todo = f"make it writable for who runs ontime, or set {variable} to another"
        return Finding("problem", check, f"{url} cannot be written ({said})", todo)
    return ok(check, f"{url} can be written")


def disk_findings(*urls: str) -> Iterator[Finding]:
    """How much room is on the disks of local folders."""
    disks: dict[int, list[str]] = {}
    for url in urls:
        if "://" not in url:
            disks.setdefault(_standing(Path(url)).stat().st_dev, []).append(url)
    for folders in disks.values():
        free = shutil.disk_usage(_standing(Path(folders[0]))).free
        level: Level = "ok" if free >= ENOUGH_BYTES else "warning" if free >= NEARLY_NONE_BYTES else "problem"
        todo = "" if level == "ok" else "free space there, or move the data: ONTIME_DATA_DIR, ONTIME_SCRATCH_DIR"
        yield Finding(level, "disk", f"{free / 1e9:,.1f} GB free for {', '.join(folders)}", todo)


def _standing(path: Path) -> Path:
    """A folder, or the nearest above it that exists."""
    path = path.absolute()
    return next(folder for folder in (path, *path.parents) if folder.exists())
