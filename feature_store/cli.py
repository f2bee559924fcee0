"""Features: find them, get those in force at the instants of your own rows, watch them, and fill the online store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from feature_store.monitoring.cli import drift
from feature_store.online.cli import Source, materialize, parity
from ontime.console import SECONDS_BETWEEN_LINES, ReportingGroup, output, progress_lines, table
from ontime.settings import Settings

app = typer.Typer(cls=ReportingGroup, add_completion=False, no_args_is_help=True, help=__doc__)
Features = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Tables and features, as origin_departures:departures_3h,carrier_departures; by default all.",
    ),
]


@app.command(
    epilog="Example: ontime features get flights.csv --at scheduled_at "
    "--features origin_departures:departures_3h,carrier_departures -o features.parquet"
)
def get(
    spine: Annotated[Path, typer.Argument(help="CSV or Parquet file of your rows, with the keys under their names.")],
    at: Annotated[str, typer.Option(metavar="COLUMN", help="The instants: with a zone, or without, which means UTC.")],
    out: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="CSV or Parquet file to write.")],
    features: Features = None,
    source: Source = None,
) -> None:
    """Add to each row the features in force at its instant: every row once, in its order.

    Columns are called <entity>__<feature>; <entity>__known_at tells from when on they hold. Null is what was not known
    by then, or is over its table's maximum age.
    """
    from feature_store.retrieval.files import retrieve_file  # noqa: PLC0415 - `--help` does without

    with progress_lines(SECONDS_BETWEEN_LINES) as tell:
        rows = retrieve_file(Settings.load(), spine, out, at=at, features=features, source=source, tell=tell)
    output.print(f"Wrote {rows:,} rows to {out}", soft_wrap=True)


@app.command("list", epilog="Example: ontime features list")
def list_tables() -> None:
    """List the tables of features: their keys, their maximum age and their owner."""
    from feature_store.registry.catalogue import load_catalogue  # noqa: PLC0415 - `--help` does without
    from feature_store.registry.listing import span  # noqa: PLC0415

    shown = table("Features", "table", "keys", "features", "maximum age", "owner")
    for each in load_catalogue().tables:
        shown.add_row(
            each.short_name, ", ".join(each.key_names), str(len(each.features)), span(each.maximum_age), each.owner
        )
    output.print(shown)
    output.print("Next: ontime features show TABLE")


@app.command(epilog="Examples: ontime features show origin_departures; ontime features show --all > docs/features.md")
def show(
    name: Annotated[str | None, typer.Argument(metavar="TABLE", help="A table of features.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Write all tables as a page of Markdown.")] = False,
) -> None:
    """Show what a table of features holds."""
    from feature_store.registry.catalogue import load_catalogue  # noqa: PLC0415 - `--help` does without
    from feature_store.registry.listing import describe, write_listing  # noqa: PLC0415

    if everything == (name is not None):
        raise typer.BadParameter("name one table, or --all", param_hint="TABLE")
    catalogue = load_catalogue()
    typer.echo(write_listing(catalogue) if name is None else describe(catalogue.table(name)), nl=False)


@app.command(epilog="Example: ontime features apply")
def apply() -> None:
    """Write Feast's registry of all features into the data folder."""
    from feature_store.feast_api.store import apply_registry  # noqa: PLC0415 - Feast takes seconds to import

    path = apply_registry(Settings.load())
    output.print(f"Wrote {path}", soft_wrap=True)
    output.print("Next: ontime features ui")


@app.command(epilog="Example: ontime features ui --port 8888")
def ui(port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 8888) -> None:
    """Serve Feast's pages of the registry on this machine, to be read, until Ctrl-C or SIGTERM."""
    from ontime.scratch import work_folder  # noqa: PLC0415 - `--help` does without

    settings = Settings.load()
    # Feast makes a temporary folder where it is imported, and leaves it behind where it is killed
    with work_folder(settings, "ui"):
        from feature_store.feast_api.ui import serve_ui  # noqa: PLC0415 - Feast takes seconds to import

        serve_ui(settings, port)


app.command(
    epilog="Examples: ontime features materialize; ontime features materialize --from published --at 2013-12-31T12:00Z"
)(materialize)
app.command(epilog="Example: ontime features parity --sample 10000")(parity)
app.command(
    epilog="Examples: ontime features drift; ontime features drift --against summer --since 2013-12 -o drift.html"
)(drift)
