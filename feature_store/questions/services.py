"""Feature services: what a model of a question gets, named by the question and the version of all that it takes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feature_store.registry.feature_tables import SelectedTable

if TYPE_CHECKING:
    from feature_store.questions.question import Question
    from feature_store.registry.catalogue import Catalogue


@dataclass(frozen=True)
class FeatureService:
    """The features of a question.

    Attributes:
        question: Its name.
        version: Changes with the question and with the tables that it takes from.
        selected: What it takes.
    """

    question: str
    version: str
    selected: tuple[SelectedTable, ...]

    @property
    def name(self) -> str:
        """As `cancellation_1a2b3c4d`."""
        return f"{self.question}_{self.version}"


def compile_service(question: Question, catalogue: Catalogue) -> FeatureService:
    """The service of a question."""
    tables = [catalogue.table(model) for model in question.tables.values()]
    versions = " ".join([question.version, *(f"{table.name} {table.version}" for table in tables)])
    names = [
        f"{table.name}:{column}"
        for table, columns in zip(tables, question.features.values(), strict=True)
        for column in columns
    ]
    version = hashlib.sha256(versions.encode()).hexdigest()[:8]
    return FeatureService(question.name, version, catalogue.parse_selection(names))
