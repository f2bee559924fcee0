"""What it is worth to know which aircraft will fly: the example's model with and without the aircraft's features.

    python benchmarks/aircraft_features.py

Loads the sample, makes one training set of all horizons in which the aircraft is known at each of them
(`aircraft_known_minutes` as long as the longest), trains the models of `examples/train_delay_model.py`, and prints
their figures as a table. By default the project takes the aircraft for known from three hours before departure on: at
longer horizons a model has then the figures without it.
"""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from running import ROOT, ontime

sys.path.insert(0, str(ROOT / "examples"))
from train_delay_model import train

from feature_store.questions import load_question
from feature_store.questions.horizons import span

MODELS = ("features", "without the aircraft", "schedule only")
COPIED = ("models", "macros", "seeds", "snapshots", "tests", "profiles.yml")


def main() -> None:
    horizons = load_question("departure_delay").horizons_minutes
    with tempfile.TemporaryDirectory(prefix="ontime-") as folder:
        project, data = Path(folder, "project"), Path(folder, "data")
        copy_project(project, max(horizons))
        os.environ["DBT_PROJECT_DIR"] = os.environ["DBT_PROFILES_DIR"] = str(project)
        ontime(data, "ingest")
        options = [option for minutes in horizons for option in ("--horizon", span(minutes))]
        ontime(data, "training-set", "create", "horizons", *options)
        print("| before departure | the model knows | ROC AUC | average precision | Brier score |")
        print("| --- | --- | ---: | ---: | ---: |")
        for trained in train(data / "training_sets" / "horizons", lambda _line: None):
            for found in trained.predictions:
                if found.model in MODELS:
                    figures = f"{found.roc_auc:.3f} | {found.average_precision:.3f} | {found.brier_score:.3f}"
                    print(f"| {span(trained.horizon_minutes)} | {found.model} | {figures} |")


def copy_project(folder: Path, known_minutes: int) -> None:
    """The project, as if the aircraft were known so long before departure."""
    folder.mkdir()
    for name in COPIED:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    text, count = re.subn(
        r"(?m)^  aircraft_known_minutes: .*$",
        f"  aircraft_known_minutes: {known_minutes}",
        (ROOT / "dbt_project.yml").read_text(),
    )
    assert count == 1
    (folder / "dbt_project.yml").write_text(text)


if __name__ == "__main__":
    main()
