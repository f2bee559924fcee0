"""The BTS lookup of carrier codes: who used a code from which year to which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.landed_file import LandedFile
from ingestion.reading.text_lines import BYTE_ORDER_MARK, lines_sql
from ingestion.source import Reading
from ontime.errors import OntimeError
from ontime.sql import quote_sql

if TYPE_CHECKING:
    import duckdb

FILE_NAME = "L_CARRIER_HISTORY.csv"
HEADER = "Code,Description"
# PA,Pan American World Airways (1960 - 1991)
CODE = r'^"?([^",]+)"?,'
AROUND_DESCRIPTION = r'^"?[^",]+"?,"?|"$'
DESCRIPTION = r"^(.*\S)\s*\((\d{4}) - (\d{4})?\s*\)$"


def verify(path: Path) -> None:
    """Refuse what is no lookup, such as an error page.

    Raises:
        OntimeError: If the header is another.
    """
    with path.open("rb") as stream:
        header = stream.readline(200).decode("latin-1").removeprefix(BYTE_ORDER_MARK).strip()
    if header.replace('"', "") != HEADER:
        raise OntimeError(f"expected the header {HEADER}; it begins: {header[:80]!r}", where=FILE_NAME)


def read(con: duckdb.DuckDBPyConnection, file: LandedFile, path: Path) -> Reading:
    """Read the lookup into the raw table `carriers`; a last year is null while the carrier keeps the code.

    Args:
        con: Where its temporary table is made.
        file: The landed lookup.
        path: A local copy of it.
    """
    table = f"carriers_{file.sha256[:12]}"
    con.execute(f"""
        create or replace temp table {table} as
        with entries as (
            select
                line_number, line, trim(regexp_extract(line, {quote_sql(CODE)}, 1)) as code,
                trim(regexp_replace(rtrim(line), {quote_sql(AROUND_DESCRIPTION)}, '', 'g')) as description
            from ({lines_sql(path)})
            where line_number > 1
        )
        select
            line_number, line, code,
            regexp_extract(
                replace(description, '""', '"'), {quote_sql(DESCRIPTION)}, ['name', 'first_year', 'last_year']
            ) as parts,
            code <> '' and struct_extract(parts, 'name') <> '' as is_readable
        from entries
    """)
    totals = con.execute(
        f"select count(*) filter (where is_readable), count(*) filter (where not is_readable) from {table}"
    ).fetchone()
    rows, rejected_rows = totals or (0, 0)
    carriers = (
        "select code as carrier_code, parts.name as carrier_name, "
        "try_cast(parts.first_year as bigint) as first_year, "
        "try_cast(parts.last_year as bigint) as last_year, line_number as _source_line "
        f"from {table} where is_readable"
    )
    rejected = (
        "select line_number, 'is no code with a name and years' as reason, line as raw_text "
        f"from {table} where not is_readable"
    )
    return Reading({"carriers": carriers}, rejected if rejected_rows else None, rows, rejected_rows)
