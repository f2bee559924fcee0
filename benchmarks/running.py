"""The project's commands in processes of their own, for a data folder of their own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def ontime(data_dir: Path, *arguments: str) -> str:
    """What a command prints; it must succeed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONTIME_")}
    done = subprocess.run(
        [Path(sys.executable).parent / "ontime", *arguments],
        cwd=ROOT,
        env=environment | {"ONTIME_DATA_DIR": str(data_dir), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return done.stdout
