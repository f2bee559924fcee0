"""How often does `ontime features drift` tell of drift where there is none, and where there is?

    python benchmarks/false_alarms.py [--data-dir data] [--runs 200]

Takes the examples at two hours of a built warehouse, and draws so many of their days as a set is of, and of the others
a period: days that are drawn at random are alike, whatever their season. The last two, which have no weather, are left
out. Of each draw limits are found from the set's days alone, as a receipt has them, and the period is compared with
them. Then the same where a share of the rows of one feature, drawn too, is moved to its greatest values. The seed is
fixed.
"""

import argparse
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

from feature_store.training_sets.distribution import (
    INSTANT,
    LENGTH,
    count_by_day,
    cut,
    feature_columns,
    find_limits,
    number_bins,
    number_days,
    stability_index,
)
from ontime.settings import Settings

SEED = 2013
SET_DAYS = 250
# the variable `feature_limits`
ALLOWED = 0.2
# what comes later is not alike
WEATHER_ENDS = date(2013, 12, 30)
MOVED = (0.0, 0.1, 0.25, 0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--runs", type=int, default=200)
    options = parser.parse_args()
    counts = read_counts(Settings(data_dir=options.data_dir))
    days = len(next(iter(counts.values())))
    print(
        f"{days} days, {len(counts)} features, sets of {SET_DAYS} days, periods of {LENGTH}, {options.runs} runs",
        flush=True,
    )
    for moved, share in find_alarms(counts, options.runs).items():
        print(f"{moved:.0%} of the rows of one feature moved: {share:.3f} of the runs tell of drift")


def read_counts(settings: Settings) -> dict[str, np.ndarray]:
    """Rows by day and bin of each feature, the bins being those of all days."""
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        examples = connection.execute(
            "select * from training.trn_departure_delay where horizon_minutes = 120 and flight_date < ?", [WEATHER_ENDS]
        ).to_arrow_table()
    days, _ = number_days(examples.column(INSTANT))
    counts = {}
    for name in feature_columns(examples.schema):
        bins = cut(examples.column(name))
        counts[name] = count_by_day(days, number_bins(examples.column(name), bins), bins.size)
    return counts


def find_alarms(counts: dict[str, np.ndarray], runs: int) -> dict[float, float]:
    """By the share of rows that was moved, the share of runs in which a feature is over its limit."""
    random = np.random.default_rng(SEED)
    days = len(next(iter(counts.values())))
    alarms = dict.fromkeys(MOVED, 0)
    for _ in range(runs):
        order = random.permutation(days)
        of_set, of_period = order[:SET_DAYS], order[SET_DAYS : SET_DAYS + LENGTH]
        limits = find_limits({name: by_day[of_set] for name, by_day in counts.items()})
        changed = random.choice(list(counts))
        for moved in MOVED:
            alarms[moved] += any(
                index(by_day, of_set, of_period, moved if name == changed else 0.0) > max(limits[name], ALLOWED)
                for name, by_day in counts.items()
            )
    return {moved: count / runs for moved, count in alarms.items()}


def index(by_day: np.ndarray, of_set: np.ndarray, of_period: np.ndarray, moved: float) -> float:
    drawn = by_day[of_period].sum(axis=0) * (1 - moved)
    drawn[-2] += by_day[of_period].sum() * moved
    return float(stability_index(drawn, by_day[of_set].sum(axis=0)))


if __name__ == "__main__":
    main()
