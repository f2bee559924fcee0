"""The commands of README.md, with the output that it promises.

In a block marked `console`, a line that begins with `$ ` is a command and the lines below it are lines of its output,
in this order; other lines may stand between them. `…` stands for anything within a line. Runs of blanks and of the
strokes of a table count as one, as the width of a table depends on what is in it. A command fails where `error:` is the
beginning of its promised output, and only there.
"""

import re
from dataclasses import dataclass, field

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`((?:make|ontime|dbt|mf|git|python) [^`\n]+)`")


@dataclass(frozen=True)
class Promise:
    command: str
    lines: list[str] = field(default_factory=list)

    @property
    def fails(self) -> bool:
        return bool(self.lines) and self.lines[0].startswith("error:")

    def missing_from(self, output: str) -> str | None:
        """The first promised line that the output lacks."""
        produced = iter(_plain(line) for line in output.splitlines())
        for line in self.lines:
            pattern = re.compile(".*".join(map(re.escape, _plain(line).split("…"))))
            if not any(pattern.search(candidate) for candidate in produced):
                return line
        return None


def promises(markdown: str) -> list[Promise]:
    found: list[Promise] = []
    for block in BLOCK.findall(markdown):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Promise(line.removeprefix("$ ")))
            elif line.strip() and line.strip() != "…":
                found[-1].lines.append(line)
    return found


def inline_commands(markdown: str) -> list[str]:
    """Commands that stand in running text."""
    return INLINE.findall(BLOCK.sub("", markdown))


def _plain(line: str) -> str:
    return re.sub(r"[━─]+", "─", re.sub(r"\s+", " ", line)).strip()
