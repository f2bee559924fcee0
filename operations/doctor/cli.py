"""Look for what keeps the commands from working, and say what to do about it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from ontime.console import output, progress_lines
from ontime.redaction import without_secrets
from operations.doctor.examination import examine

if TYPE_CHECKING:
    from engines.finding import Finding

COLOURS: Final = {"ok": "green", "warning": "yellow", "problem": "bold red"}
HELP: Final = """
Look for what keeps the commands from working, and say what to do about it.

It looks at the versions of Python and the packages, the settings, the target
with its server, extensions and Java, raw and what is built, loads that were cut
off, locks, folders, disks and dbt's profile. It changes nothing.

The exit status is 1 if there is a problem, and 0 if there are only warnings.

Examples:

  ontime doctor

  ONTIME_TARGET=postgres ontime doctor --json
"""


app = typer.Typer(add_completion=False)


@app.command(help=HELP)
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of what was found.")] = False,
) -> None:
    """Look for what keeps the commands from working."""
    with progress_lines() as tell:
        findings = list(examine(tell))
    if as_json:
        typer.echo(without_secrets(json.dumps([asdict(finding) for finding in findings], indent=2)))
    else:
        _show(findings)
    if any(finding.level == "problem" for finding in findings):
        raise typer.Exit(1)


def _show(findings: list[Finding]) -> None:
    table = Table(title="Found", title_justify="left")
    for column in ("status", "check", "found", "what to do"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        cells = (Text(without_secrets(text)) for text in (finding.check, finding.found, finding.todo))
        table.add_row(Text(finding.level, style=COLOURS[finding.level]), *cells)
    output.print(table)
    counts = Counter(finding.level for finding in findings)
    output.print(f"{counts['problem']} problems, {counts['warning']} warnings")
    if counts["problem"]:
        output.print("Next: do what the last column says, then [bold]ontime doctor[/bold] again")
    else:
        output.print("Next: [bold]ontime status[/bold]")
