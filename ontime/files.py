"""Files: their hash, and the file systems that they can be on."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import fsspec
from fsspec.spec import AbstractFileSystem

from ontime.errors import OntimeError


def sha256(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def file_system(url: str, options: dict[str, Any]) -> tuple[AbstractFileSystem, str]:
    """The file system of a folder or fsspec URL, and the path of it there.

    Raises:
        OntimeError: If there is no such file system here.
    """
    if "://" not in url:
        url, options = str(Path(url).resolve()), {}
    try:
        fs, root = fsspec.core.url_to_fs(url, **options)
    except (ImportError, TypeError, ValueError) as error:
        raise OntimeError(str(error), where=f"{url.partition('://')[0]}://…") from None
    return fs, str(root).rstrip("/")


def is_local(fs: AbstractFileSystem) -> bool:
    """Whether paths of the file system are those of this machine."""
    return "file" in ((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol)


def replace_durably(temporary: Path, path: Path) -> None:
    """Give a whole file its name, so that it is there, and whole, even if the power fails right after."""
    _write_out(temporary)
    temporary.replace(path)
    _write_out(path.parent)


def printable(text: str) -> str:
    """A text with what is not UTF-8, as a file's name may hold, written out."""
    return text.encode(errors="backslashreplace").decode()


def _write_out(path: Path) -> None:
    """Have the disk hold what was written to a file, or which names a folder holds."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
