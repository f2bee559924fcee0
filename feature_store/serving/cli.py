"""Serve features and predictions over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from ontime.console import report
from ontime.settings import Settings

app = typer.Typer(add_completion=False)


@app.command(
    epilog='Examples: ontime serve; ONTIME_SERVE_KEYS=\'{"a-key": ["departure_delay"]}\' ontime serve --host 0.0.0.0',
)
def serve(
    host: Annotated[str, typer.Option(help="Where to listen; another than this machine needs keys.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="By default the setting ONTIME_SERVE_PORT (8000).")
    ] = None,
) -> None:
    """Serve features and predictions over HTTP, until Ctrl-C or SIGTERM; /docs shows what can be asked."""
    import uvicorn  # noqa: PLC0415 - slow to import

    from feature_store.online.opening import open_online_features  # noqa: PLC0415
    from feature_store.questions import load_questions  # noqa: PLC0415
    from feature_store.questions.services import compile_service  # noqa: PLC0415
    from feature_store.serving.app import make_app  # noqa: PLC0415
    from ontime.errors import OntimeError  # noqa: PLC0415

    settings = Settings.load()
    if host not in {"127.0.0.1", "::1", "localhost"} and not settings.serve_keys.get_secret_value():
        raise OntimeError(f"--host {host}: others could ask without a key", remedy="set ONTIME_SERVE_KEYS")
    features = open_online_features(settings)
    services = [compile_service(question, features.catalogue) for question in load_questions()]
    application = make_app(settings, features, services)
    number = settings.serve_port if port is None else port
    report(f"serving on http://{host}:{number or '<a free port>'}; what can be asked: /docs")
    uvicorn.run(application, host=host, port=number, log_level="warning", server_header=False)
