"""The metrics answer on the built warehouse, and the reports agree with them."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

METRICS = (
    "flights",
    "on_time_share",
    "cancellation_share",
    "mean_departure_delay_minutes",
    "mean_arrival_delay_minutes",
)
COLUMNS = ("flight_count", *METRICS[1:])


def ask(project: Path, answer: Path, *arguments: str) -> list[dict[str, str]]:
    # MetricFlow reads the manifest that dbt wrote into the project's target folder
    environment = os.environ | {"DBT_PROFILES_DIR": str(project)}
    done = subprocess.run(
        [Path(sys.executable).parent / "mf", "query", *arguments, "--csv", str(answer)],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with answer.open() as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    ("dimension", "report", "key"),
    [
        ("flight__carrier_code", "rpt_carrier_on_time_monthly", "carrier_code"),
        ("flight__origin_airport_code", "rpt_route_on_time_monthly", "origin_airport_code"),
    ],
)
def test_reports_agree_with_the_metrics(first_run, sample_warehouse, tmp_path, dimension, report, key):
    asked = ("--metrics", ",".join(METRICS), "--group-by", f"{dimension},metric_time__month")
    rows = ask(first_run.copy, tmp_path / "answer.csv", *asked)
    answered = {
        (row[dimension], row["metric_time__month"][:10]): [float(row[metric] or "nan") for metric in METRICS]
        for row in rows
    }
    reported = sample_warehouse.query(f"""
        select
            {key},
            flight_month::varchar,
            sum(flight_count),
            sum(on_time_count) / sum(flight_count),
            sum(cancelled_count) / sum(flight_count),
            sum(departure_delay_minutes) / sum(departed_count),
            sum(arrival_delay_minutes) / sum(arrived_count)
        from reports.{report}
        group by all
    """)
    assert len(answered) == len(reported)
    for code, month, *values in reported:
        assert answered[code, month] == pytest.approx([float(v) for v in values], rel=1e-9)
