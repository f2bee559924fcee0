"""From nothing to tested marts: the sample loaded, every model built, the docs generated, the marts published."""

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from engines.targets import open_raw
from ingestion.raw.loads import completed_loads
from ontime.artifacts import target_folder
from ontime.console import SECONDS_BETWEEN_LINES, progress_lines, report
from ontime.dbt_run import run_dbt
from ontime.errors import OntimeError
from ontime.project import hash_project, project_folder
from ontime.schemas import OPERATIONS, dataset_name
from ontime.settings import Settings

STEPS = (
    # unit tests prove the models' logic, not the data: `make test` runs them
    "dbt build --selector data",
    "dbt docs generate --no-compile",
    "ontime publish",
)
# as README's table of speed has it
HOW_LONG = "67 to 101 seconds on 2 idle cores"
LACKING = (
    ("causes of delays and cancellations", "ontime ingest bts --start 2013-01"),
    ("present weather and ceilings", "ontime ingest asos --start 2013-01"),
)
NEXT_STEPS = (
    ("ontime status", "what is loaded, and how fresh it is"),
    ("ontime docs build", "pages of every table, column and feature: where it comes from, how to take it"),
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
    record = settings.data_dir / "quickstart.json"
    if not record.exists():
        what = "The flights that left New York in 2013: loaded, built, tested and published"
        console.print(f"{what} in {HOW_LONG}.", soft_wrap=True)
    _run("ontime ingest", console, seconds)
    fingerprint = _fingerprint(settings)
    if _recorded(record) == fingerprint and _outputs_exist(settings):
        console.print("Nothing has changed since the last build.")
    else:
        record.unlink(missing_ok=True)
        for command in STEPS:
            _run(command, console, seconds)
        record.write_text(json.dumps({"fingerprint": fingerprint}))
    _summarise(console, seconds)


def _run(command: str, console: Console, seconds: dict[str, float]) -> None:
    console.print(f"[bold]$ {command}[/bold]")
    started = time.monotonic()
    program, *arguments = command.split()
    status = _status(_programs() / program, arguments)
    seconds[command] = time.monotonic() - started
    if status != 0:
        raise OntimeError(
            f"`{command}` failed with exit status {status}", remedy="see its message above, then run it again"
        )


def _status(program: Path, arguments: list[str]) -> int:
    """Run a program, and give its exit status; of dbt one line is shown at a time, and its errors."""
    environment = os.environ | {"PATH": f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    if program.name != "dbt":
        return subprocess.run([program, *arguments], env=environment, check=False).returncode
    with progress_lines(SECONDS_BETWEEN_LINES) as tell:
        done = run_dbt([program], arguments, tell, environment=environment)
    if done.status != 0:
        report(done.said)
    return done.status


def _programs() -> Path:
    """Where the commands stand."""
    return Path(sys.executable).parent


def _fingerprint(settings: Settings) -> str:
    """A hash of all that a build depends on: the project's files and the completed loads."""
    digest = hashlib.sha256(hash_project(project_folder()).encode())
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


def _summarise(console: Console, seconds: dict[str, float]) -> None:
    durations = Table("step", "seconds", title="How long it took", title_justify="left")
    durations.columns[1].justify = "right"
    for command, duration in seconds.items():
        durations.add_row(command, f"{duration:.1f}")
    console.print(durations)
    if "MAKELEVEL" in os.environ:
        # the shell that called make does not have its path
        console.print("First, so that this shell finds the commands:")
        console.print(f'  [bold]export PATH="{_programs()}:$PATH"[/bold]', soft_wrap=True)
    console.print("What the sample lacks, and what loads a month of it, for the next dbt build:", soft_wrap=True)
    for what, command in LACKING:
        console.print(f"  [bold]{command}[/bold]  {what}", soft_wrap=True)
    console.print("Three things to try next:")
    for command, purpose in NEXT_STEPS:
        console.print(f"  [bold]{command}[/bold]  {purpose}", soft_wrap=True)
