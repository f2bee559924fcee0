"""The online stores as Feast knows them: named in a repository's configuration by the path of their class.

    online_store:
        type: feature_store.feast_api.online_stores.SqliteFileOnlineStore
        path: data/online.sqlite

They read and write what `ontime features materialize`, `ontime stream --online` and `ontime serve` do. A view says by
its tag `version` which definition of the table its rows are of.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import msgpack
from feast.feature_view import FeatureView
from feast.infra.online_stores.online_store import OnlineStore as FeastOnlineStore
from feast.protos.feast.serving.ServingService_pb2 import FieldStatus
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Value
from feast.repo_config import FeastConfigBaseModel, RepoConfig
from feast.value_type import ValueType
from pydantic import SecretStr

from feature_store.online.records import Record, pack_header, read_record, to_instant, to_microseconds
from feature_store.online.redis_store import RedisStore
from feature_store.online.sqlite_store import SqliteStore
from feature_store.online.store import OnlineStore
from feature_store.registry.feature_tables import PREFIX
from ontime.errors import OntimeError

VERSION_TAG: Final = "version"
SECOND: Final = 1_000_000
# what Feast makes of a frame's NaT
NOT_A_TIME: Final = -(2**63)
# the field of a value, by the type that a view promises
FIELDS: Final = {
    ValueType.STRING: "string_val",
    ValueType.INT32: "int32_val",
    ValueType.INT64: "int64_val",
    ValueType.FLOAT: "float_val",
    ValueType.DOUBLE: "double_val",
    ValueType.BOOL: "bool_val",
    ValueType.UNIX_TIMESTAMP: "unix_timestamp_val",
}
STATUSES: Final = {name: FieldStatus.Value(name) for name in ("PRESENT", "NULL_VALUE", "NOT_FOUND", "OUTSIDE_MAX_AGE")}


class _OntimeOnlineStore(FeastOnlineStore):
    """What both have in common."""

    _store: OnlineStore | None = None

    @abstractmethod
    def _open(self, config: RepoConfig) -> OnlineStore: ...

    def online_write_batch(
        self,
        config: RepoConfig,
        table: FeatureView,
        data: list[tuple[EntityKey, dict[str, Value], datetime, datetime | None]],
        progress: Callable[[int], Any] | None,
    ) -> None:
        """Write rows; of those with the same instant the one that was created later holds.

        Raises:
            OntimeError: A value is not of its feature's type, or the store cannot be reached.
        """
        rows = []
        for key, values, known_at, created_at in data:
            version = 0 if created_at is None else to_microseconds(created_at)
            stored = [_read_value(values.get(field.name), field.dtype.to_value_type()) for field in table.features]
            rows.append((_pack_key(key), pack_header(to_microseconds(known_at), version) + msgpack.packb(stored)))
        self._opened(config).write(_relation(table), rows)
        if progress:
            progress(len(rows))

    def online_read(
        self,
        config: RepoConfig,
        table: FeatureView,
        entity_keys: list[EntityKey],
        requested_features: list[str] | None = None,
    ) -> list[tuple[datetime | None, dict[str, Value] | None]]:
        """Read rows; one past its maximum age has no values."""
        now = to_microseconds(datetime.now(UTC))
        found: list[tuple[datetime | None, dict[str, Value] | None]] = []
        for record in self._read(config, table, entity_keys):
            if record is None:
                found.append((None, None))
                continue
            known_at = to_instant(record.known_at).replace(tzinfo=UTC)
            is_old = _is_old(table, record, now)
            wanted = set(requested_features or [field.name for field in table.features])
            values = {
                field.name: Value() if is_old else _make_value(value, field.dtype.to_value_type())
                for field, value in zip(table.features, record.values, strict=True)
                if field.name in wanted
            }
            found.append((known_at, values))
        return found

    def _read_features_per_fv(  # type: ignore[no-untyped-def]  # as Feast has it
        self,
        config,  # noqa: ANN001
        grouped_refs,  # noqa: ANN001
        join_key_values,  # noqa: ANN001
        entity_name_to_join_key_map,  # noqa: ANN001
        online_features_response,  # noqa: ANN001
        full_feature_names,  # noqa: ANN001
        include_feature_view_version_metadata,  # noqa: ANN001
    ) -> None:
        """Give each feature its own status: Feast knows but PRESENT and NOT_FOUND."""
        before = len(online_features_response.results)
        super()._read_features_per_fv(
            config,
            grouped_refs,
            join_key_values,
            entity_name_to_join_key_map,
            online_features_response,
            full_feature_names,
            include_feature_view_version_metadata,
        )
        now = to_microseconds(datetime.now(UTC))
        vectors = iter(online_features_response.results[before:])
        for table, requested in grouped_refs:
            for _ in requested:
                vector = next(vectors)
                for place, value in enumerate(vector.values):
                    if vector.statuses[place] == STATUSES["PRESENT"] and value.WhichOneof("val") is None:
                        known_at = _to_microseconds(vector.event_timestamps[place])
                        is_old = _is_old(table, Record(known_at, 0, []), now)
                        vector.statuses[place] = STATUSES["OUTSIDE_MAX_AGE" if is_old else "NULL_VALUE"]

    def update(
        self,
        config: RepoConfig,
        tables_to_delete: Sequence[FeatureView],
        tables_to_keep: Sequence[FeatureView],  # noqa: ARG002 - as Feast has it
        entities_to_delete: Sequence[Any],  # noqa: ARG002
        entities_to_keep: Sequence[Any],  # noqa: ARG002
        partial: bool,  # noqa: ARG002
    ) -> None:
        """Drop the rows of views that are gone."""
        for table in tables_to_delete:
            self._opened(config).drop(_relation(table))

    def teardown(self, config: RepoConfig, tables: Sequence[FeatureView], entities: Sequence[Any]) -> None:  # noqa: ARG002
        """Drop the rows of views."""
        for table in tables:
            self._opened(config).drop(_relation(table))

    def _read(self, config: RepoConfig, table: FeatureView, keys: list[EntityKey]) -> list[Record | None]:
        relation = _relation(table)
        records = self._opened(config).read([(relation, _pack_key(key)) for key in keys])
        return [None if record is None else read_record(record) for record in records]

    def _opened(self, config: RepoConfig) -> OnlineStore:
        if self._store is None:
            self._store = self._open(config)
        return self._store


class SqliteFileOnlineStoreConfig(FeastConfigBaseModel):
    """Where the file is, from the repository's folder."""

    type: Literal["feature_store.feast_api.online_stores.SqliteFileOnlineStore"] = (
        "feature_store.feast_api.online_stores.SqliteFileOnlineStore"
    )
    path: str = "data/online.sqlite"


