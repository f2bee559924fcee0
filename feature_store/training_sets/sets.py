"""Training sets as artefacts: made from raw, with a receipt, and made again to prove it."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from feature_store.questions.compiling import load_compiled
from feature_store.training_sets.choices import Choices, check
from feature_store.training_sets.export import Export, export, read_parts
from feature_store.training_sets.kept import open_kept
from feature_store.training_sets.rebuild import Rebuild, rebuild
from feature_store.training_sets.receipt import RECEIPT_FILE, Receipt, set_folder, sets_folder
from feature_store.training_sets.reference import Reference
from ingestion.provenance import git_commit
from ontime.console import first_line
from ontime.errors import OntimeError
from ontime.files import sha256
from ontime.rights import make_data_folders, make_folder
from ontime.scratch import UNFINISHED_SET, scratch_folder
from ontime.settings import Settings

PROGRAMS = ("ontime", "dbt-core", "duckdb")
EXCLUDED = "seeds.excluded_aircraft"
# as the macro `registration` has it
SPELT_ALIKE = "nullif(trim(leading 'N' from regexp_replace(upper(tail_number), '[^A-Z0-9]', '', 'g')), '')"
# records of flights before excluded aircraft are left out, and what names a flight there
RECORDS = ("intermediate.int_flight_records__bts", "intermediate.int_flight_records__nycflights13")
FLIGHT = "flight_date, carrier_code, flight_number, origin_airport_code, destination_airport_code"
REPLACED = "replaced"
TRAIN = "train"


@dataclass
class Findings:
    """What a check of a training set found.

    Attributes:
        changed_definitions: Models and seeds whose definition is not the one that the set was made with.
        changed_loads: What is not in raw as it was when the set was made.
        damaged_parts: Parts that are not what the receipt says.
        excluded_rows: Rows of aircraft that are excluded today.
        differing_parts: Parts that are not, byte for byte, what raw gives today.
        failure: Why the set could not be made again.
    """

    changed_definitions: list[str] = field(default_factory=list)
    changed_loads: list[str] = field(default_factory=list)
    damaged_parts: list[str] = field(default_factory=list)
    excluded_rows: int = 0
    differing_parts: list[str] = field(default_factory=list)
    failure: str | None = None

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return self == Findings()


def create(
    settings: Settings,
    name: str,
    choices: Choices,
    as_of: datetime | None,
    tell: Callable[[str], None],
    *,
    force: bool,
) -> Receipt:
    """Make a training set from all completed loads, or from what was known by `as_of` (UTC).

    The examples are those that the warehouse keeps, where it has what is asked for, else built from raw. The set
    appears whole or not at all; `tell` is told how far it is.

    Raises:
        OntimeError: The name is taken or no name of a set, the choices allow no set, or the build failed.
    """
    folder = set_folder(settings, name)
    question = load_compiled(choices.question)
    check(choices, as_of, question)
    if folder.exists() and not force:
        raise OntimeError(f"{folder} exists", remedy="choose another name, or replace it with --force")
    make_data_folders(settings)
    make_folder(folder.parent, settings)
    created_at = datetime.now(UTC).replace(tzinfo=None)
    with scratch_folder(folder.parent, UNFINISHED_SET, _finish) as scratch:
        new = scratch.path / name
        new.mkdir()
        with rebuild(settings, question, as_of, tell) as built:
            if not any(built.raw_loads.values()):
                raise OntimeError(_nothing_loaded(as_of))
            with ExitStack() as stack:
                connection = stack.enter_context(open_kept(settings, built, choices))
                definitions = built.build() if connection is None else built.definitions()
                connection = connection or stack.enter_context(built.connect())
                tell("writing the parts")
                exported = export(connection, question, choices, as_of, new)
            from feature_store.training_sets.distribution import describe_part  # noqa: PLC0415 - slow to import

            tell("describing the features")
            reference = describe_part(new / exported.parts[TRAIN].file)
            receipt = _receipt(name, created_at, choices, built, definitions, exported, reference)
        receipt.write(new)
        if folder.exists():
            folder.rename(scratch.path / REPLACED)
        new.rename(folder)
    return receipt


def verify(settings: Settings, name: str, tell: Callable[[str], None]) -> Findings:
    """Make a training set again from its loads, and compare it with the one that stands.

    Whatever keeps it from being made again, what changed is told. `tell` is told how far it is.

    Raises:
        OntimeError: There is no such set, or raw cannot be read.
    """
    folder = set_folder(settings, name)
    receipt = Receipt.read(folder)
    findings = Findings()
    for part, expected in receipt.parts.items():
        path = folder / expected.file
        if not path.exists() or sha256(path) != expected.sha256:
            findings.damaged_parts.append(part)
    with rebuild(settings, load_compiled(receipt.choices.question), receipt.as_of, tell, receipt) as again:
        findings.changed_loads = _changed_loads(receipt.raw_loads, again.raw_loads)
        try:
            findings.changed_definitions = _changed_definitions(receipt, again)
            _compare(folder, receipt, again, findings)
        except (OntimeError, duckdb.Error) as error:
            findings.failure = first_line(error)
    return findings


def remove(settings: Settings, name: str) -> None:
    """Remove a training set.

    Raises:
        OntimeError: There is no such set.
    """
    folder = set_folder(settings, name)
    Receipt.read(folder)
    shutil.rmtree(folder)


def receipts(settings: Settings) -> dict[str, Receipt]:
    """The receipts of all training sets, by the name of their folder.

    Raises:
        OntimeError: A folder has a name that no set can have, or a receipt that cannot be read.
    """
    folders = sorted(path.parent for path in sets_folder(settings).glob(f"*/{RECEIPT_FILE}"))
    return {folder.name: Receipt.read(set_folder(settings, folder.name)) for folder in folders}


def _finish(unfinished: Path) -> None:
    """Put a set in its place that was whole when its process was killed between the two steps of replacing another."""
    for receipt in unfinished.glob(f"*/{RECEIPT_FILE}"):
        place = unfinished.parent / receipt.parent.name
        if receipt.parent.name != REPLACED and (unfinished / REPLACED).exists() and not place.exists():
            receipt.parent.rename(place)


def _compare(folder: Path, receipt: Receipt, again: Rebuild, findings: Findings) -> None:
    again.build()
    again.tell("comparing the parts")
    with again.connect() as connection, TemporaryDirectory(dir=again.scratch.path) as made:
        if not findings.damaged_parts:
            findings.excluded_rows = _count_excluded(connection, folder, receipt)
        exported = export(connection, again.question, receipt.choices, receipt.as_of, Path(made))
    findings.differing_parts = [
        part for part, expected in receipt.parts.items() if exported.parts[part].sha256 != expected.sha256
    ]


def _count_excluded(connection: duckdb.DuckDBPyConnection, folder: Path, receipt: Receipt) -> int:
    """Rows of flights of excluded aircraft, also of those that a row does not name, as it was not known by then."""
    is_excluded = f"{SPELT_ALIKE} in (select {SPELT_ALIKE} from {EXCLUDED})"
    flown = " union all ".join(f"select {FLIGHT} from {records} where {is_excluded}" for records in RECORDS)
    ((rows,),) = connection.sql(
        f"select count(*) from {read_parts(folder, receipt.parts)} where {is_excluded} or ({FLIGHT}) in ({flown})"
    ).fetchall()
    return int(rows)


def _nothing_loaded(as_of: datetime | None) -> str:
    if as_of is None:
        return "no load has completed: run ontime ingest"
    return f"no load had completed by {as_of:%Y-%m-%d %H:%M:%S} UTC: choose a later --as-of"


def _receipt(
    name: str,
    created_at: datetime,
    choices: Choices,
    built: Rebuild,
    definitions: dict[str, str],
    exported: Export,
    reference: Reference,
) -> Receipt:
    return Receipt(
        name=name,
        created_at=created_at,
        as_of=built.loads.as_of,
        until_load=built.loads.until_load,
        git_commit=git_commit(),
        versions={program: version(program) for program in PROGRAMS},
        choices=choices,
        question_version=built.question.version,
        definitions=definitions,
        raw_loads=built.raw_loads,
        lake_snapshot=built.raw_version,
        embargo_minutes=exported.embargo_minutes,
        corrected_later=exported.corrected_later,
        parts=exported.parts,
        columns=exported.columns,
        reference=reference,
        content_sha256=exported.content_sha256,
    )


def _changed_definitions(receipt: Receipt, again: Rebuild) -> list[str]:
    before, now = receipt.definitions, again.definitions()
    if receipt.question_version is None:
        # the model was written by hand then; the parts tell whether it gives other rows
        model = again.question.model
        before, now = ({name: text for name, text in each.items() if name != model} for each in (before, now))
    changed = _changed(before, now)
    if receipt.question_version not in (None, again.question.version):
        changed.append(f"question {again.question.name}")
    return changed


def _changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def _changed_loads(before: dict[str, list[str]], now: dict[str, list[str]]) -> list[str]:
    changes = []
    for schema in sorted(before.keys() | now.keys()):
        then, today = set(before.get(schema, ())), set(now.get(schema, ()))
        changes += [f"{schema}: load {load_id} is gone" for load_id in sorted(then - today)]
        changes += [f"{schema}: load {load_id} was not there" for load_id in sorted(today - then)]
    return changes
