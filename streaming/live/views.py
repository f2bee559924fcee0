"""Makes the stream's file: dbt builds the models of features, and what they are made of, as views into it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from ontime.errors import OntimeError
from ontime.settings import PREFIX
from streaming.live.feature_tables import FLIGHT_FACTS, WEATHER_FACTS

if TYPE_CHECKING:
    from ontime.settings import Settings

TARGET: Final = "stream"
FEATURES: Final = "path:models/features"
# nothing that features are made of; it comes along where one of them is tested against it
LEFT_OUT: Final = "dim_airports"


def build_views(settings: Settings, project: Path, folder: Path) -> list[tuple[str, list[str], str]]:
    """Build a new file of views, `stream.duckdb` in a folder.

    Args:
        settings: For the target whose reference data tell places and clocks.
        project: The dbt project.
        folder: Where to, without such a file.

    Returns:
        The models of features: their names, the columns of their entities and the relations that they count.

    Raises:
        OntimeError: If dbt fails.
    """
    # a file that dbt has open cannot be opened here, and the memory of its parser is not wanted back
    with TemporaryDirectory(prefix="ontime-") as target:
        # seeds come along with what reads them
        chosen = ("--select", f"+{FEATURES}", "--exclude", LEFT_OUT, "--exclude-resource-type", "test", "unit_test")
        _run_dbt(settings, project, folder, Path(target), "build", *chosen)
        return _feature_models(json.loads((Path(target) / "manifest.json").read_text(encoding="utf-8")))


def _run_dbt(settings: Settings, project: Path, folder: Path, target: Path, *command: str) -> None:
    arguments = ("--quiet", "--log-level-file=none", *command, f"--target={TARGET}", f"--target-path={target}")
    environment = os.environ | {
        f"{PREFIX}DATA_DIR": str(settings.data_dir.absolute()),
        f"{PREFIX}STREAM_FILE": str(folder.absolute() / "stream.duckdb"),
        f"{PREFIX}TARGET": settings.target,
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILES_DIR": str(project),
    }
    dbt = Path(sys.executable).parent / "dbt"
    done = subprocess.run([dbt, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stdout or done.stderr).strip().splitlines()
        raise OntimeError(lines[-1] if lines else "no message", where=f"dbt {command[0]} --target {TARGET}")


def _feature_models(manifest: dict[str, Any]) -> list[tuple[str, list[str], str]]:
    found = []
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and str(node["original_file_path"]).startswith("models/features/"):
            read = {str(key).rpartition(".")[2] for key in node["depends_on"]["nodes"]}
            (facts,) = read & {FLIGHT_FACTS, WEATHER_FACTS}
            entity = node["config"]["meta"]["feature_store"]["entity"]
            found.append((str(node["name"]), list(entity), facts))
    return found
