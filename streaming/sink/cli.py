"""Take events from the broker to landing, each once."""

from __future__ import annotations

from typing import Annotated

import typer
from prometheus_client import CollectorRegistry

from ontime.console import output, progress_lines
from ontime.locks import exclusive_lock
from ontime.settings import Settings
from streaming.metrics_server import serve_metrics
from streaming.sink.loading import Loading
from streaming.sink.metrics import Metrics
from streaming.sink.positions import LOCK_FILE
from streaming.sink.sink import BatchLimits, Sink
from streaming.stopping import stop_on_signals

EXAMPLES = """
Take events from the broker to landing, each once.

It goes on where landing ends, until Ctrl-C or SIGTERM. A run that was cut off is simply run again. Records that cannot
be events are kept as dead letters, and keep nobody waiting.

Examples:

  ontime sink --load-every 60

  ontime sink --until-end --load
"""

app = typer.Typer(add_completion=False)


@app.command(help=EXAMPLES)
def sink(
    load: Annotated[bool, typer.Option("--load", help="Run ontime ingest events before it ends.")] = False,
    load_every: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=1, help="Run ontime ingest events so often, and before it ends."),
    ] = None,
    until_end: Annotated[
        bool, typer.Option("--until-end", help="End when there is no more to read, instead of waiting for it.")
    ] = False,
    batch_records: Annotated[
        int, typer.Option(metavar="RECORDS", min=1, max=1_000_000, help="Land so many at the most at once.")
    ] = BatchLimits.records,
    batch_seconds: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, max=3600, help="Land what came in so long.")
    ] = BatchLimits.seconds,
) -> None:
    """Take events from the broker to landing."""
    settings = Settings.load()
    loading = Loading(load_every) if load or load_every is not None else None
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    limits = BatchLimits(batch_records, batch_seconds)
    with stop_on_signals() as stop, progress_lines() as tell:
        lock = settings.data_dir / LOCK_FILE
        with exclusive_lock(lock, settings.lock_timeout_seconds, tell, "sink"):
            port = serve_metrics(registry, settings.stream_metrics_port, "ONTIME_STREAM_METRICS_PORT")
            running = Sink(settings, metrics, loading, tell, limits=limits, until_end=until_end, metrics_port=port)
            running.run(stop)
            is_loaded = loading is None or loading.finish()
    output.print(f"Landed {running.landed:,} records")
    if not is_loaded:
        raise typer.Exit(1)
    output.print("Next: [bold]ontime status[/bold]" if loading else "Next: [bold]ontime ingest events[/bold]")
