"""Features for the rows of a CSV or Parquet file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engines.memory import connect_in_memory
from feature_store.retrieval.retrieve import retrieve
from ontime.errors import OntimeError
from ontime.files import replace_durably
from ontime.sql import quote_sql

if TYPE_CHECKING:
    from ontime.settings import Settings

# text stays what it was on its way from CSV to CSV; in Parquet columns have types
READERS: Final = {".csv": "read_csv({path}, header = true, all_varchar = true)", ".parquet": "read_parquet({path})"}
FORMATS: Final = {".csv": "format csv, header", ".parquet": "format parquet, compression zstd"}


def retrieve_file(
    settings: Settings,
    spine: Path,
    out: Path,
    *,
    at: str,
    features: str | None,
    source: str | None,
    tell: Callable[[str], None],
) -> int:
    """Write the rows of a file with features to another, whole or not at all; gives how many.

    Args:
        settings: For the target.
        spine: The rows; texts, where they are CSV.
        out: The file to write.
        at: The column of the instants.
        features: As `retrieve` has it.
        source: As `retrieve` has it.
        tell: Is told of a wait.

    Raises:
        OntimeError: A file cannot be read or written, or as `retrieve` does.
    """
    import duckdb  # noqa: PLC0415 - slow to import, and `--help` does not need it

    reader, written_as = _by_suffix(READERS, spine), _by_suffix(FORMATS, out)
    if not spine.exists():
        raise OntimeError(f"{spine} does not exist")
    with connect_in_memory(settings) as connection:
        try:
            rows = connection.execute(f"from {reader.format(path=quote_sql(str(spine)))}").to_arrow_table()
        except duckdb.Error as error:
            raise OntimeError(f"cannot be read ({str(error).strip().splitlines()[0]})", where=spine) from None
        found = retrieve(rows, features, at=at, source=source, settings=settings, tell=tell)
        unfinished = out.with_name(f"{out.name}.new")
        try:
            connection.register("found", found)
            connection.execute(f"copy found to {quote_sql(str(unfinished))} ({written_as})")
            replace_durably(unfinished, out)
        except (duckdb.Error, OSError) as error:
            raise OntimeError(f"cannot be written ({str(error).strip().splitlines()[0]})", where=out) from None
        finally:
            unfinished.unlink(missing_ok=True)
    return int(found.num_rows)


def _by_suffix(choices: dict[str, str], path: Path) -> str:
    if path.suffix.lower() not in choices:
        raise OntimeError(f"{path} is neither of {' and '.join(choices)}", remedy="name it by what it is")
    return choices[path.suffix.lower()]
