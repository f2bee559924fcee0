"""Load the sample, build and test every model, generate the docs and publish the marts."""

import typer

from ontime.console import output
from ontime.settings import Settings
from operations.quickstart.steps import quickstart as run

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: ontime quickstart")
def quickstart() -> None:
    """Load the sample, build and test every model, generate the docs and publish the marts."""
    run(Settings.load(), output)