class SqliteFileOnlineStore(_OntimeOnlineStore):
    """The store in an SQLite file."""

    def _open(self, config: RepoConfig) -> OnlineStore:
        return SqliteStore(Path(config.repo_path or ".", config.online_store.path))


class RedisServerOnlineStoreConfig(FeastConfigBaseModel):
    """Where the server is; `url` may be `${ONTIME_ONLINE_URL}`, which Feast takes from the environment."""

    type: Literal["feature_store.feast_api.online_stores.RedisServerOnlineStore"] = (
        "feature_store.feast_api.online_stores.RedisServerOnlineStore"
    )
    url: SecretStr


class RedisServerOnlineStore(_OntimeOnlineStore):
    """The store in a server of Redis."""

    def _open(self, config: RepoConfig) -> OnlineStore:
        return RedisStore(config.online_store.url.get_secret_value())


def _relation(table: FeatureView) -> str:
    name = PREFIX + table.name.removeprefix(PREFIX)
    return f"{name}@{table.tags.get(VERSION_TAG, '')}"


def _pack_key(key: EntityKey) -> bytes:
    """The key as `RowFormat.pack_key` gives it."""
    parts = sorted(
        (name, getattr(value, value.WhichOneof("val")) if value.WhichOneof("val") else None)
        for name, value in zip(key.join_keys, key.entity_values, strict=True)
    )
    packed: bytes = msgpack.packb([value for _, value in parts])
    return packed


def _read_value(value: Value | None, kind: ValueType) -> Any:  # noqa: ANN401 - of any type of SQL
    field = None if value is None else value.WhichOneof("val")
    if value is None or field is None or field == "null_val":
        return None
    if field != FIELDS[kind]:
        raise OntimeError(f"expected {kind.name}, not {field}")
    found = getattr(value, field)
    if kind == ValueType.UNIX_TIMESTAMP:
        return None if found == NOT_A_TIME else found * SECOND
    return found


def _make_value(stored: Any, kind: ValueType) -> Value:  # noqa: ANN401 - of any type of SQL
    if stored is None:
        return Value()
    if kind == ValueType.UNIX_TIMESTAMP:
        return Value(unix_timestamp_val=stored // SECOND)
    if kind in {ValueType.DOUBLE, ValueType.FLOAT}:
        stored = float(stored)
    return Value(**{FIELDS[kind]: stored})


def _is_old(table: FeatureView, record: Record, now: int) -> bool:
    # to Feast an age of 0 is none
    return (
        table.ttl is not None
        and table.ttl > timedelta()
        and now - record.known_at > table.ttl // timedelta(microseconds=1)
    )


def _to_microseconds(instant: Any) -> int:  # noqa: ANN401 - protobuf has no types
    return int(instant.seconds) * SECOND + int(instant.nanos) // 1000
