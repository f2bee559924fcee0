"""Checks that a fetched file passes before it is loaded."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from ingestion.csv_reader import MARKS
from ingestion.source import IngestError, Reading

if TYPE_CHECKING:
    import duckdb

CHUNK_BYTES = 1 << 20
# fewer damaged values say nothing of a column, however few it has
FEWEST_DAMAGED_VALUES = 20
DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError)


def verify_not_empty(path: Path, name: str) -> None:
    """Refuse a file of no bytes.

    Raises:
        IngestError: If the file is empty.
    """
    if path.stat().st_size == 0:
        raise IngestError(f"{name}: the file is empty")


def zip_member(path: Path, name: str, wanted: Callable[[str], bool], *, max_unpacked_bytes: int) -> str:
    """The one member of a zip that holds the data, after the zip was read whole.

    Args:
        path: The local file.
        name: What to call it in errors.
        wanted: Whether a member's name is that of the data.
        max_unpacked_bytes: More than this, over all members, is refused.

    Raises:
        IngestError: If it is no zip, is truncated or damaged, holds none or several wanted members, a path
            outside its folder, or too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            for info in members:
                parts = PurePosixPath(info.filename.replace("\\", "/"))
                if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
                    raise IngestError(f"{name}: holds a path outside its folder ({info.filename})")
            found = [info.filename for info in members if wanted(info.filename)]
            if len(found) != 1:
                held = ", ".join(info.filename for info in members) or "nothing"
                raise IngestError(f"{name}: expected one data file in the zip, it holds {held}")
            _verify_unpacked(archive, members, name, max_unpacked_bytes)
    except DAMAGES as error:
        raise IngestError(f"{name}: not a whole zip file ({error})") from None
    return found[0]


def extract_member(path: Path, member: str, folder: Path, *, max_unpacked_bytes: int | None = None) -> Path:
    """Unpack one member of a verified zip (see `zip_member`) into a folder, without the member's own folders.

    Raises:
        IngestError: If the zip is damaged, or the member unpacks to more than `max_unpacked_bytes`.
    """
    target = folder / PurePosixPath(member.replace("\\", "/")).name
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream, target.open("wb") as output:
            for chunk in _limited(stream, path.name, max_unpacked_bytes):
                output.write(chunk)
    except DAMAGES as error:
        raise IngestError(f"{path.name}: not a whole zip file ({error})") from None
    return target


def verify_rejects(con: duckdb.DuckDBPyConnection, name: str, reading: Reading, max_share: float) -> None:
    """Refuse a file of which too many rows cannot be read.

    Args:
        con: The connection of the reading.
        name: What to call the file in errors.
        reading: The file.
        max_share: A greater share of the rows is refused.

    Raises:
        IngestError: With the first of these rows.
    """
    found = reading.rows + reading.rejected_rows
    if reading.rejected_rows <= found * max_share:
        return
    line, reason = con.execute(
        f"select line_number, reason from ({reading.rejected}) order by line_number limit 1"
    ).fetchall()[0]
    raise IngestError(
        f"{name}: refused, {reading.rejected_rows:,} of {found:,} rows cannot be read"
        f" (more than {max_share:.1%} allowed by ONTIME_MAX_REJECTED_ROW_SHARE), the first is line {line:,}: {reason}"
    )


def verify_damage(name: str, reading: Reading, max_share: float) -> None:
    """Refuse a file with a column of which most values are of another type: its columns are not what their names say.

    Bytes that are no text say nothing of the kind, and fewer than `FEWEST_DAMAGED_VALUES` values neither.

    Raises:
        IngestError: If one column has at least that many, and a greater share of its values than `max_share`.
    """
    for damaged in reading.damaged:
        is_much = damaged.count > damaged.values * max_share and damaged.count >= FEWEST_DAMAGED_VALUES
        if is_much and damaged.rule not in MARKS.values():
            raise IngestError(
                f"{name}: refused, {damaged.count:,} of {damaged.values:,} values of {damaged.column} cannot be read"
                f" (more than {max_share:.1%} allowed by ONTIME_MAX_DAMAGED_VALUE_SHARE),"
                f" as {damaged.example!r} {damaged.rule}"
            )


def verify_row_count(name: str, rows: int, last_rows: int | None, min_share: float, *, force: bool) -> None:
    """Refuse a file with far fewer rows than its last version.

    Raises:
        IngestError: If `rows` is under `min_share` of `last_rows` and `force` is not given.
    """
    if last_rows and rows < last_rows * min_share and not force:
        raise IngestError(
            f"{name}: {rows:,} rows, under {min_share:.0%} of the {last_rows:,} of its last version; "
            "load it all the same with --force"
        )


def _verify_unpacked(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str, max_unpacked_bytes: int
) -> None:
    """Unpack without keeping anything: sizes in a zip's directory may lie, and checksums stand at the end."""
    unpacked = 0
    for info in members:
        with archive.open(info) as stream:
            for chunk in _limited(stream, name, max_unpacked_bytes - unpacked):
                unpacked += len(chunk)


def _limited(stream: IO[bytes], name: str, limit: int | None) -> Iterator[bytes]:
    unpacked = 0
    while chunk := stream.read(CHUNK_BYTES):
        unpacked += len(chunk)
        if limit is not None and unpacked > limit:
            raise IngestError(f"{name}: refused, it unpacks to more than is allowed by ONTIME_MAX_UNPACKED_BYTES")
        yield chunk
