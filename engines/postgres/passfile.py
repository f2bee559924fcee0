"""Passwords of PostgreSQL's roles in a file of libpq's format, which only its owner can read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Passfile:
    """A file of lines `host:port:database:user:password`.

    Attributes:
        path: The file.
    """

    path: Path

    def get(self, host: str, port: int, user: str) -> str | None:
        """The password of a role on a server, None if there is none."""
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        start = _line(host, port, user, "")
        found = next((line[len(start) :] for line in lines if line.startswith(start)), None)
        return found.replace("\\:", ":").replace("\\\\", "\\") if found is not None else None

    def set(self, host: str, port: int, user: str, password: str) -> None:
        """Remember a password, in the place of an older one."""
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        start = _line(host, port, user, "")
        kept = [line for line in lines if not line.startswith(start)]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(f"{self.path.name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write("\n".join([*kept, _line(host, port, user, password), ""]))
        new.replace(self.path)


def _line(host: str, port: int, user: str, password: str) -> str:
    return ":".join(_escaped(text) for text in (host, str(port))) + f":*:{_escaped(user)}:{_escaped(password)}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:")
