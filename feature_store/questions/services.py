"""What services call a question's features."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feature_store.questions.question import Question
    from feature_store.registry.feature_tables import FeatureTable


def service_name(question: Question, tables: Sequence[FeatureTable]) -> str:
    """Feast's service of a question, with the version of it and of what it takes, as `cancellation_1a2b3c4d`."""
    versions = " ".join([question.version, *(f"{table.name} {table.version}" for table in tables)])
    return f"{question.name}_{hashlib.sha256(versions.encode()).hexdigest()[:8]}"
