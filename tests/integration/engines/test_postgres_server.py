"""`ontime server`: a PostgreSQL of one's own, by the real command."""

import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest
from dbt_project import environment
from examined import examined
from postgres_fixture import free_port
from sample_files import run_ontime

from engines.postgres.connection import LOADER, OWNER, READER, TRANSFORMER
from engines.postgres.passfile import Passfile
from engines.postgres.server import HOST


@pytest.fixture
def server(tmp_path):
    """`ontime server …` for a data folder and a port of its own, where passwords of other servers are known."""
    port, others = str(free_port()), tmp_path / "others.pgpass"
    others.touch(mode=0o600)

    def run(*arguments):
        return run_ontime(tmp_path, "server", *arguments, env={"ONTIME_POSTGRES_PORT": port, "PGPASSFILE": str(others)})

    run.port, run.folder = int(port), tmp_path / "postgres"
    yield run
    run("stop")


def process_of(done) -> int:
    return int(re.search(r"\(process (\d+)\)", done.stdout)[1])


def test_it_starts_tells_of_itself_and_stops(server):
    assert (server("status").returncode, server("stop").stdout) == (1, "It does not run.\n")
    started = server("start")
    assert started.returncode == 0, started.stderr
    passfile = server.folder / "pgpass"
    assert f"PostgreSQL runs at 127.0.0.1:{server.port} (process " in started.stdout
    assert f"export PGPASSFILE={passfile}" in started.stdout
    assert passfile.stat().st_mode & 0o777 == 0o600
    passwords = [Passfile(passfile).get(HOST, server.port, role) for role in (OWNER, LOADER, TRANSFORMER, READER)]
    assert len(set(passwords)) == 4
    assert not any(password in started.stdout + started.stderr for password in passwords)
    again, status = server("start"), server("status")
    assert process_of(started) == process_of(again) == process_of(status)
    assert process_of(server("stop")) == process_of(started)
    assert server("status").returncode == 1
    assert not (server.folder / "cluster" / "postmaster.pid").exists()


def test_it_starts_again_after_a_crash_with_the_same_passwords(server):
    process = process_of(server("start"))
    before = (server.folder / "pgpass").read_text()
    os.kill(process, signal.SIGKILL)
    while Path(f"/proc/{process}").exists():
        time.sleep(0.05)
    started = server("start")
    assert started.returncode == 0, started.stderr
    assert process_of(started) != process
    assert (server.folder / "pgpass").read_text() == before


def test_roles_whose_passwords_were_lost_get_new_ones(server):
    server("start")
    passfile = server.folder / "pgpass"
    admin = next(line for line in passfile.read_text().splitlines() if ":postgres:" in line)
    passfile.write_text(admin + "\n")
    assert server("roles").returncode == 0
    assert Passfile(passfile).get(HOST, server.port, LOADER)


def test_a_port_that_is_taken_is_told_of_in_one_line(server):
    with socket.socket() as other:
        other.bind((HOST, server.port))
        other.listen()
        done = server("start")
    assert done.returncode == 1
    assert done.stderr == (
        f"error: port {server.port} of 127.0.0.1 is taken: stop who has it, or set ONTIME_POSTGRES_PORT to another\n"
    )


def test_a_server_that_does_not_run_is_told_of_with_what_to_do(tmp_path):
    done = run_ontime(tmp_path, "ingest", env={"ONTIME_TARGET": "postgres", "ONTIME_POSTGRES_PORT": str(free_port())})
    assert done.returncode == 1
    assert "start it with ontime server start" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_right_to_make_roles_is_told_of_in_one_line(postgres, tmp_path):
    variables = postgres.variables("ontime", tmp_path) | {"ONTIME_POSTGRES_USER": LOADER}
    postgres.make_database("ontime")
    done = run_ontime(tmp_path, "server", "roles", env=variables)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "set ONTIME_POSTGRES_USER to an administrator" in done.stderr


def test_dbt_is_warned_of_a_password_that_only_ontime_finds(server, monkeypatch):
    monkeypatch.delenv("PGPASSFILE", raising=False)
    server("start")
    variables = {"ONTIME_TARGET": "postgres", "ONTIME_POSTGRES_PORT": str(server.port)}
    with environment(ONTIME_DATA_DIR=str(server.folder.parent)):
        found = examined(**variables)
        assert found["roles"][2] == f"export PGPASSFILE={server.folder / 'pgpass'}"
        assert "roles" not in examined(**variables, PGPASSFILE=str(server.folder / "pgpass"))
