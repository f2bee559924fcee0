"""Questions as they stand in `training/questions`, checked before anything is done with them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from feature_store.questions.feature_groups import FeatureGroup, read_feature_groups
from feature_store.questions.horizons import AT_DEPARTURE, read_horizon
from feature_store.questions.labels import LABELS
from feature_store.questions.population import Population
from feature_store.questions.question import Question
from feature_store.registry.feature_tables import SEPARATOR
from ontime.errors import OntimeError
from ontime.near_names import choose_from
from ontime.project import project_folder

FOLDER: Final = Path("training", "questions")
DEFAULT_QUESTION: Final = "departure_delay"
# with `trn_` before it, a name of a table on every target
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,49}")
PAGE: Final = "docs/how-to-ask-another-question.md"


class QuestionFile(BaseModel):
    """A question as it is written.

    Attributes:
        question: What is asked, in words.
        label: The fact that answers it.
        horizons: Spans before the scheduled departure, or `departure`.
        population: Which flights it is about.
        features: Groups of features, or single ones as `origin__departures_3h`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    question: Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f{}]+$")]
    label: str
    horizons: Annotated[list[str], Field(min_length=1)]
    population: Annotated[Population, Field(strict=False)] = Population()
    features: Annotated[list[str], Field(min_length=1)]


def load_questions() -> tuple[Question, ...]:
    """The questions of the project, by name.

    Raises:
        OntimeError: There is no project, or a question is not as it has to be.
    """
    project = project_folder()
    groups = read_feature_groups(project)
    return tuple(_read(path, groups) for path in sorted((project / FOLDER).glob("*.yml")))


def load_question(name: str) -> Question:
    """The question of a name.

    Raises:
        OntimeError: There is none; the remedy has near names. Or it is not as it has to be.
    """
    project = project_folder()
    path = project / FOLDER / f"{name}.yml"
    if not NAME.fullmatch(name) or not path.exists():
        names = sorted(found.stem for found in (project / FOLDER).glob("*.yml"))
        raise OntimeError(f"there is no question {name!r}", remedy=choose_from(name, names))
    return _read(path, read_feature_groups(project))


def _read(path: Path, groups: dict[str, FeatureGroup]) -> Question:
    where = FOLDER / path.name
    if not NAME.fullmatch(path.stem):
        raise OntimeError(
            f"{path.stem!r} cannot name a question",
            where=where,
            remedy="begin with a letter, use small letters, digits and underscores, at most 50",
        )
    try:
        written = QuestionFile.model_validate(yaml.safe_load(path.read_text()))
    except (OSError, yaml.YAMLError) as error:
        raise OntimeError(f"it cannot be read ({' '.join(str(error).split())})", where=where) from None
    except ValidationError as error:
        raise _refusal(error, where) from None
    if written.label not in LABELS:
        raise OntimeError(
            f"label: there is no {written.label!r}", where=where, remedy=choose_from(written.label, LABELS)
        )
    return Question(
        name=path.stem,
        text=written.question,
        label=LABELS[written.label],
        horizons_minutes=_read_horizons(written, where),
        population=written.population,
        groups=_select(written.features, groups, where),
    )


def _refusal(error: ValidationError, where: Path) -> OntimeError:
    """The first of what pydantic found, in one line."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    allowed: Iterable[str] = QuestionFile.model_fields
    match first["type"]:
        case "extra_forbidden" if place.startswith("population"):
            return OntimeError(
                f"{place}: no population is told by that",
                where=where,
                remedy=choose_from(str(first["loc"][-1]), Population.model_fields),
            )
        case "extra_forbidden":
            return OntimeError(f"{place}: a question has no such part", where=where, remedy=choose_from(place, allowed))
        case "missing":
            return OntimeError(f"{place} is missing", where=where, remedy=f"write {', '.join(allowed)}")
    said = first["msg"].removeprefix("Value error, ")
    return OntimeError(f"{place}: {said}" if place else said, where=where, remedy=f"see {PAGE}")


def _read_horizons(written: QuestionFile, where: Path) -> tuple[int, ...]:
    try:
        found = [read_horizon(text) for text in written.horizons]
    except OntimeError as error:
        raise OntimeError(f"horizons: {error.found}", where=where, remedy=error.remedy) from None
    if AT_DEPARTURE in found and not LABELS[written.label].can_be_asked_at_departure:
        raise OntimeError(
            f"horizons: {written.label} is settled at the departure",
            where=where,
            remedy="write spans before the scheduled departure, as 2h",
        )
    if len(set(found)) < len(found):
        raise OntimeError("horizons: one is named twice", where=where, remedy="name each once")
    return tuple(sorted(found, reverse=True))


def _select(features: list[str], groups: dict[str, FeatureGroup], where: Path) -> tuple[FeatureGroup, ...]:
    """The groups in the order in which they are named first, each with the columns that are named, in its own order."""
    names: dict[str, set[str]] = {}
    for text in features:
        name, separator, column = text.partition(SEPARATOR)
        if name not in groups:
            raise OntimeError(f"features: there is no group {name!r}", where=where, remedy=choose_from(name, groups))
        known = [each.name for each in groups[name].columns]
        if separator and column not in known:
            raise OntimeError(
                f"features: the group {name} has no {column!r}", where=where, remedy=choose_from(column, known)
            )
        chosen = {column} if separator else set(known)
        if names.setdefault(name, set()) & chosen:
            raise OntimeError(f"features: {text} is named twice", where=where, remedy="name each once")
        names[name] |= chosen
    return tuple(
        replace(groups[name], columns=tuple(each for each in groups[name].columns if each.name in chosen))
        for name, chosen in names.items()
    )
