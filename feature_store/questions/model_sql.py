"""The dbt models that questions are compiled into: the definition, and a call of the macro that makes examples."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill, indent
from typing import Final

from feature_store.questions.feature_groups import FeatureGroup
from feature_store.questions.question import Question

LINE_LENGTH: Final = 110
MADE_BY: Final = "Written by `ontime questions compile`"

MODEL: Final = """\
{{# {made_by} from training/questions/{name}.yml. #}}
{{% set question = {definition} %}}
{{{{ config(
    enabled=is_kept(question.name),
    materialized='incremental',
    incremental_strategy=increment_strategy(),
    partition_by='flight_month',
    on_schema_change='fail',
    meta={{'question': question, 'kept_months': kept_months(question.name)}},
    pre_hook="{{{{ delete_examples_to_build() }}}}",
) }}}}

{{{{ examples_of(question) }}}}
"""
LABELS_MACRO: Final = """\
{{# The model of each question's label. {made_by}. #}}
{{% macro question_labels() -%}}
    {{{{ return({{
{labels}
    }}) }}}}
{{%- endmacro %}}
"""


def write_model(question: Question) -> str:
    """The text of a question's model."""
    return MODEL.format(made_by=MADE_BY, name=question.name, definition=_write_definition(question))


def write_labels(questions: Iterable[Question]) -> str:
    """The text of the macro that tells which label each question asks for."""
    labels = "\n".join(f"        '{question.name}': '{question.label.model}'," for question in questions)
    return LABELS_MACRO.format(made_by=MADE_BY, labels=labels)


def _write_definition(question: Question) -> str:
    definition = question.definition
    parts = [f"'{name}': {definition[name]!r}," for name in ("name", "label", "horizons_minutes", "population")]
    lines = [
        *(indent(fill(part, LINE_LENGTH, subsequent_indent="    "), "    ") for part in parts),
        "    'groups': {",
        *(_write_group(group) for group in question.groups),
        "    },",
    ]
    return "\n".join(["{", *lines, "}"])


def _write_group(group: FeatureGroup) -> str:
    columns = ", ".join(f"'{column.name}'" for column in group.columns)
    return "\n".join(
        [
            f"        '{group.name}': {{'features': '{group.model}', 'keys': {list(group.keys)!r}, 'columns': [",
            indent(fill(f"{columns},", LINE_LENGTH), "            "),
            "        ]},",
        ]
    )
