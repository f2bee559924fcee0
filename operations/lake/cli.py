"""Look after the lake (target lake): list its snapshots, merge small files, drop old snapshots."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from ontime.console import ReportingGroup, output, progress_lines
from ontime.settings import Settings
from ontime.spans import check_age, check_span, read_age, read_span
from operations.lake import upkeep

app = typer.Typer(
    cls=ReportingGroup,
    add_completion=False,
    no_args_is_help=True,
    help=__doc__,
)


@app.command(epilog="Example: ontime lake snapshots --last 5")
def snapshots(
    last: Annotated[int, typer.Option(metavar="COUNT", help="How many, counted from the newest.", min=1)] = 20,
) -> None:
    """List the snapshots: states of the whole lake, each readable with `at (version => …)`."""
    found = upkeep.snapshots(Settings.load())
    table = Table(title="Snapshots", title_justify="left")
    table.add_column("snapshot", justify="right")
    for name in ("made (UTC)", "changes", "training sets"):
        table.add_column(name, overflow="fold")
    for snapshot in found[-last:]:
        made_at = f"{snapshot.made_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(snapshot.number), made_at, snapshot.changes, ", ".join(snapshot.named_by))
    output.print(table)
    output.print(f"{len(found):,} snapshots since {found[0].made_at:%Y-%m-%d %H:%M:%S}")


@app.command(epilog="Example: ontime lake merge")
def merge() -> None:
    """Merge small data files, which many loads leave; run it while no build runs.

    Every snapshot stays readable. The old files go with the next expire.
    """
    with progress_lines() as tell:
        done = upkeep.merge(Settings.load(), tell)
    output.print(
        f"Merged {done.files_merged:,} small files into {done.files_made:,}; wrote {done.rows_written:,} rows to files."
    )
    output.print("Next: [bold]ontime lake expire --older-than 7d[/bold]")


@app.command(epilog="Example: ontime lake expire --older-than 7d --keep-named")
def expire(
    older_than: Annotated[
        str,
        typer.Option(
            metavar="AGE",
            help="Age from which snapshots are dropped: 12h, 7d, or before a time as 2013-03-01.",
            callback=check_age,
        ),
    ],
    grace: Annotated[
        str,
        typer.Option(metavar="SPAN", help="How long files stay for those who read them just now.", callback=check_span),
    ] = "1h",
    keep_named: Annotated[
        bool, typer.Option("--keep-named", help="Leave the snapshots that training sets name, and drop the others.")
    ] = False,
) -> None:
    """Drop old snapshots, and remove the files that no other needs.

    Nothing is dropped if a training set's receipt names one of them.
    """
    with progress_lines() as tell:
        done = upkeep.expire(
            Settings.load(),
            tell,
            older_than=read_age(older_than),
            grace=read_span(grace),
            keep_named=keep_named,
        )
    kept = f", kept {len(done.kept):,} for training sets" if done.kept else ""
    output.print(f"Dropped {done.snapshots:,} snapshots{kept}; removed {done.files:,} files.")
    output.print("Next: [bold]ontime lake snapshots[/bold]")
