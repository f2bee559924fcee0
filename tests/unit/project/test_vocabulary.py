"""Every column of the public models is named by the words of docs/vocabulary.md, and has their type."""

import re
from pathlib import Path

import pytest
import yaml
from paths import ROOT

WINDOW = re.compile(r"_(1h|3h|24h|7d|28d)$")


def vocabulary() -> dict[str, frozenset[str]]:
    """The words of the page's tables, with the types that each allows."""
    text = (ROOT / "docs" / "vocabulary.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| ([a-z, ]+) \|", text, re.MULTILINE)
    return {word: frozenset(types.split(", ")) for word, types in rows}


def public_columns() -> list[tuple[str, str, str]]:
    files = [path for folder in ("marts", "reports", "features", "training") for path in folder_files(folder)]
    models = [model for path in files for model in (yaml.safe_load(path.read_text()) or {}).get("models", [])]
    return [(model["name"], column["name"], column["data_type"]) for model in models for column in model["columns"]]


def folder_files(folder: str) -> list[Path]:
    return sorted((ROOT / "models" / folder).glob("_*.yml"))


def word_of(column: str, words: dict[str, frozenset[str]]) -> str | None:
    """The word that tells a column's type: beginning before whole name before longest ending."""
    bare = WINDOW.sub("", column.rpartition("__")[2])
    beginnings = [word for word in words if word.endswith("_") and bare.startswith(word)]
    endings = sorted((word for word in words if word.startswith("_") and bare.endswith(word)), key=len)
    return next(iter([*beginnings, *[word for word in words if word == bare], *reversed(endings)]), None)


def defect(column: str, data_type: str, words: dict[str, frozenset[str]]) -> str | None:
    word = word_of(column, words)
    if word is None:
        return f"{column} uses no word of docs/vocabulary.md"
    if data_type.partition("(")[0] not in words[word]:
        return f"{column} is {data_type}, but {word} stands for {' or '.join(sorted(words[word]))}"
    return None


def test_every_public_column_follows_the_vocabulary():
    words = vocabulary()
    defects = [f"{model}: {found}" for model, name, kind in public_columns() if (found := defect(name, kind, words))]
    assert defects == []


def test_every_word_is_defined_once():
    text = (ROOT / "docs" / "vocabulary.md").read_text()
    words = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert len(words) > 30
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("column", "data_type", "says"),
    [
        ("departed_at", "date", "_at stands for timestamp"),
        ("is_cancelled", "integer", "is_ stands for boolean"),
        ("mean_departure_delay_minutes_3h", "integer", "mean_ stands for double"),
        ("origin__departures_3h", "double", "departures stands for integer"),
        ("temperature_celsius", "double", "_celsius stands for decimal"),
        ("temperature_fahrenheit", "integer", "uses no word"),
    ],
)
def test_a_column_that_does_not_follow_it_is_found(column, data_type, says):
    assert says in defect(column, data_type, vocabulary())


def test_names_of_unit_tests_are_names_of_relations_on_postgresql():
    files = [path for path in (ROOT / "models").rglob("*.yml") if "unit_tests:" in path.read_text()]
    tests = [test["name"] for path in files for test in yaml.safe_load(path.read_text())["unit_tests"]]
    assert len(tests) > 100
    assert [name for name in tests if len(name) > 63] == []
