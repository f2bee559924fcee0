"""Whatever happens to a warehouse, in whatever order: after one whole build it is what one build from nothing gives."""

import pytest
from any_order_machine import AnyOrder
from any_order_steps import Build, Flights, KilledBuild
from any_order_warehouse import Template, differences_after
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

# the same few each time; benchmarks/any_order.py tries as many as it is asked for
FEW = settings(
    max_examples=3,
    stateful_step_count=9,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return Template(tmp_path_factory.mktemp("any_order"))


@pytest.mark.slow
def test_any_order_of_loads_corrections_and_partial_builds_gives_the_same(template):
    run_state_machine_as_test(seed(59)(lambda: AnyOrder(template, with_kills=False)), settings=FEW)


@pytest.mark.slow
def test_a_build_that_was_killed_leaves_nothing_that_the_next_does_not_mend(template):
    new, restated = Flights(days=(5,), numbers=(1, 2), outcome=0), Flights(days=(4,), numbers=(1, 2, 3), outcome=2)
    killed = KilledBuild(("int_flight_movements", "path:models/marts"), statement=60)
    assert differences_after(template, True, [new, killed, restated, Build(("fct_flights",))]) == []
