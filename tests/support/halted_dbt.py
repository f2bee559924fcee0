"""A dbt run in a process that gets a signal before one of its statements: SIGKILL, as by kill -9, or SIGSTOP.

python halted_dbt.py SIGNAL MANIFEST DATA_FOLDER STATEMENT ARGUMENTS...

STATEMENT is the statement's number, or a text of which it is the first.
"""

import os
import signal
import sys
from itertools import count
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumuro_decoder
from dbt_project import QUICK, ROOT, SILENT


def main(name: str, manifest_file: str, data_dir: str, statement: str, *arguments: str) -> None:
    statements = count(1)

    def halt(event) -> None:
        if event.info.name == "SQLQuery":
            number = next(statements)
            if str(number) == statement or (not statement.isdigit() and statement in event.data.sql):
                os.kill(os.getpid(), signal.Signals[name])

    os.environ["ONTIME_DATA_DIR"] = data_dir
    manifest = Manifest.from_msgpack(Path(manifest_file).read_bytes(), decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()
    folders = (f"--project-dir={ROOT}", f"--profiles-dir={ROOT}", f"--target-path={data_dir}/target")
    outcome = dbtRunner(manifest, callbacks=[halt]).invoke([SILENT, *QUICK, "run", "--threads=1", *arguments, *folders])
    sys.exit(0 if outcome.success else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
