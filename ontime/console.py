"""How commands speak: progress and one-line errors on stderr, and no secret anywhere."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from typer.core import TyperGroup

from ontime.disk_faults import disk_fault
from ontime.errors import OntimeError
from ontime.redaction import without_secrets
from ontime.settings import PREFIX

output = Console()
# where lines of progress stay, those of long work come no faster
SECONDS_BETWEEN_LINES = 5


class ReportingGroup(TyperGroup):
    """A command group whose errors are one line each, whatever command raises them."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as typer has it
        """Run a command; with ONTIME_DEBUG=1 its traceback is shown."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, KeyboardInterrupt):
            raise
        except Exception as error:
            if hasattr(error, "exit_code"):  # wrong usage, which typer reports
                raise
            if debugging():
                report(traceback.format_exc())
            if isinstance(error, OntimeError):
                report(f"error: {error}")
            elif full := disk_fault(error):
                report(f"error: {full}")
            else:
                kind = type(error).__name__
                report(f"error: unexpected {kind}: {first_line(error)} (ONTIME_DEBUG=1 shows where)")
        raise typer.Exit(1)


def report(text: str) -> None:
    """Write to stderr, without secrets."""
    Console(stderr=True, highlight=False).print(without_secrets(text), markup=False, soft_wrap=True)


@contextmanager
def progress_lines(seconds_between: float = 0) -> Iterator[Callable[[str], None]]:
    """A function that shows the present line of progress: in place on a terminal, else as lines on stderr.

    Args:
        seconds_between: How long a line waits for the one before it where all of them stay; those between are left out.
    """
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        shown_at = float("-inf")

        def show(line: str) -> None:
            nonlocal shown_at
            if time.monotonic() - shown_at >= seconds_between:
                shown_at = time.monotonic()
                console.print(without_secrets(line), markup=False, soft_wrap=True)

        yield show
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda line: progress.update(task, description=without_secrets(line))


def first_line(error: BaseException) -> str:
    """The first line of an error's message."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "no message"


def debugging() -> bool:
    """Whether tracebacks are wanted; reading the settings may be what failed."""
    return os.environ.get(f"{PREFIX}DEBUG", "").lower() in {"1", "true", "yes", "on"}


def table(title: str, *columns: str) -> Table:
    """An empty table; columns of numbers stand to the right."""
    made = Table(title=title, title_justify="left")
    for column in columns:
        numeric = column in {"files", "rows", "rejected", "seconds", "partition", "next offset", "lag"}
        made.add_column(column, justify="right" if numeric else "left", overflow="fold")
    return made


def named(source: str, error: str | None) -> str:
    """An error with the source that it is of; many name it themselves."""
    text = error or ""
    return text if text.startswith(f"{source}:") else f"{source}: {text}"


def damage(source: str, damaged_values: int) -> str:
    """Where to look for values that could not be read."""
    return f"{source}: values that cannot be read, and are null: {damaged_values:,}; see raw_{source}.damaged_values"


def days(first: object, last: object) -> str:
    """The days of a period, as tables show them."""
    if first is None:
        return "-"
    return f"{first} to {last}"
