"""Run PostgreSQL in the data folder, for the targets postgres and lake; make roles on any server."""

from __future__ import annotations

import typer
from rich.console import Console

from engines.lake.catalog import DATABASE
from engines.postgres.roles import ROLES, make_roles, open_databases
from engines.postgres.server import EmbeddedServer
from ontime.console import ReportingGroup
from ontime.settings import Settings

app = typer.Typer(
    cls=ReportingGroup,
    add_completion=False,
    no_args_is_help=True,
    help=__doc__,
)
output = Console(soft_wrap=True, highlight=False)


@app.command(epilog="Example: ontime server start")
def start() -> None:
    """Start the server, making it, its databases and its roles where they are missing.

    It listens on 127.0.0.1 only, at ONTIME_POSTGRES_PORT. Passwords are made up and kept in the data folder.
    """
    settings = own_server(Settings.load())
    server = EmbeddedServer.of(settings)
    process = server.start()
    make_roles(settings, (DATABASE,))
    output.print(f"PostgreSQL runs at 127.0.0.1:{server.port} (process {process})")
    _tell_dbt(settings)
    output.print("Next: ONTIME_TARGET=postgres ontime ingest, or ONTIME_TARGET=lake ontime ingest")


@app.command(epilog="Example: ontime server stop")
def stop() -> None:
    """Stop the server; its data stays."""
    process = EmbeddedServer.of(Settings.load()).stop()
    output.print(f"Stopped (process {process})" if process else "It does not run.")


@app.command(epilog="Example: ontime server status")
def status() -> None:
    """Tell whether the server runs, and how dbt gets in."""
    settings = Settings.load()
    server = EmbeddedServer.of(settings)
    process = server.process_id()
    if process is None:
        output.print("It does not run. Next: ontime server start")
        raise typer.Exit(1)
    output.print(f"PostgreSQL runs at 127.0.0.1:{server.running_port()} (process {process})")
    _tell_dbt(settings)


@app.command(epilog="Example: ONTIME_POSTGRES_HOST=db.example ONTIME_POSTGRES_USER=admin ontime server roles")
def roles() -> None:
    """Make the databases, their schemas and roles on any server, or set their rights again.

    ONTIME_POSTGRES_USER is an administrator of the server. Nothing that exists is dropped, and no password changed.
    """
    settings = Settings.load()
    made = make_roles(settings, (DATABASE,))
    for role, purpose in ROLES.items():
        output.print(f"{role} {'made' if role in made else 'kept'}: {purpose}")
    if made:
        _tell_dbt(settings)
    if others := open_databases(settings):
        listed = ", ".join(others)
        output.print(f"Every role may connect to {listed}, these four, too. Where nobody else needs that:")
        output.print(f"  revoke connect on database {listed} from public", markup=False)


def own_server(settings: Settings) -> Settings:
    """The settings for the data folder's own server, whatever other server they name."""
    own = {"postgres_host": None, "postgres_user": None, "postgres_password": None}
    return settings.model_copy(update=own)


def _tell_dbt(settings: Settings) -> None:
    output.print("For dbt and other programs:")
    output.print(f"  export PGPASSFILE={EmbeddedServer.of(settings).passfile.path}", markup=False)
