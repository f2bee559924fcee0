"""A plugin of dbt that reads the seeds' files before anything is built, and refuses a line that dbt would misread.

dbt takes any first line for the header, fills short lines up with nulls, and tells of no line by its number.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Final

from dbt.clients.yaml_helper import load_yaml_text
from dbt.flags import get_flags
from dbt.plugins.manager import dbtPlugin
from dbt_common.exceptions import DbtRuntimeError

from ontime.errors import OntimeError

BUILDS: Final = {"build", "retry", "run", "seed", "snapshot"}
FOLDER: Final = "seeds"
EXCLUDED_AIRCRAFT: Final = "excluded_aircraft"

# what people write around and between the letters and digits of a tail number
ORNAMENTS: Final = re.compile(r"[\s\-\u2010-\u2015.'\"]")
TAIL_NUMBER: Final = re.compile(r"(?=.*[0-9])[A-Za-z0-9]{2,7}|[A-Za-z]{5,6}")
ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class ReadableSeeds(dbtPlugin):
    """Found by dbt through the module `dbt_ontime`."""

    def initialize(self) -> None:
        """Read the seeds where a command of dbt is about to build something.

        Raises:
            DbtRuntimeError: If a line of one is unreadable.
        """
        flags = get_flags()  # type: ignore[no-untyped-call]  # dbt gives it no type
        if flags.WHICH not in BUILDS:
            return
        try:
            verify_seeds(Path(flags.PROJECT_DIR) / FOLDER)
        except OntimeError as error:
            raise DbtRuntimeError(str(error)) from None


def verify_seeds(folder: Path) -> None:
    """Read the files of the seeds that the folder's YAML describes.

    Raises:
        OntimeError: If a file has other columns, or a line cannot be read; with its number.
    """
    for described in sorted(folder.glob("*.yml")):
        content = load_yaml_text(described.read_text(encoding="utf-8")) or {}
        for seed in content.get("seeds", []):
            file = folder / f"{seed['name']}.csv"
            if file.exists():
                _verify(file, [column["name"] for column in seed["columns"]])


def _verify(file: Path, columns: list[str]) -> None:
    lines = _lines(file)
    number, header = next(lines, (1, []))
    if header != columns:
        raise _refusal(file, number, f"the first line is not {','.join(columns)}", "begin the file with it")
    for number, fields in lines:
        if not any(field.strip() for field in fields):
            raise _refusal(file, number, "nothing stands in it", "remove the line")
        if len(fields) != len(columns):
            found = f"it has {len(fields)} values for the {len(columns)} columns {','.join(columns)}"
            raise _refusal(file, number, found, "put quotes around a value with a comma, and leave no column out")
        if file.stem == EXCLUDED_AIRCRAFT:
            _verify_excluded_aircraft(file, number, dict(zip(columns, fields, strict=True)))


def _verify_excluded_aircraft(file: Path, number: int, values: dict[str, str]) -> None:
    tail_number, excluded_on = values["tail_number"], values["excluded_on"]
    if not TAIL_NUMBER.fullmatch(ORNAMENTS.sub("", tail_number)):
        found = f"{tail_number!r} is no tail number"
        raise _refusal(file, number, found, "write one, such as N327AA, or remove the line")
    if excluded_on.strip() and not _is_date(excluded_on.strip()):
        raise _refusal(file, number, f"{excluded_on!r} is no date", "write it as 2026-02-01, or leave it empty")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(ISO_DATE.fullmatch(text))


def _lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines' values, each with the number of the line that they begin in, from 1."""
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise _refusal(file, number, "it is not UTF-8", "save the file as UTF-8") from None
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    number = 1
    try:
        for fields in reader:
            yield number, fields
            number = reader.line_num + 1
    except csv.Error as error:
        raise _refusal(file, number, f"it cannot be read ({error})", "write quotes in pairs") from None


def _refusal(file: Path, number: int, found: str, remedy: str) -> OntimeError:
    return OntimeError(f"{file.parent.name}/{file.name}, line {number}: {found}", remedy=remedy)
