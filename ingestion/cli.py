"""Fetch sources and load what is new into the raw schemas."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from ingestion.landed_file import Coverage
from ingestion.ops import IngestRun
from ingestion.registry import DEFAULT
from ingestion.run import ingest as run
from ingestion.source import Request
from ontime.console import damage, days, named, output, progress_lines, report, table
from ontime.errors import OntimeError
from ontime.months import Period
from ontime.redaction import without_secrets
from ontime.schemas import SOURCES
from ontime.settings import Settings
from ontime.times import FORMS, check_time, period_of, read_time

EXAMPLES = """
Fetch sources and load what is new into the raw schemas.

Without SOURCE it loads the 2013 sample and its reference data, which need no network. What is loaded already
is neither downloaded nor loaded again. A run that was cut off is simply run again.

The sample is loaded whole, whatever the period, and of events all that landed. Without a period, asos asks for
the months of the loaded flights.

Examples:

  ontime ingest

  ontime ingest bts --start 2024-01 --end 2024-03

  ontime ingest bts --from downloads/

  ontime ingest asos --start 2024-01

  ontime ingest bts --new

  ontime ingest events
"""

NAMED = f"{', '.join(SOURCES[:-1])} or {SOURCES[-1]}."

app = typer.Typer(add_completion=False)


def _source_names(names: list[str] | None) -> list[str]:
    for name in names or []:
        if name not in SOURCES:
            raise typer.BadParameter(f"{name!r} is no source: choose from {', '.join(SOURCES)}")
    return names or []


@app.command(help=EXAMPLES)
def ingest(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE",
            help=NAMED,
            callback=_source_names,
            show_default=False,
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(metavar="TIME", help=f"The first month, or a time in it: {FORMS}.", callback=check_time),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Where it ends; a month or a day is included. Without it, with the first month.",
            callback=check_time,
        ),
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option("--from", metavar="DIR_OR_URL", help="Read this folder or address instead of the source's own."),
    ] = None,
    full_refresh: Annotated[
        bool,
        typer.Option("--full-refresh", help="Fetch and load again, as a new version; nothing is deleted."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Load a file with far fewer rows than its last version.")
    ] = False,
    only_new: Annotated[
        bool,
        typer.Option(
            "--new",
            help="Ask for what may have come since what landing holds: of bts the months after it, and the three newest"
            " again; of asos no month before it. What is not published yet is no error.",
        ),
    ] = False,
    coverage: Annotated[
        Coverage | None,
        typer.Option(
            help="What the files of bts are: all of their month, so that what they lack is gone from it, or a part that"
            " adds to it; without it, their names and columns tell."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of what was done.")] = False,
) -> None:
    """Fetch sources and load what is new."""
    names = sources or list(DEFAULT)
    request = Request(_period(start, end), origin, full_refresh, force, coverage, only_new)
    if origin is not None and len(names) != 1:
        raise typer.BadParameter("takes one SOURCE", param_hint="--from")
    if coverage is not None and names != ["bts"]:
        raise typer.BadParameter("is for bts only", param_hint="--coverage")
    if only_new and start is not None:
        raise typer.BadParameter("has a period of its own, without --start", param_hint="--new")
    settings = Settings.load()
    with progress_lines() as tell:
        runs = list(run(settings, names, request, tell))
    if as_json:
        typer.echo(without_secrets(json.dumps([asdict(done) for done in runs], default=str)))
    else:
        _show(runs)
    failed = [done for done in runs if done.status == "failed"]
    for done in failed:
        report(f"error: {named(done.source, done.error)}")
    if failed:
        raise typer.Exit(1)
    if as_json:
        return
    if any(done.status == "loaded" for done in runs):
        output.print("Next: [bold]dbt build[/bold], then [bold]ontime publish[/bold]")
    else:
        output.print("Nothing new. Next: [bold]ontime status[/bold]")


def _show(runs: list[IngestRun]) -> None:
    shown = table("Ingested", "source", "status", "period", "files", "rows", "rejected", "seconds")
    for done in runs:
        numbers = (f"{number:,}" for number in (done.files, done.rows, done.rejected_rows))
        period = days(done.period_start, done.period_end)
        shown.add_row(done.source, done.status, period, *numbers, f"{done.seconds:.1f}")
    output.print(shown)
    for done in runs:
        if done.damaged_values:
            output.print(damage(done.source, done.damaged_values), soft_wrap=True)


def _period(start: str | None, end: str | None) -> Period | None:
    if start is None:
        if end is not None:
            raise typer.BadParameter("needs --start, too", param_hint="--end")
        return None
    try:
        return period_of(read_time(start), read_time(end) if end else None)
    except OntimeError as error:
        raise typer.BadParameter(str(error), param_hint="--end") from None
