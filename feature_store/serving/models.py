"""A trained model with the receipt of its training set: saved by who trains, loaded by who serves.

The classifier is scikit-learn's own pickle, which could run code when it is loaded: the file is loaded only if its hash
is the one in the receipt beside it, and if both belong to who loads them.
"""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict

from feature_store.training_sets.receipt import Receipt
from ontime.errors import NotYetError, OntimeError
from ontime.files import replace_durably, sha256
from ontime.rights import refusal

if TYPE_CHECKING:
    import pandas as pd

RECEIPT: Final = "model.json"
CLASSIFIER: Final = "classifier.pickle"
LIBRARY: Final = "scikit-learn"
ROUTE: Final = ["origin_airport_code", "destination_airport_code"]
SCHEDULE: Final = ["distance_miles", "scheduled_elapsed_minutes"]


class ModelReceipt(BaseModel):
    """What a saved model is made of.

    Attributes:
        classifier_sha256: Of the classifier's file.
        library_version: Of scikit-learn.
        training_set: The name of the set.
        training_set_sha256: Of the set's content, as its receipt has it.
        horizon_minutes: Before departure, for which it was trained.
        columns: What it takes, in order.
        categories: The values of its columns of categories.
        routes: Miles and scheduled minutes of each route of the set, by `JFK-MCO`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    classifier_sha256: str
    library_version: str
    training_set: str
    training_set_sha256: str
    horizon_minutes: int
    columns: tuple[str, ...]
    categories: dict[str, tuple[str, ...]]
    routes: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Model:
    """A model that is what its receipt says."""

    receipt: ModelReceipt
    classifier: Any


def save_model(
    folder: Path, classifier: object, examples: pd.DataFrame, horizon_minutes: int, receipt: Receipt
) -> Path:
    """Save a model; gives its folder.

    Args:
        folder: Of the models of all horizons.
        classifier: Fitted by scikit-learn.
        examples: Those that it was trained on, with the columns of its features and of the schedule.
        horizon_minutes: Of the examples.
        receipt: Of the training set.
    """
    columns = tuple(classifier.feature_names_in_)  # type: ignore[attr-defined]  # of each that was fitted with a frame
    routes = examples.groupby(ROUTE, observed=True)[SCHEDULE].median()
    path = folder / str(horizon_minutes)
    path.mkdir(parents=True, exist_ok=True)
    temporary = path / f"{CLASSIFIER}.part"
    temporary.write_bytes(pickle.dumps(classifier))
    made = ModelReceipt(
        classifier_sha256=sha256(temporary),
        library_version=version(LIBRARY),
        training_set=receipt.name,
        training_set_sha256=receipt.content_sha256,
        horizon_minutes=horizon_minutes,
        columns=columns,
        categories={
            name: tuple(map(str, examples[name].cat.categories))
            for name in columns
            if isinstance(examples[name].dtype, _categorical())
        },
        routes={"-".join(map(str, route)): tuple(row) for route, row in zip(routes.index, routes.values, strict=True)},
    )
    replace_durably(temporary, path / CLASSIFIER)
    (path / RECEIPT).write_text(made.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return path


def load_models(folder: Path) -> list[Model]:
    """The models of all horizons, the longest first.

    Raises:
        NotYetError: There is none.
        OntimeError: One is not what its receipt says, was made by another release, or is another user's.
    """
    found = [_load(path.parent) for path in folder.glob(f"*/{RECEIPT}")]
    if not found:
        raise NotYetError(f"{folder} holds no model", remedy="make one with examples/train_delay_model.py SET --save")
    return sorted(found, key=lambda model: -model.receipt.horizon_minutes)


def _load(folder: Path) -> Model:
    path = folder / CLASSIFIER
    try:
        receipt = ModelReceipt.model_validate_json((folder / RECEIPT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OntimeError(f"no receipt of a model ({str(error).splitlines()[0]})", where=folder / RECEIPT) from None
    if not path.exists() or sha256(path) != receipt.classifier_sha256:
        raise OntimeError("is not what its receipt says", where=path, remedy="train it again")
    for file in (path, folder / RECEIPT):
        if file.stat().st_uid not in {os.geteuid(), 0}:
            raise refusal(file)
    if receipt.library_version != version(LIBRARY):
        raise OntimeError(f"was made by {LIBRARY} {receipt.library_version}", where=path, remedy="train it again")
    return Model(receipt, pickle.loads(path.read_bytes()))  # noqa: S301 - checked above


def _categorical() -> type:
    import pandas as pd  # noqa: PLC0415 - slow to import

    return pd.CategoricalDtype
