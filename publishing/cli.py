"""Replace what consumers read with the marts, reports and features as they now are."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from ontime.console import SECONDS_BETWEEN_LINES, output, progress_lines, table
from ontime.settings import Settings
from publishing import published_file
from publishing.iceberg import publish as iceberg

EXAMPLES = """
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


app = typer.Typer(add_completion=False)


@app.command(help=EXAMPLES)
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows of each table as a JSON object.")] = False,
) -> None:
    """Replace what consumers read."""
    publish_copy = _publish_iceberg if to is Copy.ICEBERG else _publish_file
    publish_copy(Settings.load(), force=force, allow_empty=allow_empty, as_json=as_json)


def _publish_file(settings: Settings, *, force: bool, allow_empty: bool, as_json: bool) -> None:
    with progress_lines(SECONDS_BETWEEN_LINES) as tell:
        done = published_file.publish(settings, tell, force=force, allow_empty=allow_empty)
    if as_json:
        typer.echo(json.dumps(done.tables))
        return
    shown = table("Published", "table", "rows")
    for name, rows in done.tables.items():
        shown.add_row(name, f"{rows:,}")
    output.print(shown)
    output.print(f"Next: read {done.path}, for example with DuckDB, read-only", soft_wrap=True)


def _publish_iceberg(settings: Settings, *, force: bool, allow_empty: bool, as_json: bool) -> None:
    with progress_lines(SECONDS_BETWEEN_LINES) as tell:
        done = iceberg.publish(settings, tell, force=force, allow_empty=allow_empty)
    if as_json:
        typer.echo(json.dumps({name: published.rows for name, published in done.tables.items()}))
        return
    shown = table("Published", "table", "rows", "snapshot")
    for name, published in done.tables.items():
        shown.add_row(name, f"{published.rows:,}", str(published.snapshot_id))
    output.print(shown)
    output.print(f"Next: read them at {done.catalog}; {settings.published_manifest} names them", soft_wrap=True)
