"""What an online store is: keys and records, of which the greater stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from ontime.errors import OntimeError

if TYPE_CHECKING:
    from ontime.settings import Settings

REDIS_SCHEMES: Final = ("redis", "rediss", "unix")


class OnlineStore(Protocol):
    """Rows of features by the relation that they are of and their key; see `records`.

    All methods raise an OntimeError where the store cannot be reached.
    """

    def write(self, relation: str, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Write records; a key keeps the greatest that it ever got, in whatever order they come."""

    def read(self, wanted: Sequence[tuple[str, bytes]]) -> list[bytes | None]:
        """Read the records of relations and keys, none where there is none."""

    def withdraw(self, relation: str, rows: Iterable[tuple[bytes, bytes, int]]) -> None:
        """Take back records of older versions.

        Args:
            relation: Whose.
            rows: Keys, each with a record's beginning and a version: a record that is greater goes, unless it has that
                version or a later one.
        """

    def remove(self, relation: str, keys: Iterable[bytes]) -> None:
        """Remove keys with their records."""

    def scan(self, relation: str) -> Iterator[tuple[bytes, bytes]]:
        """All keys and records of a relation."""

    def relations(self) -> set[str]:
        """The relations that have rows."""

    def drop(self, relation: str) -> None:
        """Remove all rows of a relation."""

    def read_note(self, name: str) -> str | None:
        """What a writer noted under a name."""

    def write_note(self, name: str, text: str) -> None:
        """Note something under a name, in the place of what was there."""

    def close(self) -> None:
        """Let go of it."""


def open_store(settings: Settings) -> OnlineStore:
    """The online store of the settings: a server of Redis where they name one, else a file in the data folder.

    Raises:
        OntimeError: It cannot be reached, or the address is of another kind.
    """
    if settings.online_url is None:
        from feature_store.online.sqlite_store import SqliteStore  # noqa: PLC0415 - one of two

        return SqliteStore(settings.online_file, settings.lock_timeout_seconds)
    from feature_store.online.redis_store import RedisStore  # noqa: PLC0415 - one of two

    url = settings.online_url.get_secret_value()
    if url.partition("://")[0] not in REDIS_SCHEMES:
        raise OntimeError("expected redis://host:port/0", where="setting ONTIME_ONLINE_URL")
    return RedisStore(url)
