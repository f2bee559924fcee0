"""dbt with a project that it has parsed before: to parse it takes longer than to build a small set.

python -m feature_store.training_sets.parsed_dbt PROJECT ARGUMENT…
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

from feature_store.questions import load_questions
from ontime.artifacts import target_folder
from ontime.project import hash_project

FOLDER = "training_sets"


def run(project: Path, arguments: list[str]) -> bool:
    """Run a command of dbt; gives whether it succeeded.

    Args:
        project: The project's folder. What is parsed of it is kept under its `target/`.
        arguments: dbt's.
    """
    manifest = _parsed(project)
    outcome = dbtRunner(manifest=manifest).invoke(arguments)
    if outcome.exception:
        sys.stderr.write(f"{outcome.exception}\n")
    elif manifest is not None:
        # dbt leaves that to whoever parses
        manifest.writable_manifest().write(str(target_folder() / "manifest.json"))
    return outcome.success


def _parsed(project: Path) -> Manifest | None:
    """The parsed project; none where it cannot be parsed, as dbt then says why."""
    packages = "".join(version(name) for name in ("dbt-core", "dbt-adapters", "dbt-duckdb"))
    name = hashlib.sha256(f"{packages} {project.resolve()} {hash_project(project)}".encode()).hexdigest()[:16]
    kept = project / "target" / FOLDER / f"{name}.msgpack"
    if kept.exists():
        manifest: Manifest = Manifest.from_msgpack(kept.read_bytes(), decoder=extended_mashumuro_decoder)
        manifest.build_flat_graph()  # type: ignore[no-untyped-call]  # dbt gives it no type
        return manifest
    every_question = json.dumps({"kept_questions": {question.name: "all" for question in load_questions()}})
    outcome = dbtRunner().invoke(
        ["--quiet", "parse", "--no-partial-parse", "--no-write-json", "--vars", every_question]
    )
    if not outcome.success or not isinstance(outcome.result, Manifest):
        return None
    # to keep it only saves time
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        for older in kept.parent.iterdir():
            older.unlink(missing_ok=True)
        new = kept.with_suffix(f".{os.getpid()}")
        new.write_bytes(outcome.result.to_msgpack(extended_mashumaro_encoder))
        new.replace(kept)
    return outcome.result


if __name__ == "__main__":
    sys.exit(0 if run(Path(sys.argv[1]), sys.argv[2:]) else 1)
