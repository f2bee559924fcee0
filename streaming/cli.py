"""Look after the stream: its dead letters."""

from __future__ import annotations

import typer

from ontime.console import ReportingGroup
from streaming.sink.dead_letters_cli import app as dead_letters

app = typer.Typer(cls=ReportingGroup, add_completion=False, no_args_is_help=True, help=__doc__)
app.add_typer(dead_letters, name="dead-letters")
