"""Delimited text as an all-text DuckDB relation with the line number of every row.

A record is one line. DuckDB reads a well-formed file by itself. Where a line cannot be parsed, or rows and
lines differ in number, `clean` first sorts the lines into readable and rejected ones. A line of which only some fields
hold bytes that are no text is readable: these fields come marked.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from ontime.errors import OntimeError
from ontime.sql import quote_sql

CHUNK_BYTES = 1 << 20
LONGEST_LINE_BYTES = 1 << 20
REJECTS_PER_BATCH = 1_000
QUOTE = '"'
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# what stands before a field whose bytes are no text, and what is wrong with it; no text holds these characters
NO_UTF8, ZERO_BYTE = "\ufdd0", "\ufdd1"
MARKS = {NO_UTF8: "is not UTF-8", ZERO_BYTE: "holds a zero byte"}


@dataclass(frozen=True)
class Rejected:
    """A line that is not loaded: where, why and what it says."""

    line_number: int
    reason: str
    raw_text: str


@dataclass(frozen=True)
class DelimitedFile:
    """A local file of delimited text with a header.

    Attributes:
        path: The file.
        names: The header's names as written, without a byte order mark and a nameless last field.
        delimiter: One character.
        quoted: Whether fields may stand in double quotes.
        null_strings: Field contents that mean "missing", quoted or not.
        cleaned: The readable rows with their line numbers, where the file is not well-formed.
        marked: Positions of the fields that come marked in some of these rows.
    """

    path: Path
    names: tuple[str, ...]
    delimiter: str = ","
    quoted: bool = True
    null_strings: tuple[str, ...] = ("",)
    cleaned: Path | None = None
    marked: frozenset[int] = frozenset()

    def relation(self) -> str:
        """SQL of the rows: fields as text columns `c0`, `c1`, …, and `_source_line` of a cleaned file."""
        if self.cleaned is not None:
            return self._read_csv(self.cleaned, ",", QUOTE, ["_source_line"])
        return self._read_csv(self.path, self.delimiter, QUOTE if self.quoted else "", [])

    def select(self) -> str:
        """SQL of the rows with `_source_line` (bigint); the header is line 1."""
        if self.cleaned is not None:
            return f"select * from {self.relation()}"
        return f"select *, 1 + row_number() over () as _source_line from {self.relation()}"

    def _read_csv(self, path: Path, delimiter: str, quote: str, numbers: list[str]) -> str:
        texts = (f"c{position}" for position in range(len(self.names)))
        types = dict.fromkeys(numbers, "bigint") | dict.fromkeys(texts, "varchar")
        columns = ", ".join(f"'{name}': '{data_type}'" for name, data_type in types.items())
        nulls = ", ".join(quote_sql(text) for text in self.null_strings)
        return (
            f"read_csv({quote_sql(str(path))}, columns={{{columns}}}, auto_detect=false, header=true,"
            f" delim={quote_sql(delimiter)}, quote={quote_sql(quote)}, escape={quote_sql(quote)}, nullstr=[{nulls}],"
            f" max_line_size={2 * LONGEST_LINE_BYTES}, strict_mode=true)"
        )


def open_delimited(
    path: Path,
    name: str,
    *,
    delimiter: str = ",",
    quoted: bool = True,
    null_strings: tuple[str, ...] = ("",),
) -> DelimitedFile:
    """Read the header of a file.

    Args:
        path: The local file.
        name: What to call it in errors.
        delimiter: One character.
        quoted: Whether fields may stand in double quotes.
        null_strings: Field contents that mean "missing".

    Raises:
        OntimeError: If the first line is no header.
    """
    with path.open("rb") as stream:
        line = stream.readline(LONGEST_LINE_BYTES)
    return DelimitedFile(path, header_names(line, name, delimiter, quoted=quoted), delimiter, quoted, null_strings)


def header_names(line: bytes, name: str, delimiter: str = ",", *, quoted: bool = True) -> tuple[str, ...]:
    """The names in the first line of a file called `name`.

    Raises:
        OntimeError: If the line is no header.
    """
    fields = _split(line.removeprefix(BYTE_ORDER_MARK), delimiter, quoted=quoted)
    if isinstance(fields, str):
        raise OntimeError(f"its first line is no header ({fields})", where=name)
    names = [field.strip() for field in fields]
    if names and not names[-1]:
        names.pop()
    if not names:
        raise OntimeError("its first line is no header (it is blank)", where=name)
    return tuple(names)


def count_lines(path: Path) -> int | None:
    """Lines of a file, None if it holds bytes that are no text (not UTF-8, or zero)."""
    lines, last = 0, b""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                if not chunk.isascii() or decoder.getstate()[0]:
                    decoder.decode(chunk)
                if b"\0" in chunk:
                    return None
                lines += chunk.count(b"\n")
                last = chunk
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return lines if not last or last.endswith(b"\n") else lines + 1


def clean(file: DelimitedFile, folder: Path, rejected: Path) -> tuple[DelimitedFile, int]:
    """Prepare a file that is not well-formed.

    Args:
        file: The file.
        folder: A place for the readable rows; it must live as long as the returned file is read.
        rejected: Where the rejected lines are written to, see `write_rejected`.

    Returns:
        The file to read instead, and the number of rejected lines.
    """
    marked: set[int] = set()
    count = write_rejected(_sort_lines(file, folder / "readable.csv", marked), rejected)
    return replace(file, cleaned=folder / "readable.csv", marked=frozenset(marked)), count


def lines_of(file: DelimitedFile, reasons: Iterable[tuple[int, str]]) -> Iterator[Rejected]:
    """The text of lines, from their numbers (ascending) and the reasons why they are rejected."""
    with file.path.open("rb") as stream:
        lines = _numbered_lines(stream)
        for wanted, reason in reasons:
            text = next(line for number, line in lines if number == wanted)
            yield Rejected(wanted, reason, _text(text))


def write_rejected(rejected: Iterable[Rejected], path: Path) -> int:
    """Write rejected lines to a Parquet file of line_number, reason and raw_text, and return their number."""
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and most files have no bad lines
    import pyarrow.parquet as pq  # noqa: PLC0415

    fields: list[pa.Field[Any]] = [
        pa.field("line_number", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("raw_text", pa.string()),
    ]
    schema = pa.schema(fields)
    count = 0
    with pq.ParquetWriter(path, schema) as writer:
        batch: list[dict[str, int | str]] = []
        for line in rejected:
            count += 1
            batch.append(vars(line))
            if len(batch) == REJECTS_PER_BATCH:
                writer.write_table(pa.Table.from_pylist(batch, schema))
                batch = []
        if batch:
            writer.write_table(pa.Table.from_pylist(batch, schema))
    return count


def _numbered_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers from 1; of a line that is too long only its start."""
    number, inside = 1, False
    while piece := stream.readline(LONGEST_LINE_BYTES):
        if not inside:
            yield number, piece
        inside = not piece.endswith(b"\n")
        number += not inside


