"""Fill and check the online store."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import typer

from ontime.console import SECONDS_BETWEEN_LINES, output, progress_lines, report, table
from ontime.settings import Settings
from ontime.times import FORMS, METAVAR, check_time, read_time

Source = Annotated[
    str | None,
    typer.Option("--from", metavar="SOURCE", help="dev, postgres, lake, spark or published; by default the target."),
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar=METAVAR, callback=check_time, help=f"The instant: {FORMS}; by default now."),
]


def materialize(
    source: Source = None,
    at: At = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows of each table as a JSON object.")] = False,
) -> None:
    """Write the newest features of each entity to the online store, and take excluded aircraft out of it."""
    from feature_store.online import materialize as filling  # noqa: PLC0415 - slow to import
    from feature_store.online.excluded import ExcludedAircraft  # noqa: PLC0415
    from feature_store.online.store import open_store  # noqa: PLC0415
    from feature_store.registry.catalogue import load_catalogue  # noqa: PLC0415
    from ontime.project import project_folder  # noqa: PLC0415

    settings = Settings.load()
    with progress_lines(SECONDS_BETWEEN_LINES) as tell:
        excluded = ExcludedAircraft(project_folder())
        done = filling.materialize(
            settings, load_catalogue(), open_store(settings), excluded, read_instant(at), source, tell
        )
    if as_json:
        typer.echo(json.dumps({each.table: each.rows for each in done}))
        return
    shown = table("Online store", "table", "rows", "of")
    for each in done:
        shown.add_row(each.table, f"{each.rows:,}", "all entities" if each.is_refilled else "what is new")
    output.print(shown)
    output.print("Next: [bold]ontime serve[/bold]")


def parity(
    sample: Annotated[int, typer.Option(min=1, help="How many entities of each table are compared.")] = 10_000,
    source: Source = None,
    at: At = None,
) -> None:
    """Compare what is served with what was built and what the stream computed; ends with 1 at the first difference."""
    from feature_store.online.excluded import ExcludedAircraft  # noqa: PLC0415 - slow to import
    from feature_store.online.opening import open_online_features  # noqa: PLC0415
    from feature_store.online.parity import Comparison  # noqa: PLC0415
    from ontime.project import project_folder  # noqa: PLC0415

    settings = Settings.load()
    with progress_lines(SECONDS_BETWEEN_LINES) as tell:
        comparison = Comparison(
            settings,
            open_online_features(settings),
            ExcludedAircraft(project_folder()),
            read_instant(at),
            source,
            tell,
        )
        found = list(islice(comparison.differences(sample), 1))
    for difference in found:
        report(f"error: {difference}")
        raise typer.Exit(1)
    output.print(f"{comparison.compared:,} entities are served as they are known.")


def read_instant(text: str | None) -> datetime:
    """The first instant of a time, by default now: UTC without zone."""
    return datetime.now(UTC).replace(tzinfo=None) if text is None else read_time(text).first
