"""What examples the project defines: at which horizons, with which groups of features."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ontime.errors import OntimeError
from ontime.project import PROJECT_FILE, project_folder

EXAMPLES_MODEL = "trn_departure_delay"
SEPARATOR = "__"
PROPERTIES = Path("models", "training", f"_{EXAMPLES_MODEL}.yml")
HORIZONS = "training_horizons_minutes"


@dataclass(frozen=True)
class Definition:
    """What can be asked for, as the project says before anything is built.

    Attributes:
        horizons_minutes: Minutes before the scheduled departure at which there are examples.
        groups: Groups of features, in the order of their columns.
    """

    horizons_minutes: tuple[int, ...]
    groups: tuple[str, ...]


def read_definition() -> Definition:
    """Read it where dbt looks for the project: in DBT_PROJECT_DIR, or here or above.

    Raises:
        OntimeError: There is no project, or it does not define the examples.
    """
    project = project_folder()
    try:
        horizons = sorted(_read(project / PROJECT_FILE)["vars"][HORIZONS], reverse=True)
        models = {model["name"]: model for model in _read(project / PROPERTIES)["models"]}
        groups = dict.fromkeys(group_of(column["name"]) for column in models[EXAMPLES_MODEL]["columns"])
    except (KeyError, TypeError) as error:
        raise OntimeError(
            f"{PROJECT_FILE} and {PROPERTIES} in {project} do not define the examples ({error})", remedy="mend them"
        ) from None
    return Definition(tuple(horizons), tuple(group for group in groups if group))


def group_of(column: str) -> str | None:
    """The group of features that a column belongs to, None for those of the schedule and the label."""
    group, separator, _ = column.partition(SEPARATOR)
    return group if separator else None


def _read(path: Path) -> Any:  # noqa: ANN401 - as it is written
    try:
        return yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise OntimeError(f"{path} cannot be read ({' '.join(str(error).split())})", remedy="mend it") from None
