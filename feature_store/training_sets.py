"""Training sets as artefacts: made from raw, with a receipt, and made again to prove it."""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from feature_store.export import Export, export
from feature_store.rebuild import Rebuild, rebuild
from feature_store.receipt import Choices, Receipt
from ingestion.provenance import git_commit
from ingestion.receipts import sets_folder, sha256
from ingestion.settings import Settings
from ingestion.source import IngestError

PROGRAMS = ("ontime", "dbt-core", "duckdb")
EXCLUDED = "seeds.excluded_aircraft"


@dataclass
class Findings:
    """What a check of a training set found.

    Attributes:
        changed_definitions: Models and seeds whose definition is not the one that the set was made with.
        differing_parts: Parts that are not, byte for byte, what raw gives today.
        damaged_parts: Parts that are not what the receipt says.
        excluded_rows: Rows of aircraft that are excluded today.
    """

    changed_definitions: list[str] = field(default_factory=list)
    differing_parts: list[str] = field(default_factory=list)
    damaged_parts: list[str] = field(default_factory=list)
    excluded_rows: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not (self.changed_definitions or self.differing_parts or self.damaged_parts or self.excluded_rows)


def create(settings: Settings, name: str, choices: Choices, as_of: datetime | None, *, force: bool) -> Receipt:
    """Make a training set from the loads that had completed by `as_of` (UTC; by default now).

    It appears whole or not at all.

    Raises:
        IngestError: The name is taken or no name of a folder, nothing fits the choices, or the build failed.
    """
    folder = sets_folder(settings) / name
    if folder.parent != sets_folder(settings) or name.startswith("."):
        raise IngestError(f"{name!r} cannot name a training set: use letters, digits, dots, dashes and underscores")
    if folder.exists() and not force:
        raise IngestError(f"{folder} exists: choose another name, or replace it with --force")
    folder.parent.mkdir(parents=True, exist_ok=True)
    created_at = datetime.now(UTC).replace(tzinfo=None)
    as_of = as_of or created_at
    with TemporaryDirectory(prefix=f".{name}-", dir=folder.parent) as made:
        new = Path(made) / name
        new.mkdir()
        with rebuild(settings, as_of) as built, built.connect() as connection:
            exported = export(connection, choices, as_of, new)
            receipt = _receipt(name, created_at, as_of, choices, built, exported)
        receipt.write(new)
        if folder.exists():
            folder.rename(Path(made) / "replaced")
        new.rename(folder)
    return receipt


def verify(settings: Settings, name: str) -> Findings:
    """Make a training set again from raw, and compare it with the one that stands.

    Raises:
        IngestError: There is no such set, or it could not be made again.
    """
    folder = sets_folder(settings) / name
    receipt = Receipt.read(folder)
    findings = Findings()
    with rebuild(settings, receipt.as_of, receipt.lake_snapshot) as built, built.connect() as connection:
        findings.changed_definitions = _changed(receipt.definitions, built.definitions)
        findings.excluded_rows = _excluded_rows(connection, folder)
        with TemporaryDirectory() as again:
            exported = export(connection, receipt.choices, receipt.as_of, Path(again))
    for part, expected in receipt.parts.items():
        path = folder / expected.file
        if not path.exists() or sha256(path) != expected.sha256:
            findings.damaged_parts.append(part)
        if exported.parts[part].sha256 != expected.sha256:
            findings.differing_parts.append(part)
    return findings


def remove(settings: Settings, name: str) -> None:
    """Remove a training set.

    Raises:
        IngestError: There is no such set.
    """
    folder = sets_folder(settings) / name
    Receipt.read(folder)
    shutil.rmtree(folder)


def _receipt(
    name: str, created_at: datetime, as_of: datetime, choices: Choices, built: Rebuild, exported: Export
) -> Receipt:
    return Receipt(
        name=name,
        created_at=created_at,
        as_of=as_of,
        git_commit=git_commit(),
        versions={program: version(program) for program in PROGRAMS},
        choices=choices,
        definitions=built.definitions,
        raw_loads=built.raw_loads,
        lake_snapshot=built.raw_version,
        embargo_minutes=exported.embargo_minutes,
        parts=exported.parts,
        columns=exported.columns,
        content_sha256=exported.content_sha256,
    )


def _changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def _excluded_rows(connection: duckdb.DuckDBPyConnection, folder: Path) -> int:
    (count,) = connection.sql(
        f"select count(*) from read_parquet('{folder}/*.parquet')"
        f" where tail_number in (select tail_number from {EXCLUDED})"
    ).fetchall()[0]
    return int(count)
