"""Features for models: fill the online store, and compare it with what was built."""

from __future__ import annotations

import typer

from feature_store.online.cli import materialize, parity
from ontime.console import ReportingGroup

app = typer.Typer(cls=ReportingGroup, add_completion=False, no_args_is_help=True, help=__doc__)
app.command(
    epilog="Examples: ontime features materialize; ontime features materialize --from published --at 2013-12-31T12:00Z"
)(materialize)
app.command(epilog="Example: ontime features parity --sample 10000")(parity)
