"""A step's command in a process of its own: what it says as it goes, and what came of it in numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ontime.artifacts import read_results, target_folder
from ontime.dbt_run import run_dbt
from ontime.errors import OntimeError
from ontime.programs import running_program

if TYPE_CHECKING:
    from orchestration.steps import Step

UNCHANGED: Final = "UNCHANGED"
ERROR: Final = "error: "
# what adds up over the sources or tables that a command tells of
NUMBERS: Final = ("files", "rows", "rejected_rows", "damaged_values")
# commands of dbt whose results are nodes
BUILDING: Final = frozenset({"build", "run", "test", "seed", "snapshot"})


@dataclass(frozen=True)
class Outcome:
    """How a command ended.

    Attributes:
        error: What it said went wrong, none where it ended well.
        counts: What came of it: rows, files, tables, nodes, by name.
    """

    error: str | None
    counts: dict[str, int] = field(default_factory=dict)


def run_command(step: Step, tell: Callable[[str], None], lock: int) -> Outcome:
    """Run a step's command to its end.

    Args:
        step: The step.
        tell: Is given each line of progress.
        lock: File descriptor of the run's lock, which the command holds, too, if the run is killed.
    """
    program, *arguments = step.command.split()
    if program == "dbt":
        return _run_dbt(arguments, tell, lock)
    with tempfile.TemporaryFile("w+") as answer:
        said: list[str] = []
        with running_program(
            [programs() / program, *arguments],
            environment=_environment(),
            stdout=answer,
            stderr=subprocess.PIPE,
            pass_fds=(lock,),
        ) as process:
            for line in process.stderr or ():
                said.append(line.rstrip())
                tell(line.rstrip())
        answer.seek(0)
        return Outcome(_error(process.returncode, said), _counts(answer.read()))


def programs() -> Path:
    """The folder of the commands."""
    return Path(sys.executable).parent


def _run_dbt(arguments: list[str], tell: Callable[[str], None], lock: int) -> Outcome:
    results = target_folder() / "run_results.json"
    before = results.stat().st_mtime_ns if results.exists() else None
    done = run_dbt([programs() / "dbt"], arguments, tell, environment=_environment(), pass_fds=(lock,))
    written = arguments[0] in BUILDING and results.exists() and results.stat().st_mtime_ns != before
    return Outcome(done.said if done.status else None, _node_counts() if written else {})


def _environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{programs()}{os.pathsep}{os.environ.get('PATH', '')}"}


def _error(status: int, said: list[str]) -> str | None:
    if status == 0:
        return None
    errors = [line.removeprefix(ERROR) for line in said if line.startswith(ERROR)]
    return "; ".join(errors or said[-1:]) or f"ended with exit status {status}"


def _counts(answer: str) -> dict[str, int]:
    """The numbers of a command's answer: a list of what it did for each source, or the rows of tables."""
    try:
        told = json.loads(answer)
    except json.JSONDecodeError:
        return {}
    if isinstance(told, dict):
        return {"tables": len(told), "rows": sum(told.values())}
    return {name: sum(each[name] for each in told) for name in NUMBERS}


def _node_counts() -> dict[str, int]:
    try:
        results = read_results(target_folder())
    except OntimeError:
        return {}
    states = Counter(
        "unchanged" if result["adapter_response"].get("code") == UNCHANGED else result["status"] for result in results
    )
    # an engine says -1 where it does not know
    rows = sum(max(result["adapter_response"].get("rows_affected") or 0, 0) for result in results)
    return {"nodes": len(results), **{name: states[name] for name in sorted(states)}, "rows": rows}
