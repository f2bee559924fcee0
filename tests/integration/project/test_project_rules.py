"""Rules of the dbt project that dbt-bouncer has no check for."""

import re
from collections import defaultdict

import pytest
from dbt.cli.main import dbtRunner
from dbt_project import ROOT

from operations.parity.tables import contract_bound_tables

# engines that a macro may have a form of its own for
ENGINES = ("default", "duckdb", "postgres", "spark")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    target = tmp_path_factory.mktemp("rules")
    outcome = dbtRunner().invoke(
        [
            "--quiet",
            "--log-level-file=none",
            "parse",
            f"--project-dir={ROOT}",
            f"--profiles-dir={ROOT}",
            f"--target-path={target}",
        ]
    )
    assert outcome.success
    return outcome.result


def test_every_model_seed_and_snapshot_belongs_to_a_group_with_an_owner(manifest):
    owned = {group.name for group in manifest.groups.values() if group.owner.name and group.owner.email}
    kept = [node for node in manifest.nodes.values() if node.resource_type in ("model", "seed", "snapshot")]

    assert [node.name for node in kept if node.config.group not in owned] == []


def test_each_raw_table_is_read_by_one_model_and_the_lists_of_loads_by_builds(manifest):
    readers = defaultdict(list)
    for node in manifest.nodes.values():
        if node.resource_type == "model":
            for source in node.depends_on.nodes:
                if source.startswith("source."):
                    readers[source].append(node.name)

    read_by_builds = ("._dlt_loads", ".loaded_files", ".quarantine", ".damaged_values")
    assert set(readers) == {key for key in manifest.sources if not key.endswith(read_by_builds)}
    shared = [key for key, names in readers.items() if len(names) > 1]
    assert [key for key in shared if not key.startswith("source.ontime.governance.")] == []


def test_every_table_that_engines_are_compared_by_has_a_key_that_a_test_proves(manifest, tmp_path):
    manifest.writable_manifest().write(str(tmp_path / "manifest.json"))
    keys = {table.name: table.key for table in contract_bound_tables(tmp_path)}

    public = {
        node.schema for node in manifest.nodes.values() if node.resource_type == "model" and node.access == "public"
    }
    assert {name.split(".")[0] for name in keys} == public | {"snapshots"}
    assert keys["marts.fct_flights"] == ("flight_key",)
    assert keys["training.trn_departure_delay"] == ("flight_key", "horizon_minutes")
    assert keys["snapshots.snap_aircraft"] == ("tail_number", "dbt_valid_from")


def test_every_macro_and_each_of_its_arguments_is_described(manifest):
    undescribed = []
    for macro in manifest.macros.values():
        is_form = macro.name.split("__")[0] in ENGINES or macro.name.startswith("materialization_")
        if macro.package_name != "ontime" or is_form or not macro.original_file_path.startswith("macros"):
            continue
        described = [argument.name for argument in macro.arguments if argument.description]
        if not macro.description or described != arguments(macro):
            undescribed.append(macro.name)

    assert undescribed == []


def arguments(macro) -> list[str]:
    signature = re.search(r"\bmacro\s+\w+\s*\((.*?)\)\s*-?%}", macro.macro_sql, re.DOTALL).group(1)
    return re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)", signature.strip())
