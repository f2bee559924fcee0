"""Examples that the warehouse keeps: read in the place of building them again, where they would come out the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from typing import Final

import duckdb

from engines.targets import open_warehouse
from feature_store.questions import Question
from feature_store.training_sets.choices import Choices
from feature_store.training_sets.rebuild import Rebuild
from ontime.errors import OntimeError
from ontime.settings import Settings
from ontime.sql import quote_sql, quoted

# other engines may add up floats in another order
TARGET: Final = "dev"
# a flight is predicted so long after its date at the latest
LATEST_PREDICTION: Final = timedelta(days=10)
# what the ledger says of a table whose inputs disagree
MIXED: Final = "mixed"
NEWEST_DEFINITIONS: Final = """
    select model_name, arg_max(definition, build_number) as definition
    from governance.model_definitions
    group by model_name
"""


@contextmanager
def open_kept(settings: Settings, built: Rebuild, choices: Choices) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """Open the warehouse, read-only, where it keeps the examples that are asked for; nobody builds in it meanwhile.

    They are kept where the table reaches back as far as is asked, holds the same loads, and was built, with all that it
    is made of, by the definitions of now. Gives none otherwise, or where the warehouse is in use.

    Args:
        settings: For the target.
        built: Knows the loads and the definitions; nothing needs to be built in it.
        choices: What is asked for.

    Raises:
        OntimeError: dbt cannot tell the definitions.
    """
    with ExitStack() as stack:
        connection = _open(settings, stack)
        if connection is not None and not (
            _reaches_back(connection, built.question, choices.start) and _would_be_the_same(connection, built)
        ):
            connection = None
        yield connection


def _open(settings: Settings, stack: ExitStack) -> duckdb.DuckDBPyConnection | None:
    if settings.target != TARGET:
        return None
    at_once = settings.model_copy(update={"lock_timeout_seconds": 0})
    try:
        connection = stack.enter_context(open_warehouse(at_once, lambda _line: None))
    except OntimeError:
        return None
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set threads = 1")  # the same bytes every time
    connection.execute("set enable_progress_bar = false")
    return connection


def _reaches_back(connection: duckdb.DuckDBPyConnection, question: Question, start: datetime | None) -> bool:
    """Whether the table has all months of the label, or those that a first prediction asks for."""
    first, first_of_label = (_first_month(connection, model) for model in (question.model, question.label.model))
    if first is None or first_of_label is None:
        return False
    return first == first_of_label or (start is not None and first <= (start - LATEST_PREDICTION).date())


def _first_month(connection: duckdb.DuckDBPyConnection, model: str) -> date | None:
    try:
        ((month,),) = connection.sql(f"select min(flight_month) from training.{quoted(model)}").fetchall()
    except duckdb.CatalogException:
        return None
    found: date | None = month
    return found


def _would_be_the_same(connection: duckdb.DuckDBPyConnection, built: Rebuild) -> bool:
    try:
        definitions = dict(connection.sql(NEWEST_DEFINITIONS).fetchall())
    except duckdb.CatalogException:
        return False
    ((held, edition),) = connection.sql(
        "select arg_max(load_set, build_number), arg_max(airports_edition, build_number) from governance.model_builds"
        f" where model_name = {quote_sql(built.question.model)}"
    ).fetchall()
    load_set, expected = built.expected_definitions()
    return held == load_set and edition != MIXED and expected.items() <= definitions.items()
