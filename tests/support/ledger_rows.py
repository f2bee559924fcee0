"""What builds write down of themselves, as far as publishing looks."""

from datetime import datetime, timedelta

FIRST = datetime(2014, 1, 1)
SCHEMA = "create schema governance"
TABLES = (
    "create table governance.builds (build_number bigint, event varchar, invocation_id varchar, command varchar,"
    " failed_nodes integer, happened_at timestamp)",
    "create table governance.model_builds (build_number bigint, load_number bigint, load_set varchar,"
    " airports_edition varchar, clock_rules_edition varchar, exclusion_list varchar, model_name varchar)",
)


def built(number: int, command: str, failed_nodes: int | None, models: tuple[str, ...], loads: int) -> list[str]:
    """The rows of a dbt command, as SQL; it was cut off where it tells of no failed nodes."""
    started_at = FIRST + timedelta(hours=number)
    events = [("started", 0, started_at)]
    if failed_nodes is not None:
        events.append(("ended", failed_nodes, started_at + timedelta(minutes=2)))
    return [
        *(
            f"insert into governance.builds values ({number}, '{event}', 'id {number}', '{command}', {failed}, '{at}')"
            for event, failed, at in events
        ),
        *(
            f"insert into governance.model_builds values ({number}, {loads}, 'loads to {loads}', '', '', '', '{model}')"
            for model in models
        ),
    ]
