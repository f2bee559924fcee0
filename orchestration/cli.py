"""Run the day: ingest, build and test, publish, fill the online store, compare, document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ontime.console import output, report, table
from ontime.errors import OntimeError
from ontime.redaction import without_secrets
from ontime.settings import Settings

if TYPE_CHECKING:
    from orchestration.daily import DailyRun
    from orchestration.steps import Step

HELP: Final = """
Run the day: ingest what is new, build what it changes and test it, publish, fill the online store, compare it with
what was built, generate the docs.

A run goes on where the last one of the day (UTC) was held up: at the step that failed or was cut off, and with what
comes after it. A new day begins with the first step, and so does a run after one that ended well.

Sources are those that are loaded, or those of ONTIME_DAILY_SOURCES. One that cannot be had keeps nobody from what the
others brought; a build that failed is not published.

One run is at work at a time. The exit status is 0 if all steps ended well, and 1 if not. What was done stands in
data/logs/daily.jsonl, an event a line.

Examples:

  ontime run-daily

  ontime run-daily --sources bts,asos --dry-run

  ontime run-daily --list --json

  ontime run-daily --step build
"""

app = typer.Typer(add_completion=False)


@app.command(help=HELP)
def run_daily(
    sources: Annotated[
        str | None,
        typer.Option(metavar="SOURCE,SOURCE,…", help="What is ingested, in the place of ONTIME_DAILY_SOURCES."),
    ] = None,
    step: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Run this step alone, whatever was done; for schedulers that know the order."
        ),
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Begin with the first step.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell which steps would be run.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Only tell all steps, and what each waits for.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the steps, or what was done, as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but what went wrong.")] = False,
) -> None:
    """Run the day."""
    from orchestration import daily  # noqa: PLC0415 - slow to import
    from orchestration.steps import step_named, steps_of  # noqa: PLC0415

    settings, tell = Settings.load(), _silent if quiet else report
    steps = steps_of(settings, sources, tell)
    if step is not None:
        steps = (step_named(step, steps),)
    if listed:
        _show_steps(steps, as_json=as_json)
        return
    if dry_run:
        _show_steps(steps if step else _left(settings, steps, restart=restart), as_json=as_json)
        return
    if step is None:
        done = daily.run_daily(settings, steps, tell, restart=restart, quiet=quiet)
    else:
        done = daily.run_step(settings, steps[0], tell, quiet=quiet)
    if as_json:
        typer.echo(without_secrets(json.dumps(asdict(done) | {"is_well": done.is_well})))
    elif not quiet:
        _show(done)
    if not done.is_well:
        raise _failure(done)


def _left(settings: Settings, steps: Sequence[Step], *, restart: bool) -> Sequence[Step]:
    from operations.status.day import DayState, day_file  # noqa: PLC0415
    from orchestration.daily import today  # noqa: PLC0415
    from orchestration.steps import steps_to_run  # noqa: PLC0415

    return steps_to_run(steps, None if restart else DayState.read(day_file(settings)), today())


def _show_steps(steps: Sequence[Step], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([asdict(step) for step in steps], indent=2))
        return
    shown = table("Steps of the day", "step", "what it does", "command", "needs")
    for step in steps:
        shown.add_row(step.name, step.does, step.command, ", ".join(step.needs) or "-")
    output.print(shown)


def _show(done: DailyRun) -> None:
    from orchestration.daily import counted  # noqa: PLC0415

    shown = table("Run", "step", "status", "seconds", "what came of it")
    for run in done.steps:
        shown.add_row(run.name, run.status, f"{run.seconds:.1f}", without_secrets(counted(run)))
    output.print(shown)
    if done.is_well:
        output.print(f"Done in {done.seconds:.1f} s. Next: [bold]ontime status[/bold]")


def _failure(done: DailyRun) -> OntimeError:
    """What went wrong, in a line."""
    failed = [f"{run.name} failed: {run.error}" for run in done.steps if run.status == "failed"]
    return OntimeError(
        " ".join("; ".join(failed).split()), remedy="mend it, then run ontime run-daily again: it goes on there"
    )


def _silent(_line: str) -> None:
    """What goes well is not told."""
