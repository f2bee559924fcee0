"""Where alerts go: an address that takes Slack's JSON, and e-mail."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from typing import TYPE_CHECKING, Final

import requests

from ontime.errors import OntimeError
from ontime.redaction import without_secrets

if TYPE_CHECKING:
    from ontime.settings import Settings

SECONDS: Final = 10
# of an HTTP status: its hundreds
SUCCESS: Final = 2
Send = Callable[[str, str], None]


def open_channels(settings: Settings) -> dict[str, Send]:
    """The channels that are set, by name: each takes a subject and a text, and raises OntimeError where it cannot send.

    Raises:
        OntimeError: If what a channel needs is not set.
    """
    channels: dict[str, Send] = {}
    if settings.alert_webhook_url is not None:
        url = settings.alert_webhook_url.get_secret_value()
        channels["webhook"] = lambda _subject, text: _post(url, text)
    if settings.alert_email_to is not None:
        if settings.smtp_host is None:
            raise OntimeError("is not set", where="setting ONTIME_SMTP_HOST", remedy="alerts by e-mail need it")
        channels["e-mail"] = lambda subject, text: _mail(settings, subject, text)
    return channels


def _post(url: str, text: str) -> None:
    try:
        answer = requests.post(url, json={"text": text}, timeout=SECONDS, allow_redirects=False)
    except (requests.RequestException, ValueError) as error:
        # its message holds the address, which is a secret
        raise OntimeError(f"cannot be reached ({type(error).__name__})", where="webhook") from None
    if answer.status_code // 100 != SUCCESS:
        raise OntimeError(f"answered {answer.status_code}", where="webhook")


def _mail(settings: Settings, subject: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    message["From"] = settings.alert_email_from
    message["To"] = settings.alert_email_to
    message.set_content(text)
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with _connection(settings) as server:
            if settings.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user is not None:
                password = settings.smtp_password
                server.login(settings.smtp_user, password.get_secret_value() if password else "")
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise OntimeError(
            f"cannot be sent ({without_secrets(_first_line(error))})", where=f"e-mail by {where}"
        ) from None


def _connection(settings: Settings) -> smtplib.SMTP:
    host = settings.smtp_host or ""
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, settings.smtp_port, timeout=SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, settings.smtp_port, timeout=SECONDS)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
