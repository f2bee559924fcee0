"""The checks that want the whole sample built."""

import pytest
from fresh_clone import run_make


@pytest.mark.slow
@pytest.mark.parametrize("check", ["lint-sql", "rules", "dbt-test"])
def test_a_check_finds_nothing(first_run, check):
    run_make(first_run.copy, "--old-file=run", check)
