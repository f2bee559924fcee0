"""Makes the stream's file: dbt builds the models of features, and what they are made of, as views into it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ontime.dbt_run import run_dbt
from ontime.errors import OntimeError
from ontime.settings import PREFIX
from streaming.live.feature_tables import FLIGHT_FACTS, WEATHER_FACTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ontime.scratch import Scratch
    from ontime.settings import Settings

TARGET: Final = "stream"
STREAM_FILE: Final = "stream.duckdb"
FEATURES: Final = "path:models/features"
# nothing that features are made of; it comes along where one of them is tested against it
LEFT_OUT: Final = "dim_airports"


class FeatureModel(NamedTuple):
    """A model of features.

    Attributes:
        name: The model.
        entity: The columns that name its entity.
        facts: The relation that it counts.
    """

    name: str
    entity: list[str]
    facts: str


def build_views(settings: Settings, project: Path, scratch: Scratch, tell: Callable[[str], None]) -> list[FeatureModel]:
    """Build a new file of views, in a folder.

    Args:
        settings: For the target whose reference data tell places and clocks.
        project: The dbt project.
        scratch: Where to, without such a file.
        tell: Is given each line of progress.

    Returns:
        The models of features.

    Raises:
        OntimeError: If dbt fails.
    """
    target = scratch.path / "target"
    # seeds come along with what reads them
    chosen = ("--select", f"+{FEATURES}", "--exclude", LEFT_OUT, "--exclude-resource-type", "test", "unit_test")
    into = (f"--target={TARGET}", f"--target-path={target}", "--log-level-file=none")
    environment = os.environ | {
        f"{PREFIX}DATA_DIR": str(settings.data_dir.absolute()),
        f"{PREFIX}STREAM_FILE": str(scratch.path.absolute() / STREAM_FILE),
        f"{PREFIX}TARGET": settings.target,
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILES_DIR": str(project),
    }
    # a file that dbt has open cannot be opened here, and the memory of its parser is not wanted back
    done = run_dbt(
        [Path(sys.executable).parent / "dbt"],
        ["build", *chosen, *into],
        tell,
        environment=environment,
        pass_fds=(scratch.lock,),
    )
    if done.status != 0:
        raise OntimeError(done.said.splitlines()[-1], where=f"dbt build --target {TARGET}")
    return _feature_models(json.loads((target / "manifest.json").read_text(encoding="utf-8")))


def _feature_models(manifest: dict[str, Any]) -> list[FeatureModel]:
    found = []
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and str(node["original_file_path"]).startswith("models/features/"):
            read = {str(key).rpartition(".")[2] for key in node["depends_on"]["nodes"]}
            (facts,) = read & {FLIGHT_FACTS, WEATHER_FACTS}
            entity = node["config"]["meta"]["feature_store"]["entity"]
            found.append(FeatureModel(str(node["name"]), list(entity), facts))
    return found
