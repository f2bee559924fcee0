"""Opens the stream's file, or makes it where there is none that the project would make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ontime.project import hash_project
from ontime.scratch import UNFINISHED_STREAM, scratch_folder
from streaming.live.excluded import SEED, hash_excluded
from streaming.live.state_file import make_state, open_state, read_made_of
from streaming.live.views import STREAM_FILE, build_views

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

    from ontime.settings import Settings


def open_or_make(settings: Settings, project: Path, tell: Callable[[str], None]) -> duckdb.DuckDBPyConnection:
    """The stream's file, open. One that was made of another state of the project is made anew, and filled from landing.

    Args:
        settings: For the file, its limits and the reference data.
        project: The dbt project.
        tell: Is told of a wait, and of what takes time.

    Raises:
        OntimeError: If it cannot be opened or made.
    """
    path = settings.stream_file
    made_of = hash_project(project, SEED)
    if path.exists():
        connection = open_state(path, settings, tell, attach=False)
        same = read_made_of(connection) == made_of
        connection.close()
        if same:
            return open_state(path, settings, tell)
        tell("the project has changed: the live features are made anew from landing")
    else:
        tell("building the views of the live features; this takes a minute, the first time")
    path.parent.mkdir(parents=True, exist_ok=True)
    with scratch_folder(path.parent, UNFINISHED_STREAM) as scratch:
        made = scratch.path / STREAM_FILE
        excluded = hash_excluded(project)
        make_state(made, settings, build_views(settings, project, scratch, tell), made_of, excluded)
        for old in (path, path.with_name(f"{path.name}.wal")):
            old.unlink(missing_ok=True)
        made.replace(path)
    return open_state(path, settings, tell)
