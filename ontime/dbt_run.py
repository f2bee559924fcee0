"""dbt in a process of its own, with what it does told in a line."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ontime.programs import running_program

# dbt's own words, one event a line
AS_EVENTS: Final = ("--log-format", "json", "--no-use-colors")
NODE_STARTS: Final = "LogStartLine"


@dataclass(frozen=True)
class DbtRun:
    """How a command of dbt ended.

    Attributes:
        status: Its exit status.
        said: Its errors, and what it wrote that was no event; how it was ended, where it said nothing.
    """

    status: int
    said: str


def run_dbt(
    program: Sequence[str | Path],
    arguments: Sequence[str],
    tell: Callable[[str], None],
    *,
    environment: Mapping[str, str],
    pass_fds: Sequence[int] = (),
) -> DbtRun:
    """Run a command of dbt, and tell which of its nodes it is at, of how many, and after how long.

    Args:
        program: What takes dbt's arguments.
        arguments: The command and its options.
        tell: Is given each line of progress.
        environment: Of the process.
        pass_fds: Open files that the process is to keep.
    """
    started = time.monotonic()
    said = []
    tell(f"dbt {arguments[0]} reads the project")
    with running_program(
        [*program, *AS_EVENTS, *arguments],
        environment=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=pass_fds,
    ) as process:
        for line in process.stdout or ():
            event = _read(line)
            if event is None:
                said.append(line.rstrip())
            elif event["info"]["level"] == "error":
                said.append(event["info"]["msg"])
            elif event["info"]["name"] == NODE_STARTS:
                node = event["data"]
                seconds = int(time.monotonic() - started)
                tell(f"{node['index']:,} of {node['total']:,}, {seconds:,} s: {node['description']}")
    how = f"ended by {signal.Signals(-process.returncode).name}" if process.returncode < 0 else "no message"
    return DbtRun(process.returncode, "\n".join(said).strip() or how)


def _read(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except json.JSONDecodeError:
        return None
    return event if isinstance(event, dict) and "info" in event else None
