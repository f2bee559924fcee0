"""The steps of a page of docs/, as somebody takes them who follows it to the letter.

A fenced block with `title=PATH` is that file, a block of `diff` goes to `git apply`, and in a block of `console` the
lines that begin with `$ ` are commands.
"""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fresh_clone import variables

BLOCK = re.compile(r"^```(\w+)(?: title=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A file to write, or a command with what it reads."""

    command: str
    text: str = ""
    file: str | None = None

    def take(self, project: Path) -> None:
        """Take the step in a copy of the project; a command succeeds."""
        if self.file:
            path = project / self.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text)
            return
        run(project, self.command, self.text)


def steps(markdown: str) -> Iterator[Step]:
    for language, title, text in BLOCK.findall(markdown):
        if title:
            yield Step("", text, title)
        elif language == "diff":
            yield Step("git apply -", text)
        elif language == "console":
            yield from (Step(line.removeprefix("$ ")) for line in text.splitlines() if line.startswith("$ "))


def run(project: Path, command: str, text: str = "") -> None:
    """Run a command in a clone whose programs are on the path, as README sets it; it succeeds."""
    found = {**variables(project), "DBT_PROFILES_DIR": str(project)}
    found["PATH"] = f"{project / '.venv' / 'bin'}:{found['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=project,
        env=found,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
