"""Zips as they were fetched: broken and hostile ones are refused, members are unpacked within limits."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from ontime.errors import OntimeError

CHUNK_BYTES = 1 << 20
DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError)


def zip_member(path: Path, name: str, wanted: Callable[[str], bool], *, max_unpacked_bytes: int) -> str:
    """The one member of a zip that holds the data, after the zip was read whole.

    Args:
        path: The local file.
        name: What to call it in errors.
        wanted: Whether a member's name is that of the data.
        max_unpacked_bytes: More than this, over all members, is refused.

    Raises:
        OntimeError: If it is no zip, is truncated or damaged, holds none or several wanted members, a path
            outside its folder, or too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            for info in members:
                parts = PurePosixPath(info.filename.replace("\\", "/"))
                if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
                    raise OntimeError(f"holds a path outside its folder ({info.filename})", where=name)
            found = [info.filename for info in members if wanted(info.filename)]
            if len(found) != 1:
                held = ", ".join(info.filename for info in members) or "nothing"
                raise OntimeError(f"expected one data file in the zip, it holds {held}", where=name)
            _verify_unpacked(archive, members, name, max_unpacked_bytes)
    except DAMAGES as error:
        raise OntimeError(f"not a whole zip file ({error})", where=name) from None
    return found[0]


def extract_member(path: Path, member: str, folder: Path, *, max_unpacked_bytes: int | None = None) -> Path:
    """Unpack one member of a verified zip (see `zip_member`) into a folder, without the member's own folders.

    Raises:
        OntimeError: If the zip is damaged, or the member unpacks to more than `max_unpacked_bytes`.
    """
    target = folder / PurePosixPath(member.replace("\\", "/")).name
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream, target.open("wb") as output:
            for chunk in _limited(stream, path.name, max_unpacked_bytes):
                output.write(chunk)
    except DAMAGES as error:
        raise OntimeError(f"not a whole zip file ({error})", where=path.name) from None
    return target


def _verify_unpacked(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str, max_unpacked_bytes: int
) -> None:
    """Unpack without keeping anything: sizes in a zip's directory may lie, and checksums stand at the end."""
    unpacked = 0
    for info in members:
        with archive.open(info) as stream:
            for chunk in _limited(stream, name, max_unpacked_bytes - unpacked):
                unpacked += len(chunk)


def _limited(stream: IO[bytes], name: str, limit: int | None) -> Iterator[bytes]:
    unpacked = 0
    while chunk := stream.read(CHUNK_BYTES):
        unpacked += len(chunk)
        if limit is not None and unpacked > limit:
            raise OntimeError("refused, it unpacks to more than is allowed by ONTIME_MAX_UNPACKED_BYTES", where=name)
        yield chunk
