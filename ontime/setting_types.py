"""What the values of settings can be: each is checked once, before any work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, Json, Secret, ValidatorFunctionWrapHandler, WrapValidator

TARGETS: Final = ("dev", "postgres", "lake", "spark")
# they end a literal of SQL or of a connection string, or stand for other files
NOT_IN_FOLDERS: Final = "'\";*?[]"
AnyFolder = TypeVar("AnyFolder", str, Path)


def _check_folder(folder: AnyFolder) -> AnyFolder:
    if any(letter in NOT_IN_FOLDERS or not letter.isprintable() for letter in str(folder)):
        raise ValueError(f"expected a folder, its name without {' '.join(NOT_IN_FOLDERS)} and control characters")
    return folder


def _text(pattern: str, form: str) -> AfterValidator:
    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(f"expected {form}")
        return text

    return AfterValidator(check)


def _check_target(name: str) -> str:
    if name not in TARGETS:
        raise ValueError(f"{name!r} is not one of {', '.join(TARGETS)}")
    return name


def _check_object(options: object, check: ValidatorFunctionWrapHandler) -> Any:  # noqa: ANN401 - as pydantic has it
    if isinstance(options, Secret) and isinstance(options.get_secret_value(), dict):
        return options
    try:
        return check(options)
    except ValueError:
        raise ValueError("expected a JSON object") from None


Target = Annotated[str, AfterValidator(_check_target)]
Folder = Annotated[Path, AfterValidator(_check_folder)]
FolderUrl = Annotated[str, AfterValidator(_check_folder)]
# a login has settings of its own, and addresses are shown and stored
Address = Annotated[str, _text(r"https?://[^@/\s]+(/[^@\s]*)?", "http://host or https://host, without a login")]
Line = Annotated[str, _text(r"[^\x00-\x1f\x7f]+", "a text of one line")]
Word = Annotated[str, _text(r"[A-Za-z0-9_.-]+", "letters, digits, dots, dashes and underscores")]
PostgresName = Annotated[str, _text(r"[^\x00-\x1f\x7f]{1,63}", "a name of at most 63 letters")]
DuckdbMemory = Annotated[str, _text(r"[0-9]+(\.[0-9]+)? ?([KMGT]i?B|%)", "a size as 512MB, 2GB or 80%")]
JavaMemory = Annotated[str, _text(r"[0-9]+[kmgtKMGT]", "a size as 512m or 2g")]
SparkMaster = Annotated[
    str, _text(r"local(\[([0-9]+|\*)\])?|spark://[A-Za-z0-9_.:,\[\]-]+", "local[*] or spark://host:port")
]
Options = Annotated[Secret[Json[dict[str, Any]]], WrapValidator(_check_object)]
