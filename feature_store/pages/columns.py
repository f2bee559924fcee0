"""Which columns a column is made of: as dbt-colibri reads them in the SQL that dbt compiled.

It runs in an environment of its own, `.venv/lineage`, since it needs another sqlglot than Feast does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ontime.errors import NotYetError, OntimeError

PROGRAM: Final = Path(sys.prefix, "lineage", "bin", "colibri")
PAGE: Final = "index.html"
EDGES: Final = "colibri-manifest.json"
# it would tell its makers that it runs, and ask the package index for a newer one; its page would, too
SILENCE: Final = {"DBT_COLIBRI_NO_VERSION_CHECK": "1", "DO_NOT_TRACK": "1"}
# how a column has to do with rows, not with values
OF_ROWS: Final = frozenset({"filter", "join"})
# it says so, and ends well
NOT_READ: Final = "error processing model"
WAIT_SECONDS: Final = 600


@dataclass(frozen=True, order=True)
class Column:
    """A column of a table.

    Attributes:
        table: dbt's name of the table.
        name: The column's.
    """

    table: str
    name: str


class ColumnLineage:
    """The columns that each column is made of.

    Args:
        parents: Those columns, and how, as dbt-colibri writes them: by table and column.
    """

    def __init__(self, parents: dict[str, dict[str, list[dict[str, str]]]]) -> None:
        self._parents: dict[Column, set[Column]] = defaultdict(set)
        for table, columns in parents.items():
            for name, edges in columns.items():
                self._parents[Column(table, name)].update(
                    Column(edge["dbt_node"], edge["column"]) for edge in edges if edge["lineage_type"] not in OF_ROWS
                )

    def made_of(self, column: Column) -> list[Column]:
        """The columns that its model computes it from."""
        return sorted(self._parents.get(column, set()) - {column})

    def reached(self, column: Column) -> list[Column]:
        """All columns that it is made of, however far up."""
        found: set[Column] = set()
        left = [column]
        while left:
            new = self._parents.get(left.pop(), set()) - found
            found |= new
            left.extend(new)
        return sorted(found - {column})


def draw_columns(manifest: dict[str, Any], catalog: Path, folder: Path) -> ColumnLineage:
    """Draw the lineage of all columns as a page, and read it.

    Args:
        manifest: dbt's, with the SQL that it compiled.
        catalog: dbt's catalog.json.
        folder: An empty one, for `PAGE`.

    Raises:
        NotYetError: What it needs is not installed or not made yet.
        OntimeError: It cannot be drawn.
    """
    if not PROGRAM.exists():
        raise NotYetError("dbt-colibri is not installed", remedy="install it with make docs")
    if not catalog.exists():
        raise NotYetError(f"{catalog} does not exist", remedy="write it with dbt docs generate")
    if not any(node.get("compiled_code") for node in manifest["nodes"].values()):
        raise NotYetError("no model is compiled", remedy="compile them with dbt build")
    compiled = folder / "manifest.json"
    compiled.write_text(json.dumps(manifest))
    options = ("--manifest", compiled, "--catalog", catalog, "--output-dir", folder, "--light", "--disable-telemetry")
    done = subprocess.run(
        [PROGRAM, "generate", *options],
        env=os.environ | SILENCE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )
    compiled.unlink()
    edges = folder / EDGES
    said = done.stdout.strip().splitlines() or ["no message"]
    failed = [line for line in said if NOT_READ in line]
    if done.returncode != 0 or failed or not edges.exists():
        raise OntimeError(
            f"dbt-colibri failed ({(failed or said)[-1]})", remedy="run dbt build, then ontime docs build"
        )
    found = ColumnLineage(json.loads(edges.read_text())["lineage"]["parents"])
    edges.unlink()
    return found
