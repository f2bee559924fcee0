"""How commands speak: progress and one-line errors on stderr, and no secret anywhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from typer.core import TyperGroup

from ingestion.settings import PREFIX
from ingestion.source import IngestError

SECRET_WORDS = ("SECRET", "PASSWORD", "TOKEN", "CREDENTIAL", "API_KEY", "ACCESS_KEY", "STORAGE_OPTIONS")
SHORTEST_SECRET = 4


class ReportingGroup(TyperGroup):
    """A command group whose errors are one line each, whatever command raises them."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as typer has it
        """Run a command; with ONTIME_DEBUG=1 its traceback is shown."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, KeyboardInterrupt):
            raise
        except IngestError as error:
            if debugging():
                raise
            report(str(error))
        except Exception as error:
            is_usage_error = hasattr(error, "exit_code")
            if is_usage_error or debugging():
                raise
            kind = type(error).__name__
            report(f"unexpected {kind}: {first_line(error)} (ONTIME_DEBUG=1 shows where)")
        raise typer.Exit(1)


def report(message: str) -> None:
    """Write an error to stderr, a line each, without secrets."""
    console = Console(stderr=True, highlight=False)
    for line in without_secrets(message).splitlines():
        console.print("error:", line, markup=False, soft_wrap=True)


@contextmanager
def progress_lines() -> Iterator[Callable[[str], None]]:
    """A function that shows the present line of progress: in place on a terminal, else as lines on stderr."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda line: console.print(without_secrets(line), markup=False, soft_wrap=True)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda line: progress.update(task, description=without_secrets(line))


def without_secrets(text: str) -> str:
    """A text with the values of secret settings and variables blotted out."""
    for secret in sorted(_secrets(), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def first_line(error: BaseException) -> str:
    """The first line of an error's message."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "no message"


def debugging() -> bool:
    """Whether tracebacks are wanted; reading the settings may be what failed."""
    return os.environ.get(f"{PREFIX}DEBUG", "").lower() in {"1", "true", "yes", "on"}


def _secrets() -> set[str]:
    found: set[str] = set()
    for name, value in os.environ.items():
        if any(word in name.upper() for word in SECRET_WORDS):
            found.add(value)
            found |= set(_texts(value))
    return {secret for secret in found if len(secret) >= SHORTEST_SECRET}


def _texts(value: str) -> Iterator[str]:
    """The texts in a JSON value: a secret may stand by itself in a message."""
    try:
        parsed = json.loads(value)
    except json.JSONDecodeError:
        return
    waiting = [parsed]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str):
            yield item
