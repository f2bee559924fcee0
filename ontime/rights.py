"""Who may read the files: their owner alone, or a group, too, that a setting names."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ontime.errors import OntimeError

if TYPE_CHECKING:
    from ontime.settings import Settings

VARIABLE: Final = "ONTIME_FILE_GROUP"
# what new files are not to allow: all but their owner nothing, or a group to write and the others everything
OWNER_ALONE: Final = 0o077
GROUP_READS: Final = 0o027


def restrict_new_files() -> None:
    """Let what this process makes, and programs that it starts, be for its owner alone, or for the group to read.

    The variable is looked up by itself: reading the settings may be what fails.
    """
    os.umask(GROUP_READS if os.environ.get(VARIABLE) else OWNER_ALONE)


@contextmanager
def new_files_restricted() -> Iterator[None]:
    """As `restrict_new_files`, for as long as the context lasts."""
    before = os.umask(OWNER_ALONE)
    restrict_new_files()
    try:
        yield
    finally:
        os.umask(before)


def make_folder(path: Path, settings: Settings) -> None:
    """Make a folder for data where there is none; what is made in it later is its group's where there is one.

    Raises:
        OntimeError: If it cannot be made, there is no such group, or who runs this is not in it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        if settings.file_group is None:
            return
        group = _group_id(settings.file_group)
        found = path.stat()
        wanted = stat.S_IMODE(found.st_mode) | stat.S_ISGID | stat.S_IRGRP | stat.S_IXGRP
        if found.st_gid != group:
            os.chown(path, -1, group)
        # the system takes the bit away from who is not in the group
        if stat.S_IMODE(path.stat().st_mode) != wanted:
            path.chmod(wanted)
    except PermissionError:
        raise refusal(path) from None


def make_data_folders(settings: Settings) -> None:
    """Make the folders of data on this machine, for whoever is to read them.

    Raises:
        OntimeError: As `make_folder` does.
    """
    make_folder(settings.data_dir, settings)
    if settings.file_group is not None:
        for url in (settings.landing_url, settings.working_url, settings.lake_data_url, settings.spark_dir):
            if url is not None and "://" not in str(url):
                make_folder(Path(url), settings)


def refusal(path: Path) -> OntimeError:
    """The error of a file or folder that belongs to another user, who is named."""
    found = next(each for each in (path, *path.absolute().parents) if _exists(each))
    owner = user_name(found.stat().st_uid)
    return OntimeError(
        f"{found} belongs to {owner}, and {user_name(os.geteuid())} may not use it",
        remedy=f"run this as {owner}, or choose another folder with ONTIME_DATA_DIR",
    )


def user_name(user: int) -> str:
    """The name of a user, or the number where there is none."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def _group_id(name: str) -> int:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise OntimeError(f"there is no group {name!r}", where=f"setting {VARIABLE}") from None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return False
