"""One table of a publication: its rows written beside the old ones, to be shown by a commit later."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.io.pyarrow import (
    UnsupportedPyArrowTypeException,
    bin_pack_record_batches,
    pyarrow_to_schema,
    write_file,
)
from pyiceberg.schema import Schema
from pyiceberg.table import WriteTask
from pyiceberg.table.name_mapping import MappedField, NameMapping
from pyiceberg.types import DecimalType, DoubleType, FloatType, IcebergType, IntegerType, LongType, NestedField

from ontime.console import first_line
from ontime.errors import OntimeError

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Transaction

# uncompressed bytes of a data file: what is held in memory at a time
FILE_BYTES: Final = 64_000_000
COMMENT: Final = "comment"
WIDER: Final[dict[frozenset[type[IcebergType]], IcebergType]] = {
    frozenset((IntegerType, LongType)): LongType(),
    frozenset((FloatType, DoubleType)): DoubleType(),
}


@dataclass(frozen=True)
class StagedTable:
    """A snapshot that nobody sees yet.

    Attributes:
        transaction: Shows it when it is committed.
        snapshot_id: Its id.
        rows: Its rows.
        changes: Which columns are gone, new or wider, in a line; empty where they are as before.
    """

    transaction: Transaction
    snapshot_id: int
    rows: int
    changes: str


def stage(
    catalog: RestCatalog,
    identifier: tuple[str, str],
    rows: pa.RecordBatchReader,
    comment: str | None,
    column_comments: dict[str, str],
    summary: dict[str, str],
) -> StagedTable:
    """Write the files of a new snapshot that holds these rows and no others.

    Args:
        catalog: The catalog; it has the namespace.
        identifier: Namespace and name of the table, which is made if it is not there.
        rows: The rows, read once and a part at a time.
        comment: What the table holds.
        column_comments: What its columns hold, by name.
        summary: What the snapshot's summary is to say beside what Iceberg puts there.

    Raises:
        OntimeError: If Iceberg has no such type of a column, or the rows cannot be read.
    """
    name = ".".join(identifier)
    wanted = _schema(name, rows.schema, column_comments)
    properties = {COMMENT: comment} if comment else {}
    old_files: list[DataFile] = []
    changes = ""
    try:
        table = catalog.load_table(identifier)
    except NoSuchTableError:
        transaction: Transaction = catalog.create_table_transaction(identifier, wanted, properties=properties)
    else:
        old_files = [task.file for task in table.scan().plan_files()]
        transaction = table.transaction()
        changes = _evolve(transaction, wanted)
        if properties and table.properties.get(COMMENT) != comment:
            transaction.set_properties(properties)
    # no context manager: it would stage the snapshot even if the rows end in an error
    snapshot = transaction.update_snapshot(snapshot_properties=summary).overwrite()
    for old in old_files:
        snapshot.delete_data_file(old)
    count = 0
    for new in _write(transaction, name, rows):
        snapshot.append_data_file(new)
        count += new.record_count
    snapshot.commit()
    return StagedTable(transaction, snapshot.snapshot_id, count, changes)


def _schema(name: str, columns: pa.Schema, comments: dict[str, str]) -> Schema:
    for column in columns:
        if pa.types.is_nested(column.type):
            raise OntimeError(f"{name}.{column.name} is a {column.type}: lists and structs are not published")
    mapping = NameMapping([MappedField(field_id=i, names=[column]) for i, column in enumerate(columns.names, start=1)])
    try:
        converted = pyarrow_to_schema(columns, name_mapping=mapping)
    except (TypeError, ValueError, UnsupportedPyArrowTypeException) as error:
        raise OntimeError(f"Iceberg cannot hold a column: {error}", where=name) from error
    return Schema(
        *(
            NestedField(field.field_id, field.name, field.field_type, required=False, doc=comments.get(field.name))
            for field in converted.fields
        )
    )


def _evolve(transaction: Transaction, wanted: Schema) -> str:
    """Make the columns those that are wanted, and tell what changed.

    A column whose old type no new one can stand for is another column of that name: older snapshots keep the old one.
    pyiceberg's `union_by_name` refuses such a column, and removes none.
    """
    existing = {field.name: field for field in transaction.table_metadata.schema().fields}
    kept = {field.name: _common_type(existing[field.name], field) for field in wanted.fields if field.name in existing}
    gone = [name for name in existing if kept.get(name) is None]
    new, wider = [], []
    with transaction.update_schema() as update:
        for name in gone:
            update.delete_column((name,))
        for field in wanted.fields:
            common, old = kept.get(field.name), existing.get(field.name)
            if old is None or common is None:
                update.add_column((field.name,), field.field_type, doc=field.doc)
                new.append(f"{field.name} {field.field_type}")
                continue
            if common != old.field_type:
                update.update_column((field.name,), field_type=common)
                wider.append(f"{field.name} {common}")
            if field.doc and field.doc != old.doc:
                update.update_column((field.name,), doc=field.doc)
    told = {"gone": gone, "new": new, "wider": wider}
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in told.items() if names)


def _common_type(one: NestedField, other: NestedField) -> IcebergType | None:
    """The type that holds the values of both, None where there is none."""
    first, second = one.field_type, other.field_type
    if first == second:
        return first
    if isinstance(first, DecimalType) and isinstance(second, DecimalType) and first.scale == second.scale:
        return first if first.precision > second.precision else second
    return WIDER.get(frozenset((type(first), type(second))))


def _write(transaction: Transaction, name: str, rows: pa.RecordBatchReader) -> Iterator[DataFile]:
    """Write rows to files, one after another: pyiceberg's own way reads on while files wait to be written."""
    metadata = transaction.table_metadata
    batches = _batches(name, rows, metadata.schema().as_arrow())
    publication = uuid.uuid4()
    for number, packed in enumerate(bin_pack_record_batches(batches, FILE_BYTES)):
        task = WriteTask(publication, number, metadata.schema(), packed)
        yield from write_file(transaction._table.io, metadata, iter([task]))


def _batches(name: str, rows: pa.RecordBatchReader, columns: pa.Schema) -> Iterator[pa.RecordBatch]:
    try:
        for batch in rows:
            yield batch.select(columns.names).cast(columns)
    except (OSError, pa.ArrowException) as error:
        raise OntimeError(f"nothing was published: rows of {name} cannot be taken: {first_line(error)}") from error
