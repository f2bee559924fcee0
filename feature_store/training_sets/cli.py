"""Training sets: point-in-time correct examples as Parquet, with a receipt to make them again."""

from typing import Annotated

import typer
from rich.table import Table

from feature_store.questions import DEFAULT_QUESTION
from feature_store.training_sets import sets as training_sets
from feature_store.training_sets.choices import Choices, read_groups, read_horizon, read_instant
from feature_store.training_sets.receipt import sets_folder
from feature_store.training_sets.sets import receipts
from ontime.console import SECONDS_BETWEEN_LINES, ReportingGroup, output, progress_lines, report
from ontime.errors import OntimeError
from ontime.settings import Settings
from ontime.times import FORMS

Name = Annotated[str, typer.Argument(help="Name of the training set: a folder in <data_dir>/training_sets.")]
app = typer.Typer(
    cls=ReportingGroup,
    add_completion=False,
    no_args_is_help=True,
    help=__doc__,
)


@app.command(
    epilog="Examples: ontime training-set create summer --start 2013-06 --end 2013-08; "
    "ontime training-set create small --horizon 30m --features origin,carrier; "
    "ontime training-set create arrivals --question arrival_delayed_15 --horizon departure"
)
def create(
    name: Name,
    question: Annotated[
        str, typer.Option(metavar="NAME", help="Which question the examples are of: ontime questions list.")
    ] = DEFAULT_QUESTION,
    horizon: Annotated[
        list[str],
        typer.Option(
            metavar="SPAN",
            help="Time before scheduled departure as the question has it: 30m, 2h, 24h, departure; can be repeated.",
        ),
    ] = ["2h"],  # noqa: B006 - typer copies it
    start: Annotated[str | None, typer.Option(metavar="TIME", help=f"Where predictions begin: {FORMS}.")] = None,
    end: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Where they end; a month or a day is included, an instant is not."),
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
            "--as-of",
            metavar="TIME",
            help="Use only loads completed and labels known by then, when a month or a day begins; by default all.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a set of the same name.")] = False,
) -> None:
    """Take the examples that are kept, or build them from raw, and write them in three parts, with a receipt."""
    settings = Settings.load()
    choices = Choices(
        question=question,
        horizons_minutes=tuple(sorted({read_horizon(text) for text in horizon})),
        start=read_instant("--start", start),
        end=read_instant("--end", end, is_end=True),
        features=read_groups(features),
    )
    with progress_lines(SECONDS_BETWEEN_LINES) as tell:
        receipt = training_sets.create(settings, name, choices, read_instant("--as-of", as_of), tell, force=force)
    table = Table("part", "rows", "first prediction (UTC)", "last prediction (UTC)", title_justify="left")
    table.title = f"Training set {name} of {question}"
    table.columns[1].justify = "right"
    for part, written in receipt.parts.items():
        table.add_row(part, f"{written.rows:,}", str(written.first_prediction_at), str(written.last_prediction_at))
    output.print(table)
    output.print(f"{len(receipt.columns)} columns; embargo of {receipt.embargo_minutes:,} minutes between the parts")
    if receipt.corrected_later:
        output.print(
            f"{receipt.corrected_later:,} examples left out: their label was corrected after the next part began"
        )
    output.print(f"Written to {sets_folder(settings) / name}")
    output.print(f"Next: [bold]ontime training-set verify {name}[/bold]")


@app.command(epilog="Example: ontime training-set verify summer")
def verify(name: Name) -> None:
    """Make a set again from its loads, and compare byte for byte."""
    with progress_lines(SECONDS_BETWEEN_LINES) as tell:
        findings = training_sets.verify(Settings.load(), name, tell)
    if findings.is_sound:
        output.print(f"{name} is what raw gives, byte for byte.")
        return
    for model in findings.changed_definitions:
        report(f"changed definition: {model}")
    for change in findings.changed_loads:
        report(f"changed loads: {change}")
    if findings.excluded_rows:
        report(
            f"{name} holds {findings.excluded_rows:,} rows of excluded aircraft: create it again with --force, "
            "or remove it"
        )
    for part in findings.damaged_parts:
        report(f"damaged: {part} is not what the receipt says")
    for part in findings.differing_parts:
        report(f"different: {part} is not what raw gives")
    if findings.failure:
        report(f"error: {name} could not be made again: {findings.failure}")
    raise typer.Exit(1)


@app.command("list", epilog="Example: ontime training-set list")
def list_sets() -> None:
    """List the training sets."""
    settings = Settings.load()
    table = Table(
        "name",
        "question",
        "created (UTC)",
        "as of (UTC)",
        "loads to",
        "rows",
        "content",
        title="Training sets",
        title_justify="left",
    )
    for index in (4, 5):
        table.columns[index].justify = "right"
    for name, receipt in receipts(settings).items():
        rows = sum(part.rows for part in receipt.parts.values())
        as_of = f"{receipt.as_of:%Y-%m-%d %H:%M}" if receipt.as_of else "-"
        loads = "-" if receipt.until_load is None else str(receipt.until_load)
        created = f"{receipt.created_at:%Y-%m-%d %H:%M}"
        table.add_row(name, receipt.choices.question, created, as_of, loads, f"{rows:,}", receipt.content_sha256[:12])
    if not table.row_count:
        raise OntimeError(
            f"no training set in {sets_folder(settings)}", remedy="make one with ontime training-set create NAME"
        )
    output.print(table)


@app.command(epilog="Example: ontime training-set remove summer")
def remove(name: Name) -> None:
    """Remove a training set, as one that holds excluded aircraft must be."""
    training_sets.remove(Settings.load(), name)
    output.print(f"Removed {name}.")
