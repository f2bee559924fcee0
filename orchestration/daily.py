"""A run of the day: its steps one after another, from where the last run was held up."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

from ingestion.ops import new_run_id
from ontime.console import SECONDS_BETWEEN_LINES, progress_lines
from ontime.locks import exclusive_lock
from ontime.redaction import without_secrets
from ontime.rights import make_data_folders
from operations.alerts.alerts import open_alerts, tell
from operations.status.day import LOCK_FILE, DayState, StepState, StepStatus, day_file
from orchestration.journal import Journal, open_journal
from orchestration.processes import Outcome, run_command
from orchestration.steps import steps_to_run

if TYPE_CHECKING:
    from pathlib import Path

    from ontime.settings import Settings
    from orchestration.steps import Step

WORK: Final = "daily run"
STOPPED: Final = 128 + signal.SIGTERM


@dataclass(frozen=True)
class StepRun:
    """What came of a step in a run.

    Attributes:
        name: The step.
        status: How it ended.
        seconds: How long it took.
        error: What went wrong, or what it waits for.
        counts: What came of it: rows, files, tables, nodes, by name.
    """

    name: str
    status: StepStatus
    seconds: float = 0.0
    error: str | None = None
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class DailyRun:
    """What came of a run.

    Attributes:
        run_id: Its id, in the log, too.
        day: The day (UTC).
        seconds: How long it took.
        steps: What came of each step that it ran, in their order.
    """

    run_id: str
    day: str
    seconds: float
    steps: tuple[StepRun, ...]

    @property
    def is_well(self) -> bool:
        """Whether all steps ended well."""
        return all(step.status == "done" for step in self.steps)


def today() -> str:
    """The day (UTC), as 2026-01-31."""
    return datetime.now(UTC).date().isoformat()


def run_daily(
    settings: Settings, steps: Sequence[Step], tell: Callable[[str], None], *, restart: bool, quiet: bool = False
) -> DailyRun:
    """Run what is left of the day.

    Args:
        settings: For the data folder.
        steps: All steps of the day.
        tell: Is given a line when a step begins and when it ends, and of waits.
        restart: Begin with the first step, whatever was done.
        quiet: Show no progress of the steps.

    Raises:
        InUseError: If another run is at work.
    """
    with _held(settings, tell) as lock:
        path, day = day_file(settings), today()
        before = DayState.read(path)
        left = steps_to_run(steps, None if restart else before, day)
        state = before or DayState(day)
        if len(left) == len(steps):
            state = DayState(day, succeeded_at=state.succeeded_at)
        names = [step.name for step in steps]
        return _Run(settings, left, lock, tell, (state, path), names, quiet=quiet).run()


def run_step(settings: Settings, step: Step, tell: Callable[[str], None], *, quiet: bool = False) -> DailyRun:
    """Run one step by itself, whatever the state of the day, which stays as it is.

    Raises:
        InUseError: If another run is at work.
    """
    with _held(settings, tell) as lock:
        return _Run(settings, [step], lock, tell, None, quiet=quiet).run()


class _Run:
    def __init__(
        self,
        settings: Settings,
        steps: Sequence[Step],
        lock: int,
        tell: Callable[[str], None],
        kept: tuple[DayState, Path] | None,
        names: Sequence[str] = (),
        *,
        quiet: bool,
    ) -> None:
        self._settings, self._steps, self._lock, self._tell = settings, steps, lock, tell
        self._kept, self._names, self._quiet = kept, names, quiet
        self._ended: list[StepRun] = []

    def run(self) -> DailyRun:
        run_id, started = new_run_id(), time.monotonic()
        with open_journal(self._settings, run_id) as journal, _ended_by_sigterm():
            journal.note(
                "run started", day=today(), target=self._settings.target, steps=[step.name for step in self._steps]
            )
            for number, step in enumerate(self._steps, 1):
                self._take(step, f"{number} of {len(self._steps)} {step.name}", journal)
            done = DailyRun(run_id, today(), round(time.monotonic() - started, 1), tuple(self._ended))
            if self._kept and done.is_well:
                self._kept[0].note_success(self._kept[1])
            self._alert(journal)
            journal.note("run ended", status="done" if done.is_well else "failed", seconds=done.seconds)
        return done

    def _alert(self, journal: Journal) -> None:
        """Tell people what went wrong; a step that waits for another is no problem of its own, and tells nothing.

        What is wrong with a step that the day has no more is over.
        """
        seen = {f"{WORK}: {run.name}": run.error for run in self._ended if run.status != "skipped"}
        if self._kept:
            known = {f"{WORK}: {name}" for name in self._names}
            names = [name for name in open_alerts(self._settings) if name.startswith(f"{WORK}: ")]
            seen |= {name: None for name in names if name not in known}
        for fault in tell(self._settings, seen):
            self._tell(fault)
            journal.note("alert failed", error=fault)

    def _take(self, step: Step, title: str, journal: Journal) -> None:
        bad = [run.name for run in self._ended if run.name in step.needs and run.status != "done"]
        if bad:
            self._end(step, StepRun(step.name, "skipped", error=f"{', '.join(bad)} did not end well"), title, journal)
            return
        self._tell(f"{title}: {step.command}")
        self._note(step, "running")
        journal.note("step started", step=step.name, command=step.command)
        started = time.monotonic()
        try:
            outcome = self._outcome(step)
        except BaseException as error:
            seconds = round(time.monotonic() - started, 1)
            journal.note("step stopped", step=step.name, seconds=seconds, error=type(error).__name__)
            raise
        run = StepRun(
            step.name,
            "failed" if outcome.error else "done",
            round(time.monotonic() - started, 1),
            without_secrets(outcome.error) if outcome.error else None,
            outcome.counts,
        )
        self._end(step, run, title, journal)

    def _outcome(self, step: Step) -> Outcome:
        if self._quiet:
            return run_command(step, lambda _line: None, self._lock)
        with progress_lines(SECONDS_BETWEEN_LINES) as progress:
            return run_command(step, lambda line: progress(f"  {step.name}: {line}"), self._lock)

    def _end(self, step: Step, run: StepRun, title: str, journal: Journal) -> None:
        self._ended.append(run)
        self._note(step, run.status)
        journal.note(
            "step ended", step=step.name, status=run.status, seconds=run.seconds, error=run.error, counts=run.counts
        )
        self._tell(f"{title}: {run.status} in {run.seconds:.1f} s{f': {told}' if (told := counted(run)) else ''}")

    def _note(self, step: Step, status: StepStatus) -> None:
        if self._kept:
            state, path = self._kept
            state.steps[step.name] = StepState(step.command, status)
            state.write(path)


def counted(run: StepRun) -> str:
    """What came of a step, in a line."""
    if run.error:
        return run.error.strip().splitlines()[0]
    return ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in run.counts.items() if number)


@contextmanager
def _held(settings: Settings, tell: Callable[[str], None]) -> Iterator[int]:
    make_data_folders(settings)
    with exclusive_lock(settings.data_dir / LOCK_FILE, settings.lock_timeout_seconds, tell, WORK) as lock:
        yield lock


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the step at work as Ctrl-C does, and with it the run."""

    def end(_sign: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(STOPPED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
