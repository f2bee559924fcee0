"""A fresh clone of the project as it stands, with everything installed, and its `make run`."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from dbt_project import ROOT

BIN = Path(sys.executable).parent


def clone(folder: Path) -> Path:
    """A clone that has everything installed: its `.venv` is this one's, and newer than the requirements.

    What is not committed yet is in it, too.
    """
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    for name in {*_git("diff", "--name-only", "-z", "HEAD"), *_git("ls-files", "--others", "--exclude-standard", "-z")}:
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
    (folder / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (folder / ".venv" / name).symlink_to(BIN.parent / name)
    for path in (*folder.glob("requirements/*"), folder / "pyproject.toml"):
        os.utime(path, (0, 0))
    for order, stamp in enumerate((".runtime", ".dev"), start=1):
        path = folder / ".venv" / stamp
        path.touch()
        os.utime(path, (time.time() + order, time.time() + order))
    return folder


def variables(folder: Path) -> dict[str, str]:
    """The environment of somebody who has just opened a shell in a clone."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("ONTIME_", "DBT_"))}
    own["PATH"] = os.pathsep.join(part for part in own["PATH"].split(os.pathsep) if Path(part) != BIN)
    return own | {"COLUMNS": "100", "PYTHONPATH": str(folder)}


def run_make(folder: Path, *arguments: str) -> str:
    """Run make in a clone, which succeeds; what it printed."""
    done = subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=variables(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def _git(*arguments: str) -> list[str]:
    listed = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name]
