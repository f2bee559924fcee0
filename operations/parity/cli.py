"""Compare every contract-bound table of some targets. Builds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from ontime.artifacts import target_folder
from ontime.console import output, progress_lines
from ontime.setting_types import TARGETS
from ontime.settings import Settings
from operations.parity.comparison import compare

if TYPE_CHECKING:
    from operations.parity.comparison import TableParity

REFERENCE: Final = "dev"
HELP: Final = """
Compare every contract-bound table of some targets. Builds nothing.

The marts, reports, features, training tables and histories of the first target
are the reference. Row by row on the key, in all columns, differences are: a
table, column or row that one has and the other has not, a type, a value to its
last bit, a key that is there twice.

Instants at which loads of raw completed differ by nature. Each is compared as
the number of its load among those of its schema, so give each target the same
files in the same order, and build after the same of them. The column dbt_scd_id,
a hash of such an instant, is left out.

The exit status is 0 if all is equal, and 1 if not. Tables and keys are those of
dbt's last manifest.

Examples:

  ontime parity --targets dev,postgres,lake,spark

  ONTIME_TARGET=lake ontime parity
"""


app = typer.Typer(add_completion=False)


@app.command(help=HELP)
def parity(
    targets: Annotated[
        str | None,
        typer.Option(
            metavar="TARGET,TARGET,…",
            help=f"The first is the reference; by default {REFERENCE} and then the one of ONTIME_TARGET.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Compare every contract-bound table of some targets."""
    settings = Settings.load()
    names = _names(targets, settings)
    with progress_lines() as tell:
        sides = {name: settings.model_copy(update={"target": name}) for name in names}
        tables = compare(sides, target_folder(), tell)
    different = [table for table in tables if table.differences]
    output.print(_summary(names, tables))
    if not different:
        output.print(f"All {len(tables)} tables are equal on {', '.join(names)}.")
        return
    output.print(_first_differences(names[0], different))
    output.print(
        f"{len(different)} of {len(tables)} tables differ. Next: see that each target has the same loads and was built "
        "after them, then compare again",
        soft_wrap=True,
    )
    raise typer.Exit(1)


def _names(targets: str | None, settings: Settings) -> list[str]:
    names = [REFERENCE, settings.target] if targets is None else targets.split(",")
    unknown = [name for name in names if name not in TARGETS]
    if unknown and targets is not None:
        raise typer.BadParameter(
            f"{unknown[0]!r} is no target: choose from {', '.join(TARGETS)}", param_hint="--targets"
        )
    if len(set(names)) < max(len(names), 2):
        raise typer.BadParameter("name two targets or more, each once: dev,postgres", param_hint="--targets")
    return names


def _summary(targets: list[str], tables: list[TableParity]) -> Table:
    summary = Table(title="Compared", title_justify="left")
    summary.add_column("table", overflow="fold")
    for target in targets:
        summary.add_column(f"{target} rows", justify="right")
    summary.add_column("differing rows", justify="right", overflow="fold")
    for table in tables:
        rows = (_number(table.rows[target]) for target in targets)
        summary.add_row(table.name, *rows, _differing(table))
    return summary


def _differing(table: TableParity) -> str:
    if not table.differences:
        return "0"
    of_columns = {difference.target for difference in table.differences if difference.key is None}
    texts = []
    for target, rows in table.differing_rows.items():
        counted = "not compared" if rows is None else f"{rows:,}" + (" and columns" if target in of_columns else "")
        texts.append(f"{target} {counted}")
    return ", ".join(texts)


def _first_differences(reference: str, tables: list[TableParity]) -> Table:
    found = Table(title="First differences", title_justify="left")
    for column in ("table", "row", "column", reference, "differs", "there"):
        found.add_column(column, overflow="fold")
    for table in tables:
        for difference in table.differences:
            values = (difference.reference, difference.target, difference.other)
            found.add_row(table.name, *map(Text, (difference.key or "-", difference.column, *values)))
    return found


def _number(rows: int | None) -> str:
    return "-" if rows is None else f"{rows:,}"
