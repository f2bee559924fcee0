"""The training examples built again from raw, as of an instant, in a database of their own."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ingestion.destinations import engine
from ingestion.provenance import completed_loads
from ingestion.settings import Settings
from ingestion.source import IngestError

EXAMPLES_MODEL = "trn_departure_delay"
EXAMPLES = f"training.{EXAMPLES_MODEL}"
RAW = "raw"


@dataclass(frozen=True)
class Rebuild:
    """Examples built from raw.

    Attributes:
        database: The DuckDB file that holds them, gone when the rebuild is left.
        definitions: SHA-256 of the compiled SQL of each model and of the content of each seed, by name.
        raw_loads: The completed loads that were read, by raw schema.
        raw_version: The version of raw that they were read from, where the target keeps versions.
    """

    database: Path
    definitions: dict[str, str]
    raw_loads: dict[str, list[str]]
    raw_version: int | None

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open the examples, read-only; clock times are UTC."""
        connection = duckdb.connect(str(self.database), read_only=True)
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set threads = 1")  # the same bytes every time
        connection.execute("set enable_progress_bar = false")
        return connection


@contextmanager
def rebuild(settings: Settings, as_of: datetime, raw_version: int | None = None) -> Iterator[Rebuild]:
    """Build the examples and all they depend on from the loads that had completed by `as_of` (UTC).

    Nothing of the warehouse is read or changed. Whatever the target is, DuckDB builds them.

    Args:
        settings: For the target.
        as_of: The instant.
        raw_version: The version of raw to read (see `Rebuild`); by default the newest.

    Raises:
        IngestError: No load had completed by then, the version is gone, or dbt failed.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="rebuild-", dir=settings.data_dir) as folder:
        scratch = Path(folder)
        raw = scratch / settings.raw_database.name
        raw_version = engine(settings).give_raw(settings, raw, raw_version)
        raw_loads = _loads(raw, as_of)
        target = scratch / "target"
        _dbt(
            scratch,
            target,
            "build",
            "--select",
            f"+{EXAMPLES_MODEL}",
            "--exclude-resource-type",
            "test",
            "unit_test",
            "snapshot",
            "--vars",
            json.dumps({"as_of": as_of.isoformat(sep=" ")}),
        )
        yield Rebuild(scratch / settings.warehouse_database.name, _definitions(target), raw_loads, raw_version)


def _loads(raw_database: Path, as_of: datetime) -> dict[str, list[str]]:
    with duckdb.connect(str(raw_database), read_only=True) as connection:
        loads = completed_loads(connection, as_of)
    if not any(loads.values()):
        raise IngestError(f"no load had completed by {as_of:%Y-%m-%d %H:%M:%S} UTC: choose a later --as-of")
    return loads


def _dbt(data_dir: Path, target: Path, *arguments: str) -> None:
    environment = os.environ | {
        "ONTIME_TARGET": "dev",
        "ONTIME_DATA_DIR": str(data_dir),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(data_dir / "logs"),
    }
    program = Path(sys.executable).with_name("dbt")
    done = subprocess.run(
        [program, "--quiet", *arguments], env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise IngestError(f"dbt could not build {EXAMPLES_MODEL}: {said[-1] if said else 'it said nothing'}")


def _definitions(target: Path) -> dict[str, str]:
    """Hashes of what was built: a model by its compiled SQL, a seed by its rows."""
    results = json.loads((target / "run_results.json").read_text())["results"]
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    definitions = {}
    for result in results:
        node = nodes.get(result["unique_id"])
        if node is None or node["resource_type"] not in {"model", "seed"}:
            continue
        text = result["compiled_code"] or node["checksum"]["checksum"]
        definitions[node["name"]] = hashlib.sha256(text.encode()).hexdigest()
    return dict(sorted(definitions.items()))
