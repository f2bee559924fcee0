"""Compares what is served with what was built and with what the stream computed, at one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import duckdb

from engines.duckdb_file import open_duckdb
from feature_store.online.excluded import KEY
from feature_store.registry.feature_tables import KNOWN_AT, FeatureTable
from feature_store.sources import open_source
from ontime.errors import OntimeError

if TYPE_CHECKING:
    from feature_store.online.excluded import ExcludedAircraft
    from feature_store.online.features import OnlineFeatures
    from ontime.settings import Settings

OFFLINE: Final = "offline"
LIVE: Final = "live"
Row = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """A feature that is served as another value than it has elsewhere.

    Attributes:
        feature: As `origin_departures:departures_3h`.
        entity: Its keys.
        online: What is served.
        side: Where it has the other value: `offline` or `live`.
        other: That value.
    """

    feature: str
    entity: Row
    online: object
    side: str
    other: object

    def __str__(self) -> str:
        entity = ", ".join(f"{name} {value}" for name, value in self.entity.items())
        return f"{self.feature} of {entity}: online {self.online!r}, {self.side} {self.other!r}"


@dataclass
class Comparison:
    """Compares tables of features one by one.

    Attributes:
        settings: For the target and the live features.
        features: What is served.
        excluded: Aircraft that are to be served as unknown.
        at: The instant (UTC without zone).
        source: What was built, as `open_source` has it.
        tell: Is told of each table.
        compared: How many entities were compared.
    """

    settings: Settings
    features: OnlineFeatures
    excluded: ExcludedAircraft
    at: datetime
    source: str | None
    tell: Callable[[str], None]
    compared: int = 0

    def differences(self, sample: int) -> Iterator[Difference]:
        """What differs, table by table.

        Args:
            sample: How many entities of each table are compared; the same ones each time.

        Raises:
            OntimeError: A side cannot be read, or there is nothing to compare.
        """
        with ExitStack() as stack:
            sides = {OFFLINE: stack.enter_context(open_source(self.settings, self.source, self.tell))}
            live = self.settings.data_dir / "live" / "features.duckdb"
            if live.exists():
                opened = open_duckdb(live, self.settings, self.tell, read_only=True)
                sides[LIVE] = stack.enter_context(closing(opened))
            for table in self.features.catalogue.tables:
                self.tell(f"{table.short_name}: comparing")
                yield from self._compare(table, sides, sample)
        if not self.compared:
            raise OntimeError(f"no entity has features known by {self.at} UTC", remedy="give an earlier --at")

    def _compare(
        self, table: FeatureTable, sides: dict[str, duckdb.DuckDBPyConnection], sample: int
    ) -> Iterator[Difference]:
        rows = {side: self._read_rows(connection, table, side, sample) for side, connection in sides.items()}
        entities = list(dict.fromkeys(key for found in rows.values() for key in found))[:sample]
        named = [dict(zip(table.key_names, entity, strict=True)) for entity in entities]
        answers = self.features.read(named, table.short_name, self.at)
        self.compared += len(entities)
        for key, entity, answer in zip(entities, named, answers, strict=True):
            known = {side: row for side, found in rows.items() if (row := found.get(key)) is not None}
            newest = max(row[KNOWN_AT] for row in known.values())
            for side, row in known.items():
                if row[KNOWN_AT] < newest:  # the other side knows more
                    continue
                is_hidden = KEY in entity and self.excluded.holds(entity[KEY])
                is_old = table.maximum_age is not None and self.at - newest > table.maximum_age
                for name in (KNOWN_AT, *(feature.name for feature in table.features)):
                    expected = None if is_hidden or is_old else row[name]
                    served = answer.values[table.retrieved_name(name)]
                    if served != expected:
                        yield Difference(f"{table.short_name}:{name}", entity, served, side, expected)

    def _read_rows(
        self, connection: duckdb.DuckDBPyConnection, table: FeatureTable, side: str, sample: int
    ) -> dict[tuple[Any, ...], Row]:
        """Of some entities the newest row known by the instant."""
        keys = ", ".join(table.key_names)
        columns = ", ".join((*table.key_names, KNOWN_AT, *(feature.name for feature in table.features)))
        relation = table.relation if side == OFFLINE else table.name
        try:
            found = connection.execute(
                f"with chosen as (select distinct {keys} from {relation} where {KNOWN_AT} <= $at"
                f" order by md5(concat_ws(' ', {keys})), {keys} limit {sample})"
                f" select {columns} from {relation} semi join chosen using ({keys}) where {KNOWN_AT} <= $at"
                f" qualify row_number() over (partition by {keys} order by {KNOWN_AT} desc) = 1",
                {"at": self.at},
            ).to_arrow_table()
        except duckdb.CatalogException as error:
            raise OntimeError(
                f"{side} has no table {table.name} ({str(error).splitlines()[0]})", remedy="run dbt build"
            ) from None
        return {tuple(row[name] for name in table.key_names): row for row in found.to_pylist()}
