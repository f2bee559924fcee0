"""Whether a warehouse to which anything happened, in any order, is after one whole build what one from nothing is.

    python benchmarks/any_order.py [--sequences 500] [--steps 10] [--seed 1]

Each sequence takes random steps on a small warehouse: files of flights and weather that are new, repeated, restated,
late, of part of a month or of all of it, with rows that cannot be, from loaders whose clocks are ahead or behind;
events in any order, some of them in several files; corrected airports, clock rules and lists of excluded aircraft;
builds of some models, one of them killed. Then it is built whole, and every table is compared with that of a full
refresh from the same raw data. Prints how many sequences were tried; stops at the first difference, and prints the
fewest of its steps that still lead to one.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from any_order_machine import AnyOrder
from any_order_steps import Step
from any_order_warehouse import Template, differences_after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=500)
    parser.add_argument("--steps", type=int, default=10, help="steps of a sequence (default 10)")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other sequences (default 1)")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        template = Template(Path(folder) / "template")
        machines: list[AnyOrder] = []

        @seed(options.seed)
        def machine() -> AnyOrder:
            print(f"\r{_tried(machines)} sequences", end="", file=sys.stderr, flush=True)
            machines.append(AnyOrder(template, with_kills=True))
            return machines[-1]

        try:
            run_state_machine_as_test(machine, settings=_as_asked(options.sequences, options.steps))
        except Exception as error:
            raise SystemExit(_told(template, machines[-1], error)) from None
    print(f"{_tried(machines)} sequences, {time.monotonic() - started:,.0f} s: no difference")


def _tried(machines: list[AnyOrder]) -> int:
    return sum(machine.is_tried for machine in machines)


def _as_asked(sequences: int, steps: int) -> settings:
    return settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )


def _told(template: Template, machine: AnyOrder, error: Exception) -> str:
    is_built, steps = machine.is_built, _fewest(template, machine.is_built, machine.steps)
    found = _outcome(template, is_built, steps) or [f"{type(error).__name__}: {error}"]
    return "\n".join([f"Template(...), is_built={is_built}", *map(repr, steps), "gives", *found])


def _fewest(template: Template, is_built: bool, steps: list[Step]) -> list[Step]:
    """Leave out one step after another without which there still is a difference."""
    for step in reversed(steps):
        fewer = [other for other in steps if other is not step]
        if _outcome(template, is_built, fewer):
            steps = fewer
    return steps


def _outcome(template: Template, is_built: bool, steps: list[Step]) -> list[str]:
    try:
        return differences_after(template, is_built, steps)
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]


if __name__ == "__main__":
    main()
