"""Who ran `make run` alone has what its last lines and README's examples name."""

import ast
import sys
from importlib.metadata import distribution, packages_distributions

import pytest
from paths import ROOT

from operations.quickstart.steps import NEXT_STEPS

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def installed_by_make_run() -> set[str]:
    lines = (ROOT / "requirements" / "runtime.txt").read_text().splitlines()
    return {line.partition("==")[0] for line in lines if "==" in line and line[0].isalnum()}


def imported(path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_imports_only_what_make_run_installs(path):
    providers = packages_distributions()
    assert imported(path)
    others = imported(path) - {"ontime", "feature_store"}
    assert [name for name in others if not installed_by_make_run().intersection(providers[name])] == []


@pytest.mark.parametrize("command", [command for command, _ in NEXT_STEPS])
def test_a_command_of_the_first_screen_is_of_what_make_run_installs(command):
    program = command.split()[0]
    providers = [
        name
        for name in (*installed_by_make_run(), "ontime")
        for entry in distribution(name).entry_points
        if entry.group == "console_scripts" and entry.name == program
    ]
    assert providers
