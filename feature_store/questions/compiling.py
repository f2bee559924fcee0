"""Questions compiled into the dbt models of their examples; what stands is compared with what they would give."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from feature_store.questions.model_properties import write_properties
from feature_store.questions.model_sql import write_labels, write_model
from feature_store.questions.question import Question
from feature_store.questions.reading import load_question
from ontime.errors import OntimeError
from ontime.project import project_folder

MODELS: Final = Path("models", "training")
LABELS: Final = Path("macros", "question_labels.sql")


def compile_questions(questions: Iterable[Question]) -> dict[Path, str]:
    """The files that questions are compiled into, by their path in the project."""
    asked = tuple(questions)
    files = {LABELS: write_labels(asked)}
    for question in asked:
        files |= _compile(question)
    return files


def load_compiled(name: str) -> Question:
    """The question of a name, whose model is what its file gives.

    Raises:
        OntimeError: There is no such question, it is not as it has to be, or it was not compiled since it was written.
    """
    question, project = load_question(name), project_folder()
    for path, text in _compile(question).items():
        if _read(project / path) != text:
            raise OntimeError(f"{path} is not what the question {name} gives", remedy="run ontime questions compile")
    return question


def _compile(question: Question) -> dict[Path, str]:
    return {
        MODELS / f"{question.model}.sql": write_model(question),
        MODELS / f"_{question.model}.yml": write_properties(question),
    }


def find_differences(project: Path, files: dict[Path, str]) -> list[Path]:
    """The files of a project that are not what its questions give: changed, missing, or of no question."""
    return sorted({path for path, text in files.items() if _read(project / path) != text} | _others(project, files))


def write_files(project: Path, files: dict[Path, str]) -> list[Path]:
    """Write what differs, and remove what is of no question; gives those files."""
    differing = find_differences(project, files)
    for path in differing:
        if path in files:
            (project / path).write_text(files[path])
        else:
            (project / path).unlink()
    return differing


def _others(project: Path, files: dict[Path, str]) -> set[Path]:
    found = [*(project / MODELS).glob("trn_*.sql"), *(project / MODELS).glob("_trn_*.yml")]
    return {path.relative_to(project) for path in found} - files.keys()


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None
