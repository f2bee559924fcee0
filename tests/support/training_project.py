"""A little raw data, and the project's command `ontime training-set`."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
from dbt_project import ROOT
from raw_rows import RawData, bts_flight

from feature_store.training_sets.receipt import RECEIPT_FILE

NAME = "spring"


class Project:
    """A little raw data and the project's command; with `copied` a copy of the project, for those who change it."""

    def __init__(self, data_dir: Path, copied: Path | None = None) -> None:
        self.folder = copied or ROOT
        if copied:
            for name in ("models", "macros", "seeds", "snapshots", "tests/dbt/data", "tests/dbt/generic", "training"):
                shutil.copytree(ROOT / name, copied / name)
            for name in ("dbt_project.yml", "profiles.yml", "selectors.yml"):
                shutil.copy(ROOT / name, copied)
        self.data_dir = data_dir
        self.data_dir.mkdir()
        self.raw = RawData(self.data_dir)

    @property
    def set(self) -> Path:
        return self.data_dir / "training_sets" / NAME

    @property
    def receipt(self) -> dict:
        return json.loads((self.set / RECEIPT_FILE).read_text())

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        process = self.start(*arguments)
        stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [Path(sys.executable).parent / "ontime", "training-set", *arguments],
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if not name.startswith(("ONTIME_", "DBT_"))}
            | {"ONTIME_DATA_DIR": str(self.data_dir)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def create(self, *arguments: str) -> dict:
        """Make the set, and give its receipt."""
        created = self.run("create", NAME, *arguments)
        assert created.returncode == 0, created.stderr
        return self.receipt

    def query(self, sql: str) -> list[tuple]:
        return duckdb.sql(sql.replace("{set}", str(self.set))).fetchall()


def flights(days: range) -> list[dict]:
    """Three flights a day, some of them late."""
    return [
        bts_flight(f"2013-04-{day:02d}", number, dep_delay=day * number % 40, arr_delay=day * number % 40 - 5)
        for day in days
        for number in (1, 2, 3)
    ]
