"""Which problems there are, and who was told of them: each channel once of a problem, and once of its end."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ontime.errors import OntimeError
from ontime.files import replace_durably
from ontime.locks import exclusive_lock
from ontime.redaction import without_secrets
from operations.alerts.channels import Send, open_channels

if TYPE_CHECKING:
    from ontime.settings import Settings

FILE: Final = "alerts.json"
LOCK_FILE: Final = "alerts.lock"


@dataclass
class Alert:
    """A problem that was told of, or is to be.

    Attributes:
        problem: What is wrong, in a line.
        since: When it was first seen, UTC.
        told: The channels that know of it.
        is_over: Whether it is no more, and only has to be told so.
    """

    problem: str
    since: str
    told: list[str] = field(default_factory=list)
    is_over: bool = False


def tell(settings: Settings, seen: Mapping[str, str | None]) -> list[str]:
    """Tell all channels what is new: problems that they do not know of, and the end of those that they do.

    What a channel could not be told it is told the next time.

    Args:
        settings: Name the channels; without any nothing is written down, and nobody told.
        seen: What was looked at by name, as `daily run: build`: what is wrong with it, none where all is well.

    Returns:
        What could not be told, and why, a line each; nothing that goes wrong here is an error.
    """
    try:
        channels = open_channels(settings)
        if not channels:
            return []
        lock = settings.data_dir / LOCK_FILE
        with exclusive_lock(lock, settings.lock_timeout_seconds, lambda _line: None, "alert"):
            return _tell(settings, channels, seen)
    except (OntimeError, OSError) as error:
        return [without_secrets(f"alerts: {error}")]


def open_alerts(settings: Settings) -> dict[str, Alert]:
    """The alerts that are not over, or whose end somebody does not know of, by name."""
    try:
        told = json.loads((settings.data_dir / FILE).read_text())
        return {name: Alert(**alert) for name, alert in told.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _tell(settings: Settings, channels: Mapping[str, Send], seen: Mapping[str, str | None]) -> list[str]:
    alerts = open_alerts(settings)
    for name, problem in seen.items():
        if problem is None:
            if name in alerts:
                alerts[name].is_over = True
        elif name not in alerts:
            alerts[name] = Alert(without_secrets(problem), datetime.now(UTC).isoformat(timespec="seconds"))
        else:
            alerts[name].problem, alerts[name].is_over = without_secrets(problem), False
    faults = []
    for channel, send in channels.items():
        lines = list(_news(alerts, channel))
        if lines:
            try:
                send(_subject(alerts, settings), "\n".join(lines))
            except OntimeError as error:
                faults.append(f"alerts: {error}")
            else:
                _note_told(alerts, channel)
    _write(settings.data_dir / FILE, {name: alert for name, alert in alerts.items() if not _is_done(alert, channels)})
    return faults


def _news(alerts: Mapping[str, Alert], channel: str) -> Iterator[str]:
    for name, alert in alerts.items():
        if alert.is_over and channel in alert.told:
            yield f"Well again: {name} (since {alert.since})"
        elif not alert.is_over and channel not in alert.told:
            yield f"Problem: {name}: {alert.problem}"


def _note_told(alerts: Mapping[str, Alert], channel: str) -> None:
    for alert in alerts.values():
        if alert.is_over and channel in alert.told:
            alert.told.remove(channel)
        elif not alert.is_over and channel not in alert.told:
            alert.told.append(channel)


def _is_done(alert: Alert, channels: Mapping[str, Send]) -> bool:
    """A channel that is not set any more waits for nothing."""
    return alert.is_over and not set(alert.told) & set(channels)


def _subject(alerts: Mapping[str, Alert], settings: Settings) -> str:
    problems = sum(not alert.is_over for alert in alerts.values())
    what = f"{problems} problem{'s' if problems > 1 else ''}" if problems else "all is well again"
    return f"ontime ({settings.target} on {socket.gethostname()}): {what}"


def _write(path: Path, alerts: Mapping[str, Alert]) -> None:
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps({name: asdict(alert) for name, alert in alerts.items()}, indent=2))
    replace_durably(new, path)
