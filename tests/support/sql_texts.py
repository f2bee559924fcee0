"""Finds what is put into SQL texts of the project's Python without the quotes of `ontime/sql.py`.

A text is SQL if it begins as one does. What may be put into it:

- what `quote_sql` or `quoted` give;
- a constant: a name in capitals, a number, a literal, or the `len` or `int` of something;
- SQL that was made in the project: a name or an attribute that is not in `OUTSIDE`, or a call of a function; that text
  is looked at where it is made. So a text from outside under another name is not seen outside of quotes.

Between quotes nothing may be put, whatever it is: the quotes belong to the helper.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paths import ROOT

ROOMS = (
    "engines",
    "feature_store",
    "ingestion",
    "ontime",
    "operations",
    "orchestration",
    "publishing",
    "streaming",
    "dbt_ontime.py",
)
HELPER = "ontime/sql.py"
BEGINNINGS = (
    *(
        r"select",
        r"insert into",
        r"update \S+ set",
        r"delete from",
        r"copy ",
        r"describe ",
        r"from \S+",
        r"with \S+ as",
    ),
    *(r"create (or replace )?\w+", r"drop (table|view|schema|database|role)", r"alter (role|database|table|default)"),
    *(r"grant \w+[ ,]", r"revoke \w+ ", r"attach ", r"detach ", r"comment on", r"set \w+ =", r"set variable"),
    *(
        r"with \S+ as",
        r"call \w+",
        r"ducklake_\w+\(",
        r"load '",
        r"read_\w+\(",
        r"case when",
        r"cast\(",
        r"coalesce\(",
        r"timestamp '",
    ),
    # a name in quotes of its own
    r"[\w\x00]*\.?\"\x00\"(\.|$)",
)
BEGINS = re.compile(rf"\s*\(?({'|'.join(BEGINNINGS)})", re.IGNORECASE)
PLACE = "\x00"
QUOTING = {"quote_sql", "quoted"}
AS_TEXT = {"str", "repr", "getattr", "as_posix"}
COUNTING = {"len", "int", "min", "max", "sum"}
# what holds text that came from outside, wherever it stands
OUTSIDE = {
    *("settings", "path", "url", "option", "error", "arguments", "environ", "request"),
    *("password", "user", "host", "folder"),
}


@dataclass(frozen=True)
class Put:
    """What is put into an SQL text that should not be."""

    place: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.why}"


def unquoted_texts(root: Path = ROOT) -> list[Put]:
    """All of the project."""
    return [put for path in python_files(root) for put in in_source(path.read_text(), str(path.relative_to(root)))]


def python_files(root: Path) -> Iterator[Path]:
    for room in ROOMS:
        found = root / room
        paths = [found] if found.is_file() else sorted(found.rglob("*.py"))
        yield from (path for path in paths if str(path.relative_to(root)) != HELPER)


def in_source(source: str, name: str) -> list[Put]:
    """What is wrong in one file."""
    tree = ast.parse(source)
    inner = {part for node in ast.walk(tree) for part in _operands(node)}
    found = []
    for node in ast.walk(tree):
        if node in inner:
            continue
        pieces = _pieces(node)
        text = "".join(piece if isinstance(piece, str) else PLACE for piece in pieces)
        if PLACE not in text or not BEGINS.match(text):
            continue
        found += [
            Put(f"{name}:{node.lineno}", ast.unparse(piece), why) for piece, why in _wrong(pieces) if piece is not None
        ]
    return found


def _operands(node: ast.AST) -> Iterator[ast.AST]:
    """Parts of a concatenation: it is looked at as a whole."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from (node.left, node.right)


def _pieces(node: ast.AST) -> list[str | ast.expr]:
    """A text as its fixed parts and what is put between them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [piece.value for piece in node.values]  # of a text what it says, of a place what is put there
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = [_pieces(side) or [side] for side in (node.left, node.right)]
        return [*sides[0], *sides[1]]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        return _filled(str(node.left.value), r"%s", values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        text = node.func.value
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            return _filled(text.value, r"\{\w*\}", [*node.args, *(keyword.value for keyword in node.keywords)])
    return []


def _filled(text: str, hole: str, values: list[ast.expr]) -> list[str | ast.expr]:
    parts = re.split(hole, text)
    pieces: list[str | ast.expr] = [parts[0]]
    for number, part in enumerate(parts[1:]):
        pieces += [values[min(number, len(values) - 1)], part]
    return pieces


def _wrong(pieces: list[str | ast.expr]) -> Iterator[tuple[ast.expr, str]]:
    before = ""
    for piece in pieces:
        if isinstance(piece, str):
            before += piece
            continue
        if _is_within_quotes(before) and not _is_number(piece):
            yield piece, "stands between quotes that the helper should make"
        elif outside := _from_outside(piece):
            yield piece, f"is put in without the helper ({outside})"
        before += PLACE


def _is_within_quotes(text: str) -> bool:
    without_literals = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)
    return "'" in without_literals or '"' in without_literals


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in COUNTING


def _from_outside(node: ast.expr) -> str | None:
    """What of an expression came from outside and is not quoted; none where nothing did."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in QUOTING | COUNTING:
            return None
        if name in AS_TEXT:
            return f"{name}()"
    elif isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
        if name in OUTSIDE:
            return name
    # a text within it is looked at where it stands
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return None
    inner = [node.elt] if isinstance(node, ast.GeneratorExp | ast.ListComp) else ast.iter_child_nodes(node)
    return next(filter(None, map(_from_outside, (part for part in inner if isinstance(part, ast.expr)))), None)
