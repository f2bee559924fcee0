"""What systemd and cron are given can be read by them, and starts a command that there is."""

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser

import pytest
from click import Context
from paths import ROOT
from typer.main import get_command

from ontime.cli import app

FOLDER = ROOT / "orchestration"
PLACE = "/srv/ontime"
PROGRAM = ".venv/bin/ontime"


def unit(name):
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str
    parser.read(FOLDER / "systemd" / name)
    return parser


def assert_there_is(command):
    program, name, *options = shlex.split(command)
    assert program == PROGRAM
    found = get_command(app).get_command(Context(get_command(app)), name)
    assert set(options) <= {option for parameter in found.params for option in parameter.opts}


def test_the_service_starts_a_command_that_there_is_at_its_place():
    service = unit("ontime-daily.service")["Service"]
    assert service["WorkingDirectory"] == PLACE
    assert_there_is(service["ExecStart"].removeprefix(f"{PLACE}/"))
    assert service["Type"] == "oneshot"


def test_the_timer_starts_the_service_each_day():
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d UTC", unit("ontime-daily.timer")["Timer"]["OnCalendar"])
    assert (FOLDER / "systemd" / "ontime-daily.service").exists()


def test_the_line_of_cron_has_a_time_and_starts_a_command_that_there_is():
    (line,) = [line for line in (FOLDER / "crontab").read_text().splitlines() if not line.startswith("#")]
    *times, command = line.split(maxsplit=5)
    assert all(re.fullmatch(r"[\d*,/-]+", time) for time in times)
    assert len(times) == 5
    assert "%" not in command  # cron's end of a line
    place, _, command = command.partition(" && ")
    assert place == f"cd {PLACE}"
    assert_there_is(command)


@pytest.mark.parametrize("name", ["ontime-daily.service", "ontime-daily.timer"])
def test_systemd_finds_nothing_wrong(name, tmp_path):
    if shutil.which("systemd-analyze") is None:
        return
    # it looks for the program and its folder, which stand elsewhere here
    for path in (FOLDER / "systemd").iterdir():
        text = path.read_text().replace(f"{PLACE}/{PROGRAM}", "/bin/true").replace(PLACE, str(tmp_path))
        (tmp_path / path.name).write_text(text.replace("User=ontime", "User=root"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / name], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if "ontime-daily" in line] == []
