"""`ontime`: the one command, whose subcommands stand in the rooms that they are of."""

from __future__ import annotations

import ast
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from ontime.console import ReportingGroup, output
from ontime.rights import new_files_restricted

COMMANDS = "ontime.commands"
# as one meets them; others follow
ORDER = (
    "ingest",
    "publish",
    "quickstart",
    "run-daily",
    "status",
    "doctor",
    "parity",
    "landing",
    "lake",
    "server",
    "broker",
    "features",
    "questions",
    "training-set",
)


class LazyGroup(ReportingGroup):
    """The installed commands: the module of one is imported when it runs, and its first line is its help till then."""

    _tells_help = False

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - as typer has it
        """The names of the commands."""
        ranks = {name: rank for rank, name in enumerate(ORDER)}
        return sorted(_entry_points(), key=lambda name: (ranks.get(name, len(ranks)), name))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002 - as typer has it
        """The command of a name, and none where there is none."""
        found = _entry_points().get(cmd_name)
        if found is None:
            return None
        if self._tells_help:
            return TyperCommand(cmd_name, help=_first_line(found.module))
        command = get_command(found.load())
        command.name = cmd_name
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - as typer has it
        """Tell of the commands without their modules."""
        self._tells_help = True
        super().format_help(ctx, formatter)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Load, build and publish the on-time performance of airlines. Settings are ONTIME_… variables.",
    epilog="Start with: ontime quickstart",
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        output.print(f"ontime {version('ontime')}", highlight=False)
        raise typer.Exit


@app.callback()
def _main(
    ctx: typer.Context,
    tell_version: Annotated[  # noqa: ARG001 - its callback has it
        bool, typer.Option("--version", help="Show the version and exit.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """Options of `ontime` itself."""
    ctx.with_resource(new_files_restricted())


def _entry_points() -> dict[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=COMMANDS)}


def _first_line(module: str) -> str:
    """The first line of a module's docstring, from its text: to import it could take a second."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    docstring = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]
