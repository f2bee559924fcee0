"""Who uses a feature: questions with their services, and saved models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feature_store.questions.horizons import span
from feature_store.questions.services import service_name
from feature_store.serving.models import RECEIPT, ModelReceipt

if TYPE_CHECKING:
    from feature_store.questions import Question
    from feature_store.registry.catalogue import Catalogue, Feature, FeatureTable


@dataclass(frozen=True)
class Use:
    """A question, and what it takes.

    Attributes:
        name: The question's.
        text: What is asked.
        model: The dbt model of its examples.
        horizons: When it is asked, in words.
        service: Feast's service of its features.
        features: What it takes, as `origin_departures:departures_3h`.
    """

    name: str
    text: str
    model: str
    horizons: str
    service: str
    features: frozenset[str]


@dataclass(frozen=True)
class SavedModel:
    """A trained model that is served.

    Attributes:
        name: Where it stands, as `departure_delay/120`.
        columns: What it takes.
    """

    name: str
    columns: frozenset[str]


def feature_name(table: FeatureTable, feature: str) -> str:
    """What users write for a feature."""
    return f"{table.short_name}:{feature}"


def read_use(question: Question, catalogue: Catalogue) -> Use:
    """What a question takes."""
    tables = {group: catalogue.table(model) for group, model in question.tables.items()}
    return Use(
        name=question.name,
        text=question.text,
        model=question.model,
        horizons=", ".join(map(span, question.horizons_minutes)),
        service=service_name(question, list(tables.values())),
        features=frozenset(
            feature_name(tables[group], column) for group, columns in question.features.items() for column in columns
        ),
    )


def read_saved_models(folder: Path) -> list[SavedModel]:
    """The models of a folder, by their receipts; those without a right one are not served either."""
    found = []
    for path in sorted(folder.glob(f"*/{RECEIPT}")):
        try:
            receipt = ModelReceipt.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        found.append(SavedModel(f"{folder.name}/{path.parent.name}", frozenset(receipt.columns)))
    return found


def models_that_take(table: FeatureTable, feature: Feature, models: Iterable[SavedModel]) -> list[str]:
    """The names of models that take a feature, or its age."""
    columns = {table.retrieved_name(name) for name in (feature.name, feature.age_name) if name}
    return [model.name for model in models if columns & model.columns]
