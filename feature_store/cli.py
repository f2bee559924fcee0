"""`ontime training-set`: make training sets, check them, list them."""

import re
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ingestion.console import ReportingGroup, progress_lines, report
from ingestion.receipts import RECEIPT_FILE, sets_folder
from ingestion.settings import Settings
from ingestion.source import IngestError

UNITS_MINUTES = {"m": 1, "h": 60, "d": 1440}
Name = Annotated[str, typer.Argument(help="Name of the training set: a folder in <data_dir>/training_sets.")]

app = typer.Typer(
    cls=ReportingGroup,
    no_args_is_help=True,
    help="Training sets: point-in-time correct examples as Parquet, with a receipt to make them again.",
)
output = Console()


def _horizon(text: str) -> int:
    found = re.fullmatch(r"(\d+)([mhd])", text.strip())
    if found is None:
        raise typer.BadParameter(f"{text!r} is no time span: write for example 30m, 2h or 1d")
    return int(found[1]) * UNITS_MINUTES[found[2]]


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no instant: write for example 2013-06-01 or 2013-06-01T12:00Z") from None
    return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)


@app.command(
    epilog="Examples: ontime training-set create summer --start 2013-06-01 --end 2013-09-01; "
    "ontime training-set create small --horizon 30m --features origin,carrier"
)
def create(
    name: Name,
    horizon: Annotated[
        list[str],
        typer.Option(metavar="SPAN", help="Time before scheduled departure: 30m, 2h or 24h; can be repeated."),
    ] = ["2h"],  # noqa: B006 - typer copies it
    start: Annotated[str | None, typer.Option(metavar="INSTANT", help="First instant of prediction, UTC.")] = None,
    end: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="First instant of prediction that is left out, UTC.")
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(
            metavar="GROUPS", help="Groups of features, for example origin,route,origin_weather; by default all."
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="INSTANT", help="Use only loads completed and facts known by then, UTC; by default now."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a set of the same name.")] = False,
) -> None:
    """Build the examples from raw, and write them in three parts, with a receipt."""
    from feature_store import training_sets  # noqa: PLC0415 - `--help` does without
    from feature_store.receipt import Choices  # noqa: PLC0415

    settings = Settings.load()
    choices = Choices(
        horizons_minutes=tuple(sorted({_horizon(text) for text in horizon})),
        start=_instant(start),
        end=_instant(end),
        features=tuple(part.strip() for part in features.split(",")) if features else (),
    )
    with progress_lines() as tell:
        tell("building the examples from raw")
        receipt = training_sets.create(settings, name, choices, _instant(as_of), force=force)
    table = Table("part", "rows", "first prediction (UTC)", "last prediction (UTC)", title_justify="left")
    table.title = f"Training set {name}"
    table.columns[1].justify = "right"
    for part, written in receipt.parts.items():
        table.add_row(part, f"{written.rows:,}", str(written.first_prediction_at), str(written.last_prediction_at))
    output.print(table)
    output.print(f"{len(receipt.columns)} columns; embargo of {receipt.embargo_minutes:,} minutes between the parts")
    output.print(f"Written to {sets_folder(settings) / name}")
    output.print(f"Next: [bold]ontime training-set verify {name}[/bold]")


@app.command(epilog="Example: ontime training-set verify summer")
def verify(name: Name) -> None:
    """Make a set again from raw as of its instant, and compare byte for byte."""
    from feature_store import training_sets  # noqa: PLC0415

    with progress_lines() as tell:
        tell("building the examples from raw again")
        findings = training_sets.verify(Settings.load(), name)
    if findings.is_sound:
        output.print(f"{name} is what raw gives, byte for byte.")
        return
    for model in findings.changed_definitions:
        report(f"changed definition: {model}")
    if findings.excluded_rows:
        report(
            f"{name} holds {findings.excluded_rows:,} rows of excluded aircraft: create it again with --force, "
            "or remove it"
        )
    for part in findings.damaged_parts:
        report(f"damaged: {part} is not what the receipt says")
    for part in findings.differing_parts:
        report(f"different: {part} is not what raw gives")
    raise typer.Exit(1)


@app.command("list", epilog="Example: ontime training-set list")
def list_sets() -> None:
    """List the training sets."""
    from feature_store.receipt import Receipt  # noqa: PLC0415

    folder = sets_folder(Settings.load())
    table = Table(
        "name", "created (UTC)", "as of (UTC)", "rows", "content", title="Training sets", title_justify="left"
    )
    table.columns[3].justify = "right"
    for path in sorted(folder.glob(f"*/{RECEIPT_FILE}")):
        receipt = Receipt.read(path.parent)
        rows = sum(part.rows for part in receipt.parts.values())
        instants = (f"{instant:%Y-%m-%d %H:%M}" for instant in (receipt.created_at, receipt.as_of))
        table.add_row(receipt.name, *instants, f"{rows:,}", receipt.content_sha256[:12])
    if not table.row_count:
        raise IngestError(f"no training set in {folder}: make one with ontime training-set create NAME")
    output.print(table)


@app.command(epilog="Example: ontime training-set remove summer")
def remove(name: Name) -> None:
    """Remove a training set, as one that holds excluded aircraft must be."""
    from feature_store import training_sets  # noqa: PLC0415

    training_sets.remove(Settings.load(), name)
    output.print(f"Removed {name}.")