def _sort_lines(file: DelimitedFile, readable: Path, marked: set[int]) -> Iterator[Rejected]:
    width = len(file.names)
    with file.path.open("rb") as stream, readable.open("w", encoding="utf-8", newline="") as output:
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow(["_source_line", *file.names])
        for number, line in _numbered_lines(stream):
            if number == 1 or not line.strip():
                continue
            fields = _split(line, file.delimiter, quoted=file.quoted, marked=marked)
            if isinstance(fields, str):
                yield Rejected(number, fields, _text(line))
                continue
            if len(fields) == width + 1 and not fields[-1]:
                fields.pop()
            if len(fields) == width:
                writer.writerow([number, *fields])
            else:
                yield Rejected(number, f"{len(fields)} fields, expected {width}", _text(line))


def _split(line: bytes, delimiter: str, *, quoted: bool, marked: set[int] | None = None) -> list[str] | str:
    """The fields of a line, or why it has none; with `marked`, which gets their positions, some may come marked."""
    if len(line) >= LONGEST_LINE_BYTES:
        return f"longer than {LONGEST_LINE_BYTES:,} bytes"
    has_zero, has_other = b"\0" in line, False
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        has_other, text = True, line.decode("utf-8", errors="surrogateescape")
    if (has_zero or has_other) and marked is None:
        return "holds a zero byte" if has_zero else "not valid UTF-8"
    text = text.rstrip("\r\n")
    fields = _fields(text, delimiter) if quoted else text.split(delimiter)
    if isinstance(fields, str) or marked is None or not (has_zero or has_other):
        return fields
    texts = [_marked(field) for field in fields]
    marked.update(position for position, text in enumerate(texts) if text[:1] in MARKS)
    return texts


def _marked(field: str) -> str:
    """A field as text, with a mark before it if it was none."""
    content = field.encode("utf-8", errors="surrogateescape")
    text = _text(content)
    if "\0" in field:
        return ZERO_BYTE + text
    return text if text == field else NO_UTF8 + text


def _fields(text: str, delimiter: str) -> list[str] | str:
    try:
        return next(csv.reader((text,), delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        told = str(error)
    if "end of data" in told:
        return "unterminated quote"
    return "carriage return inside the line" if "new-line" in told else f"misplaced quote ({told})"


def _text(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").rstrip("\r\n").replace("\0", "\N{SYMBOL FOR NULL}")
