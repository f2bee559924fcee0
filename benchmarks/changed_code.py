"""What a build costs after code changed, and after nothing did, of a whole build: of the warehouse of `make run`.

    python benchmarks/changed_code.py [--data FOLDER]

Works on a copy of the folder (default data). Prints for each build the seconds on the clock and those of the
processor, which other work on the machine touches less: whole (`dbt build --full-refresh`), after nothing new, and
after a report's code changed, once as `dbt build` finds it by the ledger and once as `state:modified+` selects it by
the manifest that was published. Unit tests are left out, as they prove the models and not the data.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ontime.project import PROJECT_FILES

ROOT = Path(__file__).parents[1]
DBT = Path(sys.executable).parent / "dbt"
CHANGED = "models/reports/rpt_route_on_time_monthly.sql"
STATE = ("--select", "state:modified+", "--defer", "--state")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "data", help="what `make run` has built (default data)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project, published = Path(folder, "project"), Path(folder, "published")
        for name in PROJECT_FILES:
            source, copy = ROOT / name, project / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy)
        (project / "data").mkdir()
        for name in ("raw.duckdb", "ontime.duckdb"):
            shutil.copy(options.data / name, project / "data" / name)
        published.mkdir()
        _build("first, to have all as it is here", project)
        whole = _build("whole", project, "--full-refresh")
        shutil.copy(project / "target" / "manifest.json", published)
        found = {"nothing new": _build("nothing new", project)}
        _change(project, "once")
        found["a report changed, found"] = _build("a report changed, found", project)
        _change(project, "twice")
        found["a report changed, selected"] = _build("a report changed, selected", project, *STATE, str(published))
    for name, seconds in found.items():
        print(f"{name} / whole, in seconds of the processor: {seconds / whole:.2f}")


def _change(project: Path, how: str) -> None:
    path = project / CHANGED
    path.write_text(path.read_text().replace("with\n", f"with\n\n-- told {how}\n", 1))


def _build(name: str, project: Path, *arguments: str) -> float:
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [DBT, "--quiet", "build", "--exclude-resource-type", "unit_test", *arguments]
    subprocess.run(command, cwd=project, env=_environment(project), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name}: {time.monotonic() - started:.0f} s, {seconds:.0f} s of the processor", flush=True)
    return seconds


def _environment(project: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ONTIME_", "DBT_"))}
    return inherited | {"PYTHONPATH": str(ROOT), "DBT_PROFILES_DIR": str(project)}


if __name__ == "__main__":
    main()
