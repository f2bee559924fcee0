"""dlt's working folder: on any fsspec file system by setting, and thrown away after a crash."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingestion.landing import file_system, is_local
from ingestion.settings import Settings

MARKER = ".running"
STATE = "state"
EXPORT = "export"


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
        IngestError: If the file system of `settings.working_url` is unknown.
    """
    fs, root = file_system(settings.working_url, settings.fsspec_options())
    marker, kept = f"{root}/{pipeline_name}{MARKER}", f"{root}/{pipeline_name}"
    if fs.exists(marker) and fs.exists(kept):
        fs.rm(kept, recursive=True)
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
            if fs.exists(kept):
                fs.rm(kept, recursive=True)
            fs.put(str(state), f"{kept}/{STATE}", recursive=True)
    fs.rm(marker)
