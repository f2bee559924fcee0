"""Compute features as events come in."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from prometheus_client import CollectorRegistry
from rich.live import Live

from ingestion.landing import Landing
from ontime.console import output, progress_lines
from ontime.locks import exclusive_lock
from ontime.project import project_folder
from ontime.settings import Settings
from streaming.live.feature_tables import read_feature_tables
from streaming.live.metrics import LiveMetrics
from streaming.live.opening import open_or_make
from streaming.live.parquet_output import ParquetWriter
from streaming.live.processor import Processor
from streaming.live.status import state_file, write_live_state
from streaming.live.watch import watched
from streaming.live.writers import AllWriters, open_offered_writer
from streaming.metrics_server import serve_metrics
from streaming.stopping import stop_on_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streaming.live.output import FeatureWriter
    from streaming.live.processor import Step

LOCK_FILE = "live.lock"
ONLINE = "online"


def live(
    context: typer.Context,
    no_sink: Annotated[bool, typer.Option("--no-sink", help="Only compute; something else takes the events.")] = False,
    until_end: Annotated[
        bool, typer.Option("--until-end", help="End when all that has landed is computed, instead of waiting for more.")
    ] = False,
    watch: Annotated[
        str | None, typer.Option(metavar="AIRPORT,…", help="Show their features as they change, as JFK,LGA,EWR.")
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Write the features to the online store, too, for ontime serve.")
    ] = False,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.05, max=60, help="Take what has landed so often.")
    ] = 1.0,
) -> None:
    """Take events to landing, and compute features of them as they come in."""
    if context.invoked_subcommand is not None:
        return
    settings = Settings.load()
    folder = settings.data_dir / "live"
    airports = [code.strip().upper() for code in watch.split(",")] if watch else []
    with ExitStack() as stack:
        stop = stack.enter_context(stop_on_signals())
        tell = stack.enter_context(progress_lines())
        lock = settings.data_dir / LOCK_FILE
        stack.enter_context(exclusive_lock(lock, settings.lock_timeout_seconds, tell, "ontime stream"))
        connection = open_or_make(settings, project_folder(), tell)
        stack.callback(connection.close)
        writer: FeatureWriter = ParquetWriter(folder, read_feature_tables(connection))
        if online:
            writer = AllWriters([writer, open_offered_writer(ONLINE, settings)])
        processor = Processor(settings, project_folder(), connection, Landing(settings), writer)
        if not no_sink and not until_end:
            stack.callback(_stop, _start_sink())
        registry = CollectorRegistry()
        metrics = LiveMetrics(registry)
        serve_metrics(registry, settings.live_metrics_port, "ONTIME_LIVE_METRICS_PORT")
        show = _show(stack, folder, airports) if airports else lambda: None
        records = late = 0
        for step in _steps(processor, stop, every, until_end=until_end):
            records += step.records
            late += step.outcome.late_facts
            metrics.note(step)
            write_live_state(state_file(settings), step, late)
            show()
            if not airports:
                tell(f"{records:,} records, features until {step.computed_until or 'none yet'} UTC")
    output.print(f"Computed features of {records:,} records; they are in {folder}/features.duckdb")


def _steps(processor: Processor, stop: Event, every: float, *, until_end: bool) -> Iterator[Step]:
    while not stop.is_set():
        step = processor.step()
        if step is not None:
            yield step
        elif until_end:
            return
        if step is None or not step.is_behind:
            stop.wait(every)


def _start_sink() -> subprocess.Popen[bytes]:
    return subprocess.Popen([Path(sys.executable).parent / "ontime", "sink"], stdin=subprocess.DEVNULL)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


def _show(stack: ExitStack, folder: Path, airports: list[str]) -> Callable[[], None]:
    shown = stack.enter_context(Live(watched(folder, airports), console=output, auto_refresh=False))
    return lambda: shown.update(watched(folder, airports), refresh=True)
