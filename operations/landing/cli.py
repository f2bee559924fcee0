"""Look after landing: remove the files that no load needs."""

from __future__ import annotations

from typing import Annotated

import typer

from ingestion.landing import Landing
from ingestion.run import LOCK_FILE
from ontime.console import ReportingGroup, output, progress_lines, table
from ontime.locks import exclusive_lock
from ontime.settings import Settings
from ontime.spans import check_age, read_age

app = typer.Typer(cls=ReportingGroup, add_completion=False, no_args_is_help=True, help=__doc__)


@app.callback()
def _main() -> None:
    """Commands of `ontime landing`."""


@app.command(epilog="Examples: ontime landing prune --dry-run; ontime landing prune --older-than 7d")
def prune(
    older_than: Annotated[
        str,
        typer.Option(
            metavar="AGE",
            help="Only what is at least so old: 12h, 7d, or of before a time as 2013-03-01.",
            callback=check_age,
        ),
    ] = "30d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing, and tell what would be.")] = False,
) -> None:
    """Remove refused files, and what a run that was cut off left half-written. Files that were loaded stay."""
    settings = Settings.load()
    lock, wait = settings.data_dir / LOCK_FILE, settings.lock_timeout_seconds
    with progress_lines() as tell, exclusive_lock(lock, wait, tell, "ingest"):
        pruned = Landing(settings).prune(read_age(older_than), dry_run=dry_run)
    shown = table("To be removed" if dry_run else "Removed", "file", "bytes", "why")
    for file in pruned:
        shown.add_row(file.url, f"{file.bytes:,}", file.reason)
    if pruned:
        output.print(shown)
    size = sum(file.bytes for file in pruned)
    output.print(f"{'Would remove' if dry_run else 'Removed'} {len(pruned):,} files of {size:,} bytes.")
