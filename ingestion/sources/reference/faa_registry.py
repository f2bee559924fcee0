"""The FAA's aircraft registry, without the people in it.

MASTER.txt has a line for each registered aircraft, with its owner's name and address; ACFTREF.txt has a line
for each make and model. Neither is kept as it is: landing gets a zip of two files with the aircraft's columns
only. Makers of aircraft that are not type certificated are left out as well, because home-built ones bear
their builder's name. Fields are found by position: their names change over the years.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ingestion.landed_file import LandedFile
from ingestion.reading.archives import extract_member, zip_member
from ingestion.reading.text_lines import lines_sql
from ingestion.source import DamagedValues, Reading
from ontime.errors import OntimeError
from ontime.files import sha256
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb

MASTER = "MASTER.txt"
MODELS = "ACFTREF.txt"
LANDED_NAME = "faa_registry.zip"
MASTER_FIELDS = {"n_number": 1, "model_code": 3, "year_manufactured": 5}
MODEL_FIELDS = {
    "model_code": 1,
    "manufacturer": 2,
    "model": 3,
    "aircraft_type": 4,
    "engine_type": 5,
    "certification": 7,
    "engine_count": 8,
    "seat_count": 9,
    "cruise_speed_mph": 11,
}
# fields that hold numbers; raw columns have their names
MASTER_NUMBERS = ("year_manufactured",)
MODEL_NUMBERS = ("engine_count", "seat_count", "cruise_speed_mph")
NAMING_FIELDS = ("manufacturer", "model")
TYPE_CERTIFICATED = "0"
N_NUMBER = re.compile(r"[1-9]\d{0,4}[A-Z]{0,2}")
LONGEST_VALUES = {"n_number": 5, "model_code": 7, "year_manufactured": 4}
ZIP_TIME = (1980, 1, 1, 0, 0, 0)

AIRCRAFT_TYPES = {
    "1": "Glider",
    "2": "Balloon",
    "3": "Blimp/Dirigible",
    "4": "Fixed wing single engine",
    "5": "Fixed wing multi engine",
    "6": "Rotorcraft",
    "7": "Weight-shift-control",
    "8": "Powered Parachute",
    "9": "Gyroplane",
    "H": "Hybrid Lift",
    "O": "Other",
}
ENGINE_TYPES = {
    "0": "None",
    "1": "Reciprocating",
    "2": "Turbo-prop",
    "3": "Turbo-shaft",
    "4": "Turbo-jet",
    "5": "Turbo-fan",
    "6": "Ramjet",
    "7": "2 Cycle",
    "8": "4 Cycle",
    "9": "Unknown",
    "10": "Electric",
    "11": "Rotary",
}


def registry_files(folder: Path) -> dict[str, Path]:
    """The registry files of a folder by their official names, whatever the case of their names."""
    found = {path.name.upper(): path for path in sorted(folder.iterdir()) if path.is_file()}
    return {name: found[name.upper()] for name in (MASTER, MODELS) if name.upper() in found}


def is_registry_zip(path: Path) -> bool:
    """Whether a file is a zip with a MASTER.txt in it."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(_is_member(name, MASTER) for name in archive.namelist())


@contextmanager
def unpacked(path: Path, *, max_unpacked_bytes: int) -> Iterator[dict[str, Path]]:
    """The two registry files of a zip, in a folder that is removed at the end.

    Raises:
        OntimeError: If the zip is damaged, unsafe, too large or lacks one of them.
    """
    with TemporaryDirectory(prefix="ontime-") as folder:
        files = {}
        for wanted in (MASTER, MODELS):
            member = zip_member(
                path,
                path.name,
                lambda name, wanted=wanted: _is_member(name, wanted),  # type: ignore[misc]
                max_unpacked_bytes=max_unpacked_bytes,
            )
            files[wanted] = extract_member(path, member, Path(folder), max_unpacked_bytes=max_unpacked_bytes)
        yield files


