"""The catalogue as Markdown; `docs/features.md` is it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feature_store.registry.catalogue import Catalogue, Feature, FeatureTable

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
HEAD = """# Features

All features that there are, as `ontime features show --all` writes them. [How to get them](how-to-get-features.md).
"""


def write_listing(catalogue: Catalogue) -> str:
    """All tables of features as one page."""
    return "\n".join([HEAD, *(describe(table) for table in catalogue.tables)])


def describe(table: FeatureTable) -> str:
    """A table of features as a section of a page."""
    keys = ", ".join(f"`{key.name}` ({key.data_type})" for key in table.keys)
    lines = [
        f"## {table.short_name}",
        "",
        table.description,
        "",
        f"Keys: {keys}. Retrieved as `{table.retrieved_name('…')}`. Maximum age: {span(table.maximum_age)}."
        f" Owner: {table.owner}.",
        "",
        "| feature | type | unit | window | what it tells |",
        "| --- | --- | --- | --- | --- |",
        *(_row(feature) for feature in table.features),
        "",
    ]
    return "\n".join(lines)


def span(age: timedelta | None) -> str:
    """A maximum age as people read it: 6 h, 28 d."""
    if age is None:
        return "none"
    if age % HOUR:
        return f"{age // MINUTE} min"
    return f"{age // HOUR} h" if age % timedelta(days=1) else f"{age.days} d"


def _row(feature: Feature) -> str:
    age = f" Retrieved with `{feature.age_name}`." if feature.age_name else ""
    return (
        f"| `{feature.name}` | {feature.data_type} | {feature.unit} | {feature.window or '-'} |"
        f" {feature.description.replace('|', '/')}{age} |"
    )
