"""Run a broker in the data folder for the stream, and make its topics; make them on any broker."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from ontime.console import ReportingGroup
from ontime.settings import Settings
from streaming.broker.demo import DemoBroker
from streaming.broker.topics import ALL_TOPICS, make_topics

app = typer.Typer(
    cls=ReportingGroup,
    add_completion=False,
    no_args_is_help=True,
    help=__doc__,
)
output = Console(soft_wrap=True, highlight=False)


@app.command(epilog="Example: ontime broker start")
def start(
    port: Annotated[
        int | None,
        typer.Option(help="Where it is to listen; without it, where it did, or any free port.", min=1, max=65535),
    ] = None,
) -> None:
    """Start the broker and make the topics that are missing.

    It listens on 127.0.0.1 only. What it is given is kept in the data folder, and outlives a stop or a crash.
    """
    settings = own_broker(Settings.load())
    broker = DemoBroker.of(settings)
    process = broker.start(port)
    made = make_topics(settings)
    output.print(f"The broker runs at {broker.address} (process {process})")
    if made:
        output.print(f"Topics made: {', '.join(made)}")
    output.print("Next: ontime sink, and in another terminal ontime replay")


@app.command(epilog="Example: ontime broker stop")
def stop() -> None:
    """Stop the broker; its records stay."""
    process = DemoBroker.of(Settings.load()).stop()
    output.print(f"Stopped (process {process})" if process else "It does not run.")


@app.command(epilog="Example: ontime broker status")
def status() -> None:
    """Tell whether the broker runs."""
    broker = DemoBroker.of(Settings.load())
    process = broker.process_id()
    if process is None:
        output.print("It does not run. Next: ontime broker start")
        raise typer.Exit(1)
    output.print(f"The broker runs at {broker.address} (process {process})")


@app.command(epilog="Example: ONTIME_KAFKA_BOOTSTRAP_SERVERS=kafka.example:9092 ontime broker topics")
def topics() -> None:
    """Make the topics on any broker; those that exist stay as they are."""
    made = make_topics(Settings.load())
    for name in ALL_TOPICS:
        output.print(f"{name}: {'made' if name in made else 'kept'}")


def own_broker(settings: Settings) -> Settings:
    """The settings for the data folder's own broker, whatever other they name."""
    return settings.model_copy(
        update={"kafka_bootstrap_servers": None, "kafka_security_protocol": "PLAINTEXT", "kafka_sasl_mechanism": None}
    )
