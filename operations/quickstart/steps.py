"""From nothing to tested marts: the sample loaded, every model built, the docs generated, the marts published."""

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from engines.targets import open_raw
from ingestion.raw.loads import completed_loads
from ontime.artifacts import target_folder
from ontime.errors import OntimeError
from ontime.project import hash_project
from ontime.schemas import OPERATIONS, READ_SCHEMAS, dataset_name
from ontime.settings import Settings

SCHEMAS = (*READ_SCHEMAS, "training", "snapshots")
STEPS = (
    # unit tests prove the models' logic, not the data: `make test` runs them
    "dbt --quiet build --selector data",
    "dbt --quiet docs generate --no-compile",
    "ontime publish",
)
NEXT_STEPS = (
    ("ontime status", "what is loaded, and how fresh it is"),
    ("dbt docs serve --host 127.0.0.1", "the catalogue: every table, column and where it comes from"),
    (
        "mf query --metrics flights,on_time_share --group-by flight__carrier_code",
        "a question to the metrics",
    ),
)


def quickstart(settings: Settings, console: Console) -> None:
    """Load the sample, then build, document and publish the warehouse where anything has changed since last time.

    Each step is a command that the reader could type, and is shown as such.

    Raises:
        OntimeError: a step failed; what it printed stands above.
    """
    seconds: dict[str, float] = {}
    _run("ontime ingest", console, seconds)
    record = settings.data_dir / "quickstart.json"
    fingerprint = _fingerprint(settings)
    if _recorded(record) == fingerprint and _outputs_exist(settings):
        console.print("Nothing has changed since the last build.")
    else:
        record.unlink(missing_ok=True)
        for command in STEPS:
            _run(command, console, seconds)
        record.write_text(json.dumps({"fingerprint": fingerprint}))
    _summarise(settings, console, seconds)


def _run(command: str, console: Console, seconds: dict[str, float]) -> None:
    console.print(f"[bold]$ {command}[/bold]")
    started = time.monotonic()
    folder = _programs()
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    program, *arguments = command.split()
    done = subprocess.run([folder / program, *arguments], env=environment, check=False)
    seconds[command] = time.monotonic() - started
    if done.returncode != 0:
        raise OntimeError(
            f"`{command}` failed with exit status {done.returncode}", remedy="see its message above, then run it again"
        )


def _programs() -> Path:
    """Where the commands stand."""
    return Path(sys.executable).parent


def _fingerprint(settings: Settings) -> str:
    """A hash of all that a build depends on: the project's files and the completed loads."""
    digest = hashlib.sha256(hash_project(Path.cwd()).encode())
    with open_raw(settings, lambda _line: None, read_only=True) as connection:
        for load in completed_loads(connection):
            if load.schema != dataset_name(OPERATIONS):
                digest.update(load.load_id.encode())
    return digest.hexdigest()


def _recorded(record: Path) -> str | None:
    if not record.exists():
        return None
    recorded: str | None = json.loads(record.read_text()).get("fingerprint")
    return recorded


def _outputs_exist(settings: Settings) -> bool:
    catalog = target_folder() / "catalog.json"
    return all(path.exists() for path in (settings.warehouse_database, settings.published_database, catalog))


def _summarise(settings: Settings, console: Console, seconds: dict[str, float]) -> None:
    tables = Table("table", "rows", title=f"Built in {settings.warehouse_database}", title_justify="left")
    tables.columns[1].justify = "right"
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        names = connection.sql(
            "select schema_name || '.' || table_name from duckdb_tables() "
            f"where schema_name in {SCHEMAS} order by list_position({list(SCHEMAS)}, schema_name), table_name"
        ).fetchall()
        for (name,) in names:
            (count,) = connection.sql(f"select count(*) from {name}").fetchall()[0]
            tables.add_row(name, f"{count:,}")
    console.print(tables)
    durations = Table("step", "seconds", title="How long it took", title_justify="left")
    durations.columns[1].justify = "right"
    for command, duration in seconds.items():
        durations.add_row(command, f"{duration:.1f}")
    console.print(durations)
    if "MAKELEVEL" in os.environ:
        # the shell that called make does not have its path
        console.print("First, so that this shell finds the commands:")
        console.print(f'  [bold]export PATH="{_programs()}:$PATH"[/bold]', soft_wrap=True)
    console.print("Three things to try next:")
    for command, purpose in NEXT_STEPS:
        console.print(f"  [bold]{command}[/bold]  {purpose}", soft_wrap=True)
