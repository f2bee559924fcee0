"""What the property file of a question's model says: its columns under contract, and its tests."""

from __future__ import annotations

from typing import Any, Final

import yaml

from feature_store.questions.feature_groups import FeatureGroup
from feature_store.questions.horizons import AT_DEPARTURE
from feature_store.questions.model_sql import MADE_BY
from feature_store.questions.question import Question, column_of

WIDTH: Final = 120
IS_NOT_NULL: Final = [{"type": "not_null"}]
KEYS: Final = ["flight_key", "horizon_minutes"]

Node = dict[str, Any]


def write_properties(question: Question) -> str:
    """The text of the property file of a question's model."""
    model = {
        "name": question.model,
        "description": _describe(question),
        "config": {"group": "machine_learning", "meta": {"indexes": [KEYS, ["flight_date"]]}},
        "columns": _columns(question),
        "data_tests": _tests(question),
    }
    text = yaml.dump({"version": 2, "models": [model]}, Dumper=_Dumper, sort_keys=False, width=WIDTH)
    return f"# {MADE_BY} from training/questions/{question.name}.yml.\n{text}"


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # the library has no types
    """Writes what is there twice in full each time."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - as the library calls it
        return True


def _describe(question: Question) -> str:
    spans = [_span(minutes) for minutes in question.horizons_minutes]
    listed = " and ".join(filter(None, [", ".join(spans[:-1]), spans[-1]]))
    return (
        f"One row per flight that {question.label.flights} and prediction horizon ({listed}), with what the schedule"
        " says, the features in force at the prediction and the label. A flight of which it was settled by then has no"
        " example. The schedule is that of the newest version of the flight, and so is the aircraft, which is taken for"
        " known from `aircraft_known_minutes` (180) before the scheduled departure on. The question:"
        f" {question.text}"
    )


def _span(minutes: int) -> str:
    if minutes == AT_DEPARTURE:
        return "at the departure"
    length, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return f"{length} {unit}{'s' if length > 1 else ''} before the scheduled departure"


def _columns(question: Question) -> list[Node]:
    return [
        *_key_columns(question),
        *_schedule_columns(),
        *(column for group in question.groups for column in _group_columns(group)),
        *(_column(column.name, column.data_type, column.description) for column in question.label.columns),
        _column("flight_date", "date", _doc("flight_date")),
        _column("scheduled_departure_at", "timestamp", "Scheduled departure, UTC."),
        _column(
            "prediction_at",
            "timestamp",
            "UTC instant of the prediction, `horizon_minutes` before the scheduled departure"
            f"{_departure_words(question)}. No feature was known later.",
        ),
        _column("label_known_at", "timestamp", "UTC instant from which the label could be used."),
        _column("flight_month", "date", _doc("flight_month")),
    ]


def _departure_words(question: Question) -> str:
    if AT_DEPARTURE not in question.horizons_minutes:
        return ""
    return "; where that is 0, when it first was known that the flight had left"


def _key_columns(question: Question) -> list[Node]:
    in_flights = {"relationships": {"arguments": {"to": "ref('fct_flights')", "field": "flight_key"}}}
    horizons = {"accepted_values": {"arguments": {"values": list(question.horizons_minutes), "quote": False}}}
    zero = "; 0 for a prediction at the departure" if AT_DEPARTURE in question.horizons_minutes else ""
    return [
        _column("flight_key", "varchar", "Flight leg that the prediction is about.") | {"data_tests": [in_flights]},
        _column("horizon_minutes", "integer", f"Minutes from the prediction to the scheduled departure{zero}.")
        | {"data_tests": [horizons]},
        _column("carrier_code", "varchar", "IATA code of the reporting carrier."),
        _column("flight_number", "integer", _doc("flight_number")),
        _column(
            "tail_number",
            "varchar",
            "Registration of the aircraft; null where it was not reported, and where the prediction is made before"
            " it is known which aircraft will fly (`aircraft_known_minutes`).",
            is_nullable=True,
        ),
        _column("origin_airport_code", "varchar", _doc("origin_airport_code")),
        _column("destination_airport_code", "varchar", _doc("destination_airport_code")),
    ]


def _schedule_columns() -> list[Node]:
    return [
        _column("distance_miles", "integer", _doc("distance_miles"), is_nullable=True),
        _column(
            "scheduled_elapsed_minutes",
            "integer",
            "Minutes from scheduled departure to scheduled arrival; null where the arrival is not scheduled.",
            is_nullable=True,
        ),
        _column(
            "scheduled_departure_local_hour",
            "integer",
            "Hour of the scheduled departure on the clock of the origin, 0 to 23.",
        ),
        _column("iso_day_of_week", "integer", "Day of the week of the local date, Monday 1 to Sunday 7."),
        _column("month_number", "integer", "Month of the local date, 1 to 12."),
        _column("is_us_holiday", "boolean", "True on a US federal holiday."),
    ]


def _group_columns(group: FeatureGroup) -> list[Node]:
    found = []
    for column in group.columns:
        said = f"`{column.name}` of `{group.model}` in force at the prediction."
        found.append(_column(column_of(group.name, column.name), column.data_type, said, is_nullable=True))
        if column.age_name:
            said = f"Minutes from `{column.name}` to the prediction."
            found.append(_column(column_of(group.name, column.age_name), "integer", said, is_nullable=True))
    said = (
        f"UTC instant from which the row of `{group.model}` holds, never after `prediction_at`; null where there is"
        " none or it is over its maximum age."
    )
    return [*found, _column(column_of(group.name, "known_at"), "timestamp", said, is_nullable=True)]


def _column(name: str, data_type: str, description: str, *, is_nullable: bool = False) -> Node:
    column: Node = {"name": name, "data_type": data_type, "description": description}
    return column if is_nullable else column | {"constraints": IS_NOT_NULL}


def _doc(name: str) -> str:
    return f"{{{{ doc('{name}') }}}}"


def _tests(question: Question) -> list[Node]:
    columns = _columns(question)
    features = [(group.name, column) for group in question.groups for column in group.columns]
    ages = [column_of(name, column.age_name) for name, column in features if column.age_name]
    instants = [column_of(name, column.name) for name, column in features if column.data_type == "timestamp"]
    ranges = {
        "scheduled_departure_local_hour": [0, 23],
        "iso_day_of_week": [1, 7],
        "month_number": [1, 12],
        "scheduled_elapsed_minutes": [1, 1500],
    } | {age: [0, None] for age in ages}
    known = [column_of(group.name, "known_at") for group in question.groups]
    complete = {
        "question": question.name,
        "horizons_minutes": list(question.horizons_minutes),
        "has_label": question.label.has_it,
        "settled_at": question.label.flight_settled_at,
        "population": question.population.conditions,
    }
    return [
        {"unique_combination": {"arguments": {"columns": KEYS}}},
        _test(question, "never_null", "has_no_nulls", columns=[c["name"] for c in columns if "constraints" in c]),
        _test(question, "within_bounds", "keeps_its_bounds", ranges=ranges),
        _test(question, "rows_hold", "keeps_its_rules", rules=_rules(question)),
        _test(question, "has_every_example", "has_every_example", **complete),
        _test(question, "knows_nothing_later", "knows_no_later_feature", columns=[*known, *instants]),
    ]


def _test(question: Question, test: str, says: str, /, **arguments: object) -> Node:
    return {test: {"name": f"{question.model}_{says}", "arguments": arguments}}


def _rules(question: Question) -> Node:
    rules: Node = {
        "predicts_at_the_horizon": {
            "condition": "horizon_minutes = {{ minutes_between('prediction_at', 'scheduled_departure_at') }}",
            "where": "horizon_minutes > 0",
        },
        "does_not_know_its_label": {"condition": "label_known_at > prediction_at"},
    }
    of_the_aircraft = [group for group in question.groups if "tail_number" in group.keys]
    unknown = [
        "tail_number",
        *(column_of(group.name, "known_at") for group in of_the_aircraft),
        *(column_of(group.name, column.name) for group in of_the_aircraft for column in group.columns),
    ]
    rules["knows_no_aircraft_too_early"] = {
        "condition": " and ".join(f"{column} is null" for column in unknown),
        "where": "horizon_minutes > {{ var('aircraft_known_minutes') }}",
    }
    return rules
