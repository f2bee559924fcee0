"""The online store in a server of Redis: a hash for each relation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final, TypeVar

import redis

from feature_store.online.records import HEADER
from ontime.errors import OntimeError
from ontime.redaction import redact_url

PREFIX: Final = "ontime:features:"
NOTES: Final = "ontime:notes"
# rows of a call: so long others wait for one
ROWS_AT_ONCE: Final = 500
# Lua compares texts in the order of the server's language
IS_GREATER: Final = """
local function is_greater(one, other)
    local length = math.min(#one, #other)
    for place = 1, length do
        local a, b = one:byte(place), other:byte(place)
        if a ~= b then return a > b end
    end
    return #one > #other
end
"""
WRITE: Final = (
    IS_GREATER
    + """
for place = 1, #ARGV, 2 do
    local held = redis.call('HGET', KEYS[1], ARGV[place])
    if not held or is_greater(ARGV[place + 1], held) then
        redis.call('HSET', KEYS[1], ARGV[place], ARGV[place + 1])
    end
end
"""
)
WITHDRAW: Final = (
    IS_GREATER
    + f"""
for place = 1, #ARGV, 3 do
    local held = redis.call('HGET', KEYS[1], ARGV[place])
    if held and is_greater(held, ARGV[place + 1])
        and is_greater(ARGV[place + 2], held:sub({HEADER.size // 2 + 1}, {HEADER.size})) then
        redis.call('HDEL', KEYS[1], ARGV[place])
    end
end
"""
)


Row = TypeVar("Row")


class RedisStore:
    """See `OnlineStore`."""

    def __init__(self, url: str) -> None:
        """Connect to a server.

        Args:
            url: As redis://user:password@host:6379/0.

        Raises:
            OntimeError: It cannot be reached, or refuses the login.
        """
        self._name = redact_url(url)
        with self._told():
            self._client: Any = redis.Redis.from_url(url, socket_timeout=30, socket_connect_timeout=10)
            self._client.ping()
        self._write = self._client.register_script(WRITE)
        self._withdraw = self._client.register_script(WITHDRAW)

    def write(self, relation: str, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """See `OnlineStore.write`."""
        self._run(self._write, relation, rows)

    def read(self, wanted: Sequence[tuple[str, bytes]]) -> list[bytes | None]:
        """See `OnlineStore.read`."""
        with self._told():
            pipeline = self._client.pipeline(transaction=False)
            for relation, key in wanted:
                pipeline.execute_command("HGET", PREFIX + relation, key)
            found: list[bytes | None] = pipeline.execute()
        return found

    def withdraw(self, relation: str, rows: Iterable[tuple[bytes, bytes, int]]) -> None:
        """See `OnlineStore.withdraw`."""
        packed = ((key, start, version.to_bytes(8, "big")) for key, start, version in rows)
        self._run(self._withdraw, relation, packed)

    def remove(self, relation: str, keys: Iterable[bytes]) -> None:
        """See `OnlineStore.remove`."""
        with self._told():
            for some in _batches(keys):
                self._client.hdel(PREFIX + relation, *some)

    def scan(self, relation: str) -> Iterator[tuple[bytes, bytes]]:
        """See `OnlineStore.scan`."""
        with self._told():
            yield from self._client.hscan_iter(PREFIX + relation)

    def relations(self) -> set[str]:
        """See `OnlineStore.relations`."""
        with self._told():
            return {key.decode().removeprefix(PREFIX) for key in self._client.scan_iter(f"{PREFIX}*")}

    def drop(self, relation: str) -> None:
        """See `OnlineStore.drop`."""
        with self._told():
            self._client.unlink(PREFIX + relation)

    def read_note(self, name: str) -> str | None:
        """See `OnlineStore.read_note`."""
        with self._told():
            found = self._client.hget(NOTES, name)
        return None if found is None else found.decode()

    def write_note(self, name: str, text: str) -> None:
        """See `OnlineStore.write_note`."""
        with self._told():
            self._client.hset(NOTES, name, text)

    def close(self) -> None:
        """See `OnlineStore.close`."""
        self._client.close()

    def _run(self, script: Any, relation: str, rows: Iterable[tuple[bytes, ...]]) -> None:  # noqa: ANN401
        """Run a script over rows, some at once."""
        with self._told():
            pipeline = self._client.pipeline(transaction=False)
            for some in _batches(rows):
                script(keys=[PREFIX + relation], args=[part for row in some for part in row], client=pipeline)
            pipeline.execute()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (redis.RedisError, ValueError) as error:
            raise UnreachableError(
                f"cannot be used ({error})", where=self._name, remedy="start it, or see ONTIME_ONLINE_URL"
            ) from None


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while some := list(islice(remaining, ROWS_AT_ONCE)):
        yield some


class UnreachableError(OntimeError):
    """The server does not answer."""

    http_status = 503
