"""Commands that make and serve pages, and what a program reads on them."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path


class Read(HTMLParser):
    """A page as a program reads it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links, self.anchors, self.snippets, self.text, self._snippet = [], set(), {}, "", None
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        own = dict(attrs)
        self.anchors.add(own.get("id"))
        if tag == "a":
            self.links.append(own["href"])
        self._snippet = own["id"] if tag == "pre" else self._snippet

    def handle_endtag(self, tag):
        self._snippet = None if tag == "pre" else self._snippet

    def handle_data(self, data):
        self.text += data
        if self._snippet:
            self.snippets[self._snippet] = self.snippets.get(self._snippet, "") + data


def read(path: Path) -> Read:
    return Read(path)


def run_ontime(project: Path, *arguments: str, status: int = 0) -> str:
    """Run a command in a project, which ends with a status; what it wrote."""
    done = subprocess.run(
        command(*arguments), cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == status, done.stdout
    return done.stdout


def command(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).parent / "ontime"), *arguments]


@contextmanager
def served(project: Path, *arguments: str):
    """The address of a command that serves until it is told to stop, and then ends well."""
    port = free_port()
    server = subprocess.Popen(
        command(*arguments, f"--port={port}"),
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGTERM)
        said, _ = server.communicate(timeout=30)
    assert (server.returncode, [line for line in said.splitlines() if url not in line]) == (0, [])


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for(url: str, server: subprocess.Popen, seconds: float = 120) -> None:
    give_up_at = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            assert server.poll() is None, server.stdout.read()
            assert time.monotonic() < give_up_at, f"{url} does not answer"
            time.sleep(0.3)
