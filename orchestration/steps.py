"""The day, step by step: the one list that `ontime run-daily` and every scheduler go by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engines.targets import open_raw
from ingestion.raw.database import RawDatabase
from ingestion.registry import DEFAULT
from ontime.errors import NotYetError, OntimeError
from ontime.near_names import choose_from
from ontime.schemas import SOURCES
from ontime.settings import Settings
from operations.status.day import DayState, StepState

INGEST = "ingest_"


@dataclass(frozen=True)
class Step:
    """A command of the day.

    Attributes:
        name: How it is called, in the log, for `--step` and as a task of a scheduler.
        does: What it does, in a few words.
        command: What a person would type.
        needs: Steps that must have ended well before it.
        follows: Steps that must have ended before it, well or not.
    """

    name: str
    does: str
    command: str
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()

    @property
    def before(self) -> tuple[str, ...]:
        """All steps that come before it."""
        return (*self.needs, *self.follows)


def daily_steps(sources: Sequence[str], *, iceberg: bool) -> tuple[Step, ...]:
    """The steps in an order in which they can be run one by one.

    A source that cannot be had keeps nobody from what the others brought; a build that failed is published nowhere.

    Args:
        sources: What is ingested, in this order: asos asks for the weather of flights that came before it.
        iceberg: Whether Iceberg tables are published, too.
    """
    ingests: tuple[Step, ...] = ()
    for source in sources:
        before = tuple(step.name for step in ingests)
        command = f"ontime ingest {source} --new --json"
        ingests += (Step(f"{INGEST}{source}", f"load what is new of {source}", command, follows=before),)
    names = tuple(step.name for step in ingests)
    return (
        *ingests,
        # unit tests prove the models' logic, not the data
        Step("build", "build what the loads changed, and test it", "dbt build --selector data", follows=names),
        Step("publish", "replace what consumers read", "ontime publish --json", needs=("build",)),
        *(
            (Step("publish_iceberg", "publish Iceberg tables", "ontime publish iceberg --json", needs=("build",)),)
            if iceberg
            else ()
        ),
        Step("materialize", "fill the online store", "ontime features materialize --json", needs=("build",)),
        Step("parity", "compare what is served with what was built", "ontime features parity", needs=("materialize",)),
        Step("docs", "generate the catalogue", "dbt docs generate --no-compile", needs=("build",)),
    )


def steps_of(settings: Settings, sources: str | None, progress: Callable[[str], None]) -> tuple[Step, ...]:
    """The steps of a data folder.

    Args:
        settings: Say which sources, and whether Iceberg tables are published.
        sources: Names of sources as `bts,asos`, in the place of the setting.
        progress: Is told of a wait for raw.

    Raises:
        OntimeError: If a name is unknown, or raw cannot be read.
    """
    if sources:
        names = _named_sources(sources, "--sources")
    elif settings.daily_sources:
        names = _named_sources(settings.daily_sources, "setting ONTIME_DAILY_SOURCES")
    else:
        names = _loaded_sources(settings, progress) or DEFAULT
    return daily_steps(names, iceberg=settings.iceberg_uri is not None)


def step_named(name: str, steps: Sequence[Step]) -> Step:
    """The step of a name.

    Raises:
        OntimeError: If there is none; the nearest name is suggested.
    """
    found = next((step for step in steps if step.name == name), None)
    if found is None:
        raise OntimeError(f"{name!r} is no step", remedy=choose_from(name, [step.name for step in steps]))
    return found


def _named_sources(text: str, where: str) -> tuple[str, ...]:
    asked = [name.strip() for name in text.split(",")]
    for name in asked:
        if name not in SOURCES:
            raise OntimeError(f"{name!r} is no source", where=where, remedy=choose_from(name, SOURCES))
    return tuple(name for name in SOURCES if name in asked)


def _loaded_sources(settings: Settings, progress: Callable[[str], None]) -> tuple[str, ...]:
    try:
        with open_raw(settings, progress, read_only=True) as connection:
            raw = RawDatabase(connection)
            summaries = {name: raw.summary(name) for name in SOURCES}
    except NotYetError:
        return ()
    return tuple(name for name, summary in summaries.items() if summary and summary.files)


def steps_to_run(steps: Sequence[Step], state: DayState | None, day: str) -> list[Step]:
    """The steps that are left of a day: those that are not done, and those that come after one of them.

    A day that has ended well, and a new one, begin with the first step.
    """
    kept = state.steps if state and state.day == day else {}
    done = {step.name for step in steps if kept.get(step.name) == StepState(step.command, "done")}
    if len(done) == len(steps):
        return list(steps)
    left: list[Step] = []
    for step in steps:
        if step.name not in done or any(other.name in step.before for other in left):
            left.append(step)
    return left
