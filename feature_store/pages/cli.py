"""Pages of all tables, columns and features: what each is, where it comes from, how to take it and who uses it."""

from __future__ import annotations

from typing import Annotated

import typer

from ontime.console import SECONDS_BETWEEN_LINES, ReportingGroup, output, progress_lines, report
from ontime.settings import Settings

app = typer.Typer(cls=ReportingGroup, add_completion=False, no_args_is_help=True, help=__doc__)


@app.command(epilog="Example: ontime docs build")
def build() -> None:
    """Write the pages into dbt's target folder; their start page opens from disk, too.

    Freshness and null shares are those of what the target has built. What is not there is told of, and left out.
    """
    from feature_store.pages.site import build_site  # noqa: PLC0415 - `--help` does without

    lacking: list[str] = []
    with progress_lines(SECONDS_BETWEEN_LINES) as tell:
        tell("reading the project")
        site = build_site(Settings.load(), lacking.append)
    for line in lacking:
        report(line)
    output.print(f"Wrote {site.start}: {site.features} features", soft_wrap=True)
    output.print("Next: open it, or ontime docs serve")


@app.command(epilog="Example: ontime docs serve --port 8080")
def serve(port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 8080) -> None:
    """Serve the pages on this machine, until Ctrl-C or SIGTERM."""
    from starlette.applications import Starlette  # noqa: PLC0415 - `--help` does without
    from starlette.routing import Mount  # noqa: PLC0415
    from starlette.staticfiles import StaticFiles  # noqa: PLC0415

    from feature_store.local_server import serve_here  # noqa: PLC0415
    from feature_store.pages.site import site_folder  # noqa: PLC0415
    from ontime.errors import NotYetError  # noqa: PLC0415

    folder = site_folder()
    if not folder.exists():
        raise NotYetError(f"{folder} does not exist", remedy="make it with ontime docs build")
    pages = Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])
    serve_here(pages, port, "The start page")
