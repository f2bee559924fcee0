"""The online store in an SQLite file, which any number of processes of this machine may read while one writes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from feature_store.online.records import HEADER
from ontime.errors import InUseError, OntimeError
from ontime.rights import new_files_restricted, refusal

TABLES: Final = """
create table if not exists rows (
    relation text not null, key blob not null, record blob not null, primary key (relation, key)
) without rowid;
create table if not exists notes (name text primary key, text text not null) without rowid;
"""
WRITE: Final = (
    "insert into rows values (?, ?, ?)"
    " on conflict do update set record = excluded.record where excluded.record > record"
)
READ: Final = "select ?, record from rows where relation = ? and key = ?"
# one statement of so many costs a third of as many statements
READS_AT_ONCE: Final = 60
WITHDRAW: Final = (
    "delete from rows where relation = ? and key = ? and record > ?"
    f" and substr(record, {HEADER.size // 2 + 1}, {HEADER.size // 2}) < ?"
)


@cache
def _read_statement(keys: int) -> str:
    return " union all ".join([READ] * keys)


class SqliteStore:
    """See `OnlineStore`."""

    def __init__(self, path: Path, timeout_seconds: float = 60) -> None:
        """Open the file, and make it where there is none, for its owner alone or the group of the settings.

        Args:
            path: The file.
            timeout_seconds: How long to wait for another writer.

        Raises:
            OntimeError: It cannot be opened.
        """
        self._path = path
        self._timeout = timeout_seconds
        self._local = threading.local()
        with self._told(), new_files_restricted():
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = self._connection()
            connection.execute("pragma journal_mode = wal")
            connection.executescript(TABLES)

    def write(self, relation: str, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """See `OnlineStore.write`."""
        self._change(WRITE, ((relation, key, record) for key, record in rows))

    def read(self, wanted: Sequence[tuple[str, bytes]]) -> list[bytes | None]:
        """See `OnlineStore.read`."""
        found: list[bytes | None] = [None] * len(wanted)
        with self._told():
            connection = self._connection()
            for first in range(0, len(wanted), READS_AT_ONCE):
                parameters: list[object] = []
                for place, key in enumerate(wanted[first : first + READS_AT_ONCE], first):
                    parameters += (place, *key)
                for place, record in connection.execute(_read_statement(len(parameters) // 3), parameters):
                    found[place] = record
        return found

    def withdraw(self, relation: str, rows: Iterable[tuple[bytes, bytes, int]]) -> None:
        """See `OnlineStore.withdraw`."""
        self._change(WITHDRAW, ((relation, key, start, version.to_bytes(8, "big")) for key, start, version in rows))

    def remove(self, relation: str, keys: Iterable[bytes]) -> None:
        """See `OnlineStore.remove`."""
        self._change("delete from rows where relation = ? and key = ?", ((relation, key) for key in keys))
        with self._told():
            # what was removed is to stand nowhere in the files
            self._connection().execute("pragma wal_checkpoint(truncate)")

    def scan(self, relation: str) -> Iterator[tuple[bytes, bytes]]:
        """See `OnlineStore.scan`."""
        with self._told():
            rows = self._connection().execute("select key, record from rows where relation = ?", (relation,)).fetchall()
        yield from rows

    def relations(self) -> set[str]:
        """See `OnlineStore.relations`."""
        with self._told():
            return {name for (name,) in self._connection().execute("select distinct relation from rows")}

    def drop(self, relation: str) -> None:
        """See `OnlineStore.drop`."""
        self._change("delete from rows where relation = ?", [(relation,)])

    def read_note(self, name: str) -> str | None:
        """See `OnlineStore.read_note`."""
        with self._told():
            row = self._connection().execute("select text from notes where name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def write_note(self, name: str, text: str) -> None:
        """See `OnlineStore.write_note`."""
        self._change("insert into notes values (?, ?) on conflict do update set text = excluded.text", [(name, text)])

    def close(self) -> None:
        """See `OnlineStore.close`; connections of other threads close with them."""
        self._connection().close()
        del self._local.connection

    def _connection(self) -> sqlite3.Connection:
        try:
            found: sqlite3.Connection = self._local.connection
        except AttributeError:
            found = sqlite3.connect(self._path, timeout=self._timeout, isolation_level=None)
            found.execute("pragma synchronous = normal")
            found.execute("pragma secure_delete = on")
            self._local.connection = found
        return found

    def _change(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for each of some rows, all or none."""
        with self._told():
            connection = self._connection()
            connection.execute("begin immediate")
            try:
                connection.executemany(statement, rows)
                connection.execute("commit")
            except BaseException:
                connection.execute("rollback")
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell of what the file does not do as of an error that one can act on."""
        try:
            yield
        except PermissionError:
            raise refusal(self._path) from None
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise InUseError(f"{self._path} is in use", remedy="wait for its writer and try again") from None
            raise OntimeError(f"{error}", where=self._path) from None
        except sqlite3.DatabaseError as error:
            raise OntimeError(
                f"{error}", where=self._path, remedy="remove the file, and run ontime features materialize"
            ) from None
