"""A disk that gets full: a small file system of its own, or a limit on files where none can be mounted."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOMY_BYTES = 1_000_000_000
# of PostgreSQL's log, which stands elsewhere and must not stop the server
LOG_FILE_BYTES = 16 * 1024**2


@dataclass(frozen=True)
class SmallDisk:
    """A folder whose room is for the test to say.

    Attributes:
        folder: The disk.
        is_mounted: Whether it is a file system of its own; else no file anywhere may be written past a limit.
    """

    folder: Path
    is_mounted: bool

    def leave(self, free_bytes: int, server: int | None = None) -> None:
        """Leave so little room.

        Args:
            free_bytes: How much.
            server: A process of PostgreSQL's that writes there, if not this one and those that it starts.
        """
        if self.is_mounted:
            self._remount(shutil.disk_usage(self.folder).used + free_bytes)
            return
        self._limit(free_bytes + (LOG_FILE_BYTES if server else 0), server)

    def make_room(self, server: int | None = None) -> None:
        """Leave room enough."""
        if self.is_mounted:
            self._remount(ROOMY_BYTES)
        else:
            self._limit("unlimited", server)

    def _remount(self, size_bytes: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size_bytes}", self.folder], check=True)

    def _limit(self, size_bytes: int | str, server: int | None) -> None:
        process = server or os.getpid()
        owner = Path(f"/proc/{process}").stat()
        become = ("setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups")
        limit = ("prlimit", f"--pid={process}", f"--fsize={size_bytes}:")
        subprocess.run(limit if owner.st_uid == os.geteuid() else (*become, *limit), check=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A disk with room enough, until the test says otherwise."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOMY_BYTES}", "tmpfs", folder]
    is_mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    disk = SmallDisk(folder, is_mounted)
    try:
        yield disk
    finally:
        disk.make_room()
        if is_mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)


def assert_told_in_one_line(done: subprocess.CompletedProcess, place: str) -> None:
    """That a command failed and said in one line which disk is full."""
    lines = [
        line for line in done.stderr.splitlines() if not re.match(r"\w+: (reading|making|removed)|publishing ", line)
    ]
    assert done.returncode == 1
    assert len(lines) == 1, done.stderr
    assert re.match(rf"error: (.+: )?the disk of {place} is full: free space there, then run", lines[0])
