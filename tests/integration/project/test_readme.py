"""Every command of README.md works in a fresh clone and prints what README says."""

import ast
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import mesonet
import prezip
import pytest
from dbt_project import ROOT
from fresh_clone import variables
from readme_commands import Promise, inline_commands, promises

README = (ROOT / "README.md").read_text()
# this test is one of those that `make test` runs
RUN_OTHERWISE = {"make test": "make --dry-run test"}
SERVERS = ("dbt docs serve",)
# they take minutes, and measure more than they check
BENCHMARKS = "python benchmarks/"
DEADLINE_SECONDS = 60
ROOMS = ("ontime", "engines", "ingestion", "feature_store", "publishing", "streaming", "operations", "orchestration")


def january_2024(month: int) -> bytes:
    """The January of the fixture, moved to a month of 2024, without the days that the month lacks."""
    head, *rows = prezip.JANUARY_CSV.splitlines(keepends=True)
    moved = (
        row.replace(b"2013,1,1,", b"2024,1,%d," % month, 1).replace(b"2013-01-", b"2024-%02d-" % month) for row in rows
    )
    return head + b"".join(row for row in moved if not re.search(rb"2024-(02-3|0[24]-31)", row))


@pytest.fixture
def shell(first_run):
    """A shell in a fresh clone, with the sources served on the loopback."""
    months = {prezip.NEWER.format(2024, month): prezip.zipped(january_2024(month)) for month in (1, 2, 3)}
    with (
        prezip.serve(prezip.Prezip(files=months)) as bureau,
        mesonet.serve(mesonet.Mesonet()) as weather,
        ExitStack() as servers,
    ):
        downloads = first_run.clone / "downloads"
        downloads.mkdir()
        (downloads / "april.zip").write_bytes(prezip.zipped(january_2024(4)))
        yield Shell(first_run.clone, servers, bureau.url, weather.url)


class Shell:
    """Runs commands one after another, each in the environment that the one before it left."""

    def __init__(self, folder: Path, servers: ExitStack, bts_url: str, asos_url: str) -> None:
        self.folder, self.servers = folder, servers
        self.state = folder.parent / "environment"
        self.environment = variables(folder) | {
            "ONTIME_BTS_BASE_URL": bts_url,
            "ONTIME_ASOS_BASE_URL": asos_url,
            "ONTIME_ASOS_MIN_INTERVAL_SECONDS": "0",
        }
        self.state.touch()

    def run(self, command: str) -> tuple[int, str]:
        script = f'. "{self.state}"; eval "$1"; status=$?; export -p > "{self.state}"; exit $status'
        done = subprocess.run(
            ["bash", "-c", script, "bash", command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def serve(self, command: str) -> None:
        """Start a server on a free port, see it answer and stop it."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        script = f'. "{self.state}"; exec {re.sub(r"--port [0-9]+", f"--port {port}", command)} --no-browser'
        server = subprocess.Popen(["bash", "-c", script], cwd=self.folder, env=self.environment)
        try:
            page = answer(f"http://127.0.0.1:{port}", server)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(DEADLINE_SECONDS)
        assert "dbt" in page


def answer(url: str, server: subprocess.Popen) -> str:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as page:
                return page.read().decode()
        except OSError:
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.2)


@pytest.mark.slow
def test_every_command_does_what_readme_says(shell, first_run):
    first, *told = promises(README)
    assert first.command == "make run"
    assert first.missing_from(first_run.output) is None, first_run.output
    assert len(told) > 10
    for promise in told:
        started = time.monotonic()
        if promise.command.startswith(SERVERS):
            shell.serve(promise.command)
            continue
        status, output = shell.run(RUN_OTHERWISE.get(promise.command, promise.command))
        print(f"{time.monotonic() - started:6.1f} s  {promise.command}")
        assert (status != 0) == promise.fails, f"{promise.command}: exit status {status}\n{output}"
        missing = promise.missing_from(output) if promise.command not in RUN_OTHERWISE else None
        assert missing is None, f"{promise.command}: no line {missing!r} in\n{output}"


def test_make_run_tells_how_far_it_is_and_each_thing_once(first_run):
    assert re.search(r"^\d+ of \d+, \d+ s: \S", first_run.output, re.MULTILINE)
    lines = Counter(line for line in first_run.output.splitlines() if re.search(r"\w", line))
    assert [line for line, times in lines.items() if times > 1] == []


def test_commands_in_running_text_stand_in_a_block_too():
    told = [promise.command for promise in promises(README)]
    texts = [text for text in inline_commands(README) if not text.startswith(BENCHMARKS)]
    assert [text for text in texts if not any(command.startswith(text) for command in told)] == []


def test_benchmarks_that_readme_names_are_there():
    names = re.findall(f"`{BENCHMARKS}([a-z_]+[.]py)`", README)
    assert len(names) > 3
    assert [name for name in names if not (ROOT / "benchmarks" / name).is_file()] == []


def test_error_texts_are_those_of_the_code():
    section = README.partition("## Troubleshooting")[2].partition("\n## ")[0]
    texts = [text.split("…") for text in re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)]
    assert len(texts) > 5
    modules = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    templates = [template for path in modules for template in strings(path)]
    assert [text for text in texts if not any(all(part in template for part in text) for template in templates)] == []


def strings(path: Path) -> list[str]:
    """The texts in a module, with a blank for what is put into them; those of an error as it says them."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr | ast.Constant):
            found.append(template(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error"):
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            parts = [named.get("where"), *node.args, named.get("remedy")]
            found.append(": ".join(template(part) for part in parts if part is not None))
    return found


def template(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(map(template, node.values))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else " "


@pytest.mark.parametrize(
    ("output", "missing"),
    [
        ("a   table ━━━\nloaded in 3.5 s", None),
        ("loaded in 3.5 s\na table ━━━━", "loaded in … s"),
        ("a table ━", "loaded in … s"),
    ],
)
def test_promised_lines_are_looked_for_in_order(output, missing):
    promise = Promise("ontime ingest", ["a table ━━━━━━━", "loaded in … s"])
    assert promise.missing_from(output) == missing
