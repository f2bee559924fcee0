"""Compute features as events come in, and look after the stream."""

from __future__ import annotations

import typer

from ontime.console import ReportingGroup
from streaming.live.cli import live
from streaming.sink.dead_letters_cli import app as dead_letters

HELP = """
Take events to landing, and compute features of them as they come in, until Ctrl-C or SIGTERM.

Rows of features that come into force stand in data/live/features.duckdb, which anybody may open at any time. A run that
was cut off is simply run again.

Examples:

  ontime stream --watch JFK,LGA,EWR

  ontime stream --no-sink

  ontime stream --online
"""

app = typer.Typer(cls=ReportingGroup, add_completion=False, help=HELP)
app.callback(invoke_without_command=True, help=HELP)(live)
app.add_typer(dead_letters, name="dead-letters")
