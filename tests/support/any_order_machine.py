"""Draws what happens to a warehouse, and in which order."""

import sys

from any_order_steps import (
    DAYS,
    FLOWN,
    NUMBERS,
    ODDITIES,
    TAILS,
    ZONES,
    Again,
    Airports,
    Arrival,
    Build,
    ClockRules,
    Completion,
    Exclusions,
    FlightEvents,
    Flights,
    KilledBuild,
    Reports,
    SampleFlights,
    SampleWeather,
    Step,
    StreamedReports,
)
from any_order_warehouse import Template, Warehouse
from dbt_project import ROOT
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

DAY = st.integers(0, len(DAYS) - 1)
OUTCOME = st.integers(0, 2)
SOME_NUMBERS = st.lists(st.sampled_from(NUMBERS), max_size=4, unique=True).map(sorted).map(tuple)
LAYERS = ("marts", "reports", "features", "training")
# the models that are tables
MODELS = sorted(
    file.stem
    for file in (ROOT / "models").rglob("*.sql")
    if file.parent.name in LAYERS or "materialized=" in file.read_text()
)
MODELS += [f"path:models/{layer}" for layer in LAYERS]


def seldom(value: object, otherwise: object) -> st.SearchStrategy:
    return st.sampled_from([otherwise] * 4 + [value])


ARRIVALS = st.builds(
    Arrival,
    hours=st.sampled_from([0, 1, 13, 30, 29 * 24]),
    clock_days=st.sampled_from([0, 0, 0, -40, 40]),
    completes=seldom(False, True),
)
FLIGHTS = st.builds(
    Flights,
    days=st.lists(DAY, min_size=1, max_size=3, unique=True).map(sorted).map(tuple),
    numbers=SOME_NUMBERS,
    outcome=OUTCOME,
    month=st.booleans(),
    oddity=st.sampled_from([*[None] * len(ODDITIES), *sorted(ODDITIES)]),
    arrival=ARRIVALS,
)
SAMPLE_FLIGHTS = st.builds(SampleFlights, DAY, SOME_NUMBERS, OUTCOME, ARRIVALS)
REPORTS = st.builds(Reports, DAY, OUTCOME, seldom(900, 10), ARRIVALS)
SAMPLE_WEATHER = st.builds(SampleWeather, DAY, OUTCOME, seldom(1048.36, 10.0), ARRIVALS)
KINDS = st.lists(st.integers(0, 5), min_size=1, max_size=6, unique=True).map(tuple)
FLIGHT_EVENTS = st.builds(FlightEvents, DAY, SOME_NUMBERS, OUTCOME, KINDS, ARRIVALS)
STREAMED_REPORTS = st.builds(StreamedReports, DAY, OUTCOME, ARRIVALS)
AGAIN = st.builds(Again, st.integers(0, 20), ARRIVALS)
AIRPORTS = st.builds(
    Airports, st.sampled_from(FLOWN), st.sampled_from(ZONES), seldom(False, True), st.booleans(), ARRIVALS
)
CLOCK_RULES = st.builds(
    ClockRules, st.sampled_from(ZONES), st.sampled_from([0, 60]), st.sampled_from([2013, 2014]), ARRIVALS
)
EXCLUSIONS = st.builds(
    Exclusions, st.lists(st.sampled_from([tail for tail in TAILS if tail]), max_size=2, unique=True).map(tuple)
)
OPTIONS = st.sampled_from(
    [
        *[()] * 8,
        ("--empty",),
        ("--full-refresh",),
        ("--full-refresh", "--vars", "{until_load: 6}"),
        ("--vars", f"{{backfill_start: '{DAYS[3]}'}}"),
    ]
)
SOME_MODELS = st.lists(st.sampled_from(MODELS), min_size=1, max_size=6, unique=True).map(tuple)
BUILDS = st.builds(Build, SOME_MODELS, OPTIONS)
KILLED_BUILDS = st.builds(KilledBuild, SOME_MODELS, st.integers(1, 120))
# as often as they stand there
STEPS = (
    *[FLIGHTS] * 5,
    *[FLIGHT_EVENTS] * 3,
    STREAMED_REPORTS,
    *[BUILDS] * 6,
    *[SAMPLE_FLIGHTS, REPORTS, SAMPLE_WEATHER, AGAIN, st.just(Completion())],
    *[AIRPORTS, CLOCK_RULES, EXCLUSIONS],
)
STEPS_AND_KILLS = (*STEPS * 2, KILLED_BUILDS)


def drawn(machine: "AnyOrder") -> st.SearchStrategy[Step]:
    return st.sampled_from(STEPS_AND_KILLS if machine.with_kills else STEPS).flatmap(lambda steps: steps)


class AnyOrder(RuleBasedStateMachine):
    """Anything happens to a warehouse; then it is built whole, and is what one build gives.

    Attributes:
        with_kills: Whether builds may be killed, which takes a process of its own.
        is_built: Whether everything was built before the first step.
        steps: What has happened so far.
        is_tried: Whether it was compared in the end.
    """

    is_built = is_tried = False

    def __init__(self, template: Template, with_kills: bool) -> None:
        super().__init__()
        self.template, self.with_kills = template, with_kills
        self.steps: list[Step] = []
        self.warehouse: Warehouse | None = None

    @initialize(is_built=seldom(False, True))
    def begin(self, is_built: bool) -> None:
        self.is_built = is_built
        self.warehouse = Warehouse(self.template, is_built)

    # one rule for all: hypothesis leaves some rules out of a sequence, and what matters is how steps follow one another
    @rule(step=st.runner().flatmap(drawn))
    def happens(self, step: Step) -> None:
        assert self.warehouse
        self.steps.append(step)
        step.take(self.warehouse)

    def teardown(self) -> None:
        if self.warehouse is None:
            return
        try:
            # a step failed, or hypothesis wants no more of them
            if sys.exc_info()[0] is None:
                self.warehouse.build_whole()
                assert self.warehouse.differences() == []
                self.is_tried = True
        finally:
            self.warehouse.remove()
