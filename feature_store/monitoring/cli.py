"""Tell whether features are as they should be."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from feature_store.online.cli import Source
from ontime.console import SECONDS_BETWEEN_LINES, output, progress_lines, report, table
from ontime.settings import Settings
from ontime.times import FORMS, METAVAR, check_time, read_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feature_store.monitoring.findings import Finding

CROSSED: Final = 3
FILE_WIDTH: Final = 140


def drift(
    against: Annotated[
        str | None,
        typer.Option(metavar="SET", help="A training set; by default the limits of nulls and ages are looked at."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar=METAVAR, callback=check_time, help=f"The first day: {FORMS}; by default the newest 28."),
    ] = None,
    source: Source = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, with every day.")] = False,
    out: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Draw it, too: a .png or a .html.")
    ] = None,
) -> None:
    """Tell which features are null too often, stand still, or are not what a training set holds; ends with 3 then.

    Against a set, the features of the flights since then are compared with those that it learnt from, by the population
    stability index. A limit is the feature's own, or what data like the set's exceeds in 1 of 100 runs.
    """
    from feature_store.monitoring import drift as finding  # noqa: PLC0415 - slow to import
    from ontime.charts import verify_chart_file  # noqa: PLC0415

    settings = Settings.load()
    if out is not None:
        verify_chart_file(out)
    with progress_lines(SECONDS_BETWEEN_LINES) as tell:
        found = finding.find(settings, against, None if since is None else read_time(since).first, source, tell)
    title = "Features" if against is None else f"Features against {against}"
    title = f"{title}, {found[0].days[0].day} to {found[0].days[-1].day}"
    if out is not None:
        from feature_store.monitoring.chart import draw_findings  # noqa: PLC0415 - slow to import

        draw_findings(found, out, title)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], default=str, indent=2))
    else:
        _show(found, title, is_against=against is not None)
        if out is not None:
            output.print(f"Wrote {out}", soft_wrap=True)
    beyond = sum(each.is_beyond for each in found)
    if beyond:
        report(f"{beyond} of {len(found)} features are over a limit")
        raise typer.Exit(CROSSED)


def _show(found: Sequence[Finding], title: str, *, is_against: bool) -> None:
    columns = ("psi", "limit") if is_against else ()
    shown = table(title, "feature", "rows", "null share", "mean", *columns, "verdict")
    for name in ("null share", "mean", *columns):
        next(column for column in shown.columns if column.header == name).justify = "right"
    for each in found:
        indexes = [_number(value, 3) for value in (each.psi, each.limit)] if is_against else []
        shown.add_row(
            each.feature,
            f"{each.rows:,}",
            _number(each.null_share, 3),
            _number(each.mean, 2),
            *indexes,
            each.verdict,
        )
    # names are long, and what is no terminal is as wide as need be
    wide = output if output.is_terminal else Console(width=FILE_WIDTH)
    wide.print(shown)


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"
