"""What the pages of docs/ name is there: commands with their options, files, models, other pages and their sections."""

import re
import shlex

import pytest
from click import Context
from paths import ROOT
from typer.main import get_command

from ontime.cli import app

PAGES = sorted((ROOT / "docs").glob("*.md"))
COMMAND = re.compile(r"(?:^(?:\$ .*)?|`)\bontime (\w[^`#&|\n]*)", re.MULTILINE)
FILE = re.compile(r"`((?:models|macros|seeds|tests|docs|ingestion|engines|benchmarks|ontime)/[\w/]+\.\w+)`")
LINK = re.compile(r"\]\((?!http)([^)#]*)(?:#([^)]*))?\)")
SELECTED = re.compile(r"\b(?:ref\('|--select \+?)((?:stg|int|dim|fct|rpt|feat|lbl|trn)_\w+)")
# what a page adds has its own test
ADDED = re.compile(r"closures|rpt_weekday_delays_monthly|feat_destination_arrivals|trn_chicago_arrivals")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@pages
def test_commands_and_their_options_are_there(page):
    said = COMMAND.findall(page.read_text())
    assert [(line, wrong) for line in said if (wrong := defect(line))] == []


def defect(line: str) -> str | None:
    """What is wrong with a command: its name, or an option of it."""
    words = shlex.split(line)
    command, context = get_command(app), Context(get_command(app))
    while words and hasattr(command, "get_command") and not words[0].startswith("-"):
        command = command.get_command(context, words.pop(0))
        if command is None:
            return "no such command"
        context = Context(command, parent=context)
    options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    return next((word for word in words if word.startswith("--") and word not in options), None)


@pages
def test_files_and_models_are_there(page):
    text = page.read_text()
    models = {path.stem for path in (ROOT / "models").rglob("*.sql")}
    assert [name for name in FILE.findall(text) if not (ROOT / name).exists() and not ADDED.search(name)] == []
    assert [name for name in SELECTED.findall(text) if name not in models and not ADDED.search(name)] == []


@pages
def test_links_lead_to_pages_and_their_sections(page):
    broken = []
    for target, section in LINK.findall(page.read_text()):
        path = (page.parent / target) if target else page
        if not path.exists() or (section and section not in sections(path.read_text())):
            broken.append(f"{target}#{section}")
    assert broken == []


def sections(markdown: str) -> set[str]:
    """The anchors of its headings."""
    headings = re.findall(r"^#+ (.*)$", markdown, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("line", ["ingestt", "ingest --fro x", "landing prune --drop", "training-set made"])
def test_a_wrong_command_is_found(line):
    assert defect(line)
