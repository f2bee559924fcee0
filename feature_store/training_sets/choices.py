"""What a training set is asked to hold, checked before anything is built."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from feature_store.questions import DEFAULT_QUESTION, Question
from feature_store.questions.horizons import AT_DEPARTURE, DEPARTURE, span
from ontime.errors import OntimeError
from ontime.near_names import choose_from
from ontime.spans import is_span, read_span
from ontime.times import read_time


class Choices(BaseModel):
    """What the user asked for.

    Attributes:
        question: Which question the examples are of.
        horizons_minutes: Minutes before the scheduled departure at which predictions are made; 0 for the departure.
        start: First instant of prediction (UTC), or none.
        end: First instant past the last one, or none.
        features: Groups of features, by entity; none means all.
        validation_share: Share of the time span that the validation part takes.
        test_share: Share of the time span that the test part takes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = DEFAULT_QUESTION
    horizons_minutes: tuple[int, ...]
    start: datetime | None = None
    end: datetime | None = None
    features: tuple[str, ...] = ()
    validation_share: float = 0.15
    test_share: float = 0.15


def check(choices: Choices, as_of: datetime | None, question: Question) -> None:
    """Refuse what no examples can be found for.

    Args:
        choices: What is asked for.
        as_of: The instant (UTC) by which everything is to be known, or none.
        question: That which is asked.

    Raises:
        OntimeError: There is no such horizon or group of features, or the instants exclude each other.
    """
    allowed = ", ".join(map(span, question.horizons_minutes))
    for minutes in choices.horizons_minutes:
        if minutes not in question.horizons_minutes:
            raise OntimeError(f"--horizon {span(minutes)}: there are no such examples", remedy=f"choose from {allowed}")
    if not choices.horizons_minutes:
        raise OntimeError("--horizon names none", remedy=f"choose from {allowed}")
    for group in choices.features:
        if group not in question.features:
            raise OntimeError(
                f"--features {group!r}: there is no such group", remedy=choose_from(group, question.features)
            )
    if choices.start and choices.end and choices.start >= choices.end:
        raise OntimeError(f"--start {choices.start} is not before --end {choices.end}", remedy="choose a later --end")
    if as_of and choices.start and choices.start >= as_of:
        raise OntimeError(f"--start {choices.start} is not before --as-of {as_of}", remedy="choose a later --as-of")


def read_horizon(text: str) -> int:
    """Minutes of a time span such as 30m, 2h or 1d; 0 for `departure`.

    Raises:
        OntimeError: It is none.
    """
    if text.strip() == DEPARTURE:
        return AT_DEPARTURE
    if not is_span(text.strip()):
        raise OntimeError(f"--horizon {text!r} is no time span", remedy="write for example 30m, 2h or 1d")
    return int(read_span(text.strip()) / timedelta(minutes=1))


def read_groups(text: str | None) -> tuple[str, ...]:
    """The groups of features in a list with commas, each once; none for no list.

    Raises:
        OntimeError: The list is empty.
    """
    if text is None:
        return ()
    groups = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not groups:
        raise OntimeError("--features names no group", remedy="leave it out for all of them")
    return groups


def read_instant(option: str, text: str | None, *, is_end: bool = False) -> datetime | None:
    """The first instant of a month, of a day or itself, as UTC without zone; with `is_end` the first that is past it.

    Raises:
        OntimeError: It is none.
    """
    if text is None:
        return None
    try:
        time = read_time(text)
    except OntimeError as error:
        raise OntimeError(f"{option} {error.found}", remedy=error.remedy) from None
    return time.end if is_end else time.first
