"""dlt's working folder: on any fsspec file system by setting, and thrown away after a crash."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from fsspec.spec import AbstractFileSystem

from ontime.files import file_system, is_local
from ontime.settings import Settings

MARKER = ".running"
STATE = "state"
EXPORT = "export"
# where dlt keeps packages that it has not loaded, below a pipeline's own folder
UNLOADED: Final = ("normalize/extracted", "load/new", "load/normalized")


@dataclass(frozen=True)
class WorkingFolder:
    """Local folders on one file system, so that files move between them without being copied.

    Attributes:
        state: For dlt (`pipelines_dir`); kept from run to run.
        export: For the files of one package; removed after it.
    """

    state: Path
    export: Path


@contextmanager
def working_folder(settings: Settings, pipeline_name: str) -> Iterator[WorkingFolder]:
    """The working folder of one pipeline, for one package.

    The destination knows what is loaded, so nothing in here is worth mending: where a run was cut off, the
    folder starts empty.

    Raises:
        OntimeError: If the file system of `settings.working_url` is unknown.
    """
    fs, root = file_system(settings.working_url, settings.fsspec_options())
    marker, kept = f"{root}/{pipeline_name}{MARKER}", f"{root}/{pipeline_name}"
    if fs.exists(marker):
        _remove(fs, kept)
    fs.makedirs(root, exist_ok=True)
    fs.pipe_file(marker, b"a package is being loaded")
    with tempfile.TemporaryDirectory(prefix="ontime-") as folder:
        local = Path(kept if is_local(fs) else folder)
        state = local / STATE
        if not is_local(fs) and fs.exists(f"{kept}/{STATE}"):
            fs.get(f"{kept}/{STATE}", str(state), recursive=True)
        state.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=local, prefix=EXPORT) as export:
            yield WorkingFolder(state, Path(export))
        if not is_local(fs):
            _remove(fs, kept)
            fs.put(str(state), f"{kept}/{STATE}", recursive=True)
    fs.rm(marker)


def forget(settings: Settings, pipeline_name: str) -> None:
    """Start with an empty working folder the next time; no package may be being loaded.

    Raises:
        OntimeError: If the file system of `settings.working_url` is unknown.
    """
    fs, root = file_system(settings.working_url, settings.fsspec_options())
    _remove(fs, f"{root}/{pipeline_name}")


def left_behind(settings: Settings) -> list[str]:
    """Pipelines with a package that is being loaded, or was cut off.

    dlt's `has_pending_data` asks a pipeline that is attached, on a local disk; here each is looked at and none touched.

    Raises:
        OntimeError: If the file system of `settings.working_url` is unknown.
    """
    fs, root = file_system(settings.working_url, settings.fsspec_options())
    found = {PurePosixPath(path).name.removesuffix(MARKER) for path in fs.glob(f"{root}/*{MARKER}")}
    for folder in UNLOADED:
        packages = fs.glob(f"{root}/*/{STATE}/*/{folder}/*")
        found |= {PurePosixPath(path).relative_to(PurePosixPath(root)).parts[0] for path in packages}
    return sorted(found)


def clear(settings: Settings) -> list[str]:
    """Remove what `left_behind` tells of, and return it; no package may be being loaded.

    Raises:
        OntimeError: If the file system of `settings.working_url` is unknown.
    """
    fs, root = file_system(settings.working_url, settings.fsspec_options())
    found = left_behind(settings)
    for name in found:
        _remove(fs, f"{root}/{name}")
        _remove(fs, f"{root}/{name}{MARKER}")
    return found


def _remove(fs: AbstractFileSystem, path: str) -> None:
    if fs.exists(path):
        fs.rm(path, recursive=True)
