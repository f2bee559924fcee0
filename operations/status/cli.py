"""Show what is loaded, when it was, and what is in the way."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from ontime.console import damage, days, named, output, progress_lines, table
from ontime.redaction import without_secrets
from ontime.settings import Settings
from operations.status.state import Status, read_status

app = typer.Typer(add_completion=False)


@app.command(epilog="Examples: ontime status; ontime status --json; ontime status --prometheus > ontime.prom")
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as a JSON object.")] = False,
    as_metrics: Annotated[
        bool,
        typer.Option("--prometheus", help="Print it as text for Prometheus, as its collector of text files reads."),
    ] = False,
) -> None:
    """Show what is loaded, when it was, and what is in the way."""
    with progress_lines() as tell:
        state = read_status(Settings.load(), tell)
    if as_metrics:
        from operations.status.metrics import metrics_text  # noqa: PLC0415 - slow to import

        typer.echo(metrics_text(state), nl=False)
    elif as_json:
        typer.echo(without_secrets(json.dumps(asdict(state), default=str, indent=2)))
    else:
        _show(state)


def _show(state: Status) -> None:
    columns = ("source", "last run (UTC)", "status", "loaded period", "files", "rows", "rejected")
    shown = table("Sources", *columns)
    for source in state.sources:
        run, loaded = source.last_run, source.loaded
        shown.add_row(
            source.name,
            _instant(run["ended_at"] if run else None),
            run["status"] if run else "-",
            days(loaded.period_start, loaded.period_end) if loaded else "-",
            *(f"{number:,}" for number in ((loaded.files, loaded.rows, loaded.rejected_rows) if loaded else (0, 0, 0))),
        )
    output.print(shown)
    for source in state.sources:
        if source.last_run and source.last_run["error"]:
            output.print(named(source.name, source.last_run["error"]), markup=False, soft_wrap=True)
    for source in state.sources:
        if source.loaded and source.loaded.whole_months + source.loaded.parts:
            output.print(
                f"{source.name}: {source.loaded.whole_months:,} files of whole months,"
                f" {source.loaded.parts:,} that add to a month",
                soft_wrap=True,
            )
        if source.loaded and source.loaded.damaged_values:
            output.print(damage(source.name, source.loaded.damaged_values), soft_wrap=True)
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
    _tell_stream(state)
    _tell_live(state)
    output.print(f"Warehouse built: {_instant(state.built_at)}")
    if state.last_build:
        output.print(f"Last build: {state.last_build}", markup=False, soft_wrap=True)
    output.print(f"Marts published: {_instant(state.published_at)}")
    if state.day:
        steps = (f"{name} {step.status}" for name, step in state.day.steps.items() if step.status != "done")
        output.print(f"Daily run of {state.day.day}: {', '.join(steps) or 'done'}", soft_wrap=True)
    for name, problem in state.alerts.items():
        output.print(f"Alert: {name}: {problem}", markup=False, soft_wrap=True)


def _tell_stream(state: Status) -> None:
    """How far the sink is, where one ever ran."""
    if state.stream is None:
        return
    shown = table("Stream", "topic", "partition", "next offset", "lag", "newest event (UTC)", "end seen (UTC)")
    for one in state.stream.positions:
        numbers = (f"{number:,}" for number in (one.partition, one.next_offset, one.lag))
        shown.add_row(one.topic, *numbers, _instant(one.newest_taken_at), _instant(one.end_seen_at))
    output.print(shown)
    late, dead = (sum(getattr(one, name) for one in state.stream.positions) for name in ("late", "dead_letters"))
    runs = f"runs ({state.sinking})" if state.sinking else "does not run"
    output.print(
        f"The sink {runs}: {state.stream.records_per_second:,.0f} records/s at {_instant(state.stream.written_at)},"
        f" {late:,} late, {dead:,} dead letters since it began",
        soft_wrap=True,
    )


def _tell_live(state: Status) -> None:
    """How far the live features are, where there are some."""
    if state.live is not None:
        output.print(
            f"Live features until {_instant(state.live.computed_until)}: micro-batch {state.live.batch_number:,} at"
            f" {_instant(state.live.written_at)} took {state.live.batch_seconds:.1f} s,"
            f" {state.live.late_facts:,} late facts",
            soft_wrap=True,
        )


def _instant(when: datetime | None) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S") if when else "never"