def strip(files: dict[str, Path], target: Path) -> str:
    """Write the aircraft's columns of the registry files to a zip, the same bytes for the same files.

    A line keeps its number. One with too many or too few fields keeps its count of them, to be quarantined.

    Args:
        files: `MASTER` and `MODELS`, as fetched.
        target: The zip to write.

    Returns:
        The SHA-256 of both files as they were fetched, to tell which version the zip was made of.

    Raises:
        OntimeError: If one of the two is missing or has another layout.
    """
    lacking = [name for name in (MASTER, MODELS) if name not in files]
    if lacking:
        raise OntimeError(
            f"{' and '.join(lacking)} missing; {MASTER} and {MODELS} go together", where="aircraft registry"
        )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, fields, naming in ((MASTER, MASTER_FIELDS, ()), (MODELS, MODEL_FIELDS, NAMING_FIELDS)):
            member = zipfile.ZipInfo(name, ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w", force_zip64=True) as output:
                for line in _stripped_lines(files[name], name, fields, naming):
                    output.write(line.encode("latin-1"))
    return " ".join(f"{name}:sha256:{sha256(files[name])}" for name in (MASTER, MODELS))


def read_registry(con: duckdb.DuckDBPyConnection, file: LandedFile, path: Path) -> Reading:
    """Read a zip that `strip` wrote, into the raw table `aircraft`.

    Args:
        con: Where its temporary tables are made.
        file: The landed zip.
        path: A local copy of it.

    Raises:
        OntimeError: If the zip is damaged.
    """
    tables = {name: f"faa_{file.sha256[:12]}_{Path(name).stem.lower()}" for name in (MASTER, MODELS)}
    with unpacked(path, max_unpacked_bytes=max(path.stat().st_size * 1100, 1 << 20)) as files:
        for name, fields in ((MASTER, MASTER_FIELDS), (MODELS, MODEL_FIELDS)):
            values = ", ".join(f"nullif(trim(f[{number}]), '') as {field}" for number, field in enumerate(fields, 2))
            con.execute(
                f"create or replace temp table {tables[name]} as "
                f"select line_number, line, f[1] = '' as is_whole, {values} from "
                f"(select line_number, line, string_split(line, ',') as f from ({lines_sql(files[name])}))"
            )
    misfit = quote_sql(f"is no line of {MASTER}: its fields do not fit")
    reason = f"case when not is_whole then {misfit} when n_number is null then 'has no N-number' end"
    con.execute(
        f"create or replace temp table {tables[MASTER]}_checked as "
        f"select *, {reason} as reason from {tables[MASTER]} where line_number > 1"
    )
    totals = con.execute(
        f"select count(*) filter (where reason is null), count(reason) from {tables[MASTER]}_checked"
    ).fetchone()
    rows, rejected_rows = totals or (0, 0)
    return Reading(
        tables={"aircraft": _aircraft_sql(f"{tables[MASTER]}_checked", tables[MODELS])},
        rejected=f"select line_number, reason, line as raw_text from {tables[MASTER]}_checked where reason is not null"
        if rejected_rows
        else None,
        rows=rows,
        rejected_rows=rejected_rows,
        damaged=tuple(_damaged(con, f"{tables[MASTER]}_checked", tables[MODELS])),
    )


def _damaged(con: duckdb.DuckDBPyConnection, master: str, models: str) -> Iterator[DamagedValues]:
    """The numbers that cannot be read in whole lines of both files."""
    lines = ((master, "reason is null", MASTER_NUMBERS), (models, "line_number > 1 and is_whole", MODEL_NUMBERS))
    for table, condition, numbers in lines:
        for field in numbers:
            is_damaged = f"{field} is not null and try_cast({field} as bigint) is null"
            count, example, values = con.execute(
                f"select count(*) filter (where {is_damaged}), min({field}) filter (where {is_damaged}), count({field})"
                f" from {table} where {condition}"
            ).fetchall()[0]
            if count:
                yield DamagedValues(field, "is no whole number", count, example, values)


def _aircraft_sql(master: str, models: str) -> str:
    return f"""
        select
            'N' || upper(a.n_number) as tail_number,
            m.manufacturer,
            m.model,
            {_decode("m.aircraft_type", AIRCRAFT_TYPES)} as aircraft_type,
            {_decode("m.engine_type", ENGINE_TYPES)} as engine_type,
            try_cast(m.engine_count as bigint) as engine_count,
            try_cast(m.seat_count as bigint) as seat_count,
            nullif(try_cast(m.cruise_speed_mph as bigint), 0) as cruise_speed_mph,
            nullif(try_cast(a.year_manufactured as bigint), 0) as year_manufactured,
            'faa' as registry,
            a.line_number as _source_line
        from {master} as a
        left join (
            select * from {models} where line_number > 1 and is_whole
            qualify row_number() over (partition by model_code order by line_number desc) = 1
        ) as m on a.model_code = m.model_code
        where a.reason is null
    """


def _decode(column: str, meanings: dict[str, str]) -> str:
    branches = " ".join(f"when {quote_sql(code)} then {quote_sql(text)}" for code, text in meanings.items())
    return f"case {column} {branches} end"


def _stripped_lines(path: Path, name: str, fields: dict[str, int], naming: tuple[str, ...]) -> Iterator[str]:
    """The wanted fields of each line after a first one that is empty, or tells how many fields the line had.

    Of a line with another number of fields than the header nothing but what looks like an N-number is kept:
    its other fields may be anything, even a name.
    """
    with path.open(encoding="latin-1", newline="\n") as lines:
        header = next(lines, "")
        count = header.count(",") + 1
        if count <= max(fields.values()) or not any(character.isalpha() for character in header):
            raise OntimeError(f"not the FAA's layout: its first line has {count} fields, no header", where=name)
        yield ",".join(["fields", *fields]) + "\n"
        for line in lines:
            values = [value.strip().replace("\x00", "") for value in line.split(",")]
            wanted = {field: values[at - 1] if at <= len(values) else "" for field, at in fields.items()}
            unreadable = len(values) != count or any(
                len(wanted.get(field, "")) > longest for field, longest in LONGEST_VALUES.items()
            )
            if unreadable:
                n_number = wanted.get("n_number", "")
                wanted = dict.fromkeys(fields, "")
                if N_NUMBER.fullmatch(n_number):
                    wanted["n_number"] = n_number
            elif wanted.get("certification", TYPE_CERTIFICATED) != TYPE_CERTIFICATED:
                wanted |= dict.fromkeys(naming, "")
            if line.strip():
                yield ",".join([str(len(values)) if unreadable else "", *wanted.values()])
            yield "\n"


def _is_member(name: str, wanted: str) -> bool:
    return name.replace("\\", "/").rpartition("/")[2].upper() == wanted.upper()
