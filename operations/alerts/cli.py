"""Send a trial alert, and list what is wrong."""

from __future__ import annotations

import typer

from ontime.console import ReportingGroup, output, report, table
from ontime.errors import OntimeError
from ontime.settings import Settings

app = typer.Typer(
    cls=ReportingGroup, no_args_is_help=True, add_completion=False, help="Send a trial alert, and list what is wrong."
)


@app.command("list", epilog="Example: ontime alerts list")
def list_alerts() -> None:
    """List the problems that are known, since when, and who was told."""
    from operations.alerts.alerts import open_alerts  # noqa: PLC0415 - slow to import

    alerts = open_alerts(Settings.load())
    shown = table("Alerts", "what", "problem", "since (UTC)", "told by")
    for name, alert in alerts.items():
        shown.add_row(
            name, "well again" if alert.is_over else alert.problem, alert.since, ", ".join(alert.told) or "nobody"
        )
    output.print(shown if alerts else "There are none.")


@app.command(epilog="Example: ONTIME_SMTP_HOST=localhost ONTIME_ALERT_EMAIL_TO=ops@example.org ontime alerts test")
def test() -> None:
    """Send a trial message to every channel that is set."""
    from operations.alerts.channels import open_channels  # noqa: PLC0415

    channels = open_channels(Settings.load())
    if not channels:
        raise OntimeError(
            "no alert is set up", remedy="set ONTIME_ALERT_WEBHOOK_URL, or ONTIME_ALERT_EMAIL_TO and ONTIME_SMTP_HOST"
        )
    failed = False
    for name, send in channels.items():
        try:
            send("ontime: a trial", "A trial of ontime's alerts: nothing is wrong.")
            output.print(f"{name}: sent")
        except OntimeError as error:
            report(f"error: {error}")
            failed = True
    if failed:
        raise typer.Exit(1)
