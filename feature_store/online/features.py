"""Features of entities as they hold at an instant, from the online store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from feature_store.online.excluded import KEY, ExcludedAircraft
from feature_store.online.records import MICROSECOND, RowFormat, read_record, to_instant, to_microseconds

if TYPE_CHECKING:
    from feature_store.online.store import OnlineStore
    from feature_store.registry.catalogue import Catalogue, SelectedTable

MINUTE: Final = 60_000_000


class Status(StrEnum):
    """How it stands with a feature.

    Attributes:
        PRESENT: It has a value.
        NULL_VALUE: Its row holds, and has none.
        NOT_FOUND: No row of the entity is there that was known by the instant.
        OUTSIDE_MAX_AGE: The newest row is older than the table's maximum age.
    """

    PRESENT = "PRESENT"
    NULL_VALUE = "NULL_VALUE"
    NOT_FOUND = "NOT_FOUND"
    OUTSIDE_MAX_AGE = "OUTSIDE_MAX_AGE"


class Answer:
    """The features of an entity.

    Attributes:
        values: By name, as `retrieve` calls them: `origin__departures_3h`, and `origin__known_at`, from when on (UTC
            without zone) its features hold. Null but for what is present.
    """

    __slots__ = ("_kinds", "values")

    def __init__(self, values: dict[str, Any], kinds: list[tuple[Status, int]]) -> None:
        """Keep values, and of how many of them in a row the status is what, as long as a null is PRESENT, too."""
        self.values = values
        self._kinds = kinds

    @property
    def statuses(self) -> dict[str, Status]:
        """The status of each."""
        kinds = [kind for kind, number in self._kinds for _ in range(number)]
        null = Status.NULL_VALUE
        return {
            name: null if value is None and kind is Status.PRESENT else kind
            for (name, value), kind in zip(self.values.items(), kinds, strict=True)
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answer) and (self.values, self._kinds) == (other.values, other._kinds)

    __hash__ = None  # type: ignore[assignment]  # as of all that can change


class _Reading:
    """How a selected table's records become parts of an answer."""

    def __init__(self, selected: SelectedTable) -> None:
        table = selected.table
        self.format = RowFormat(table)
        self.is_aircraft = KEY in table.key_names
        self.max_age = None if table.maximum_age is None else table.maximum_age // MICROSECOND
        wanted = {feature.name for feature in selected.features}
        self._places = [place for place, feature in enumerate(table.features) if feature.name in wanted]
        self._is_whole = len(self._places) == len(table.features)
        self._readers = [
            (self._places.index(place), read) for place, read in self.format.readers if place in self._places
        ]
        ages = {feature.name: feature.age_name for feature in table.instants if feature.name in wanted}
        self._ages = [self._places.index(p) for p, f in enumerate(table.features) if f.name in ages]
        names = [table.retrieved_name(table.features[place].name) for place in self._places]
        age_names = [table.retrieved_name(name) for f in table.features if f.name in ages and (name := ages[f.name])]
        self.names = [*names, *age_names, table.known_at_column]
        self._nulls = [None] * len(self.names)
        self._not_found, self._too_old, self._present = (
            (status, len(self.names)) for status in (Status.NOT_FOUND, Status.OUTSIDE_MAX_AGE, Status.PRESENT)
        )

    def read(self, record: bytes | None, at: int) -> tuple[list[Any], tuple[Status, int]]:
        """Values of a record at an instant in microseconds since 1970, and the status of so many."""
        if record is None:
            return self._nulls, self._not_found
        known_at, _, values = read_record(record)
        age = at - known_at
        if age < 0:
            return self._nulls, self._not_found
        if self.max_age is not None and age > self.max_age:
            return self._nulls, self._too_old
        if not self._is_whole:
            values = [values[place] for place in self._places]
        ages = [None if (then := values[place]) is None else (at - then) // MINUTE for place in self._ages]
        for place, read in self._readers:
            if values[place] is not None:
                values[place] = read(values[place])
        values += ages
        values.append(to_instant(known_at))
        return values, self._present


class OnlineFeatures:
    """Reads features from an online store; safe to be used by several threads."""

    def __init__(self, catalogue: Catalogue, store: OnlineStore, excluded: ExcludedAircraft) -> None:
        """Read the tables of a catalogue.

        Args:
            catalogue: What there is.
            store: Where the newest rows stand.
            excluded: Aircraft of which nothing is told.
        """
        self._catalogue = catalogue
        self._store = store
        self._excluded = excluded
        self._choose = lru_cache(maxsize=256)(self._plan)

    @property
    def catalogue(self) -> Catalogue:
        """The tables that can be read."""
        return self._catalogue

    def read(
        self,
        entities: Sequence[Mapping[str, object]],
        features: str | None = None,
        at: datetime | None = None,
    ) -> list[Answer]:
        """The features of entities, in their order, in one read of the store.

        Args:
            entities: Each with the keys of all tables that are asked for, by name; a null key finds nothing.
            features: As `origin_departures:departures_3h,carrier_departures`; by default all.
            at: The instant, without a zone UTC; by default now. Rows known after it are not found: the store holds the
                newest of each entity alone.

        Raises:
            OntimeError: There is no such feature, a key is missing or of another type, or the store cannot be reached.
        """
        readings, names = self._choose(features)
        instant = to_microseconds(at or datetime.now(UTC))
        keys = [self._pack_key(reading, entity) for entity in entities for reading in readings]
        wanted = [
            (reading.format.relation, key)
            for reading, key in zip(readings * len(entities), keys, strict=True)
            if key is not None
        ]
        records = iter(self._store.read(wanted))
        found = iter([None if key is None else next(records) for key in keys])
        return [self._answer(names, readings, found, instant) for _ in entities]

    def verify_store(self) -> None:
        """Ask the store for what is not there.

        Raises:
            OntimeError: It does not answer.
        """
        self._store.read([("", b"")])

    def _plan(self, features: str | None) -> tuple[list[_Reading], list[str]]:
        readings = [_Reading(selected) for selected in self._catalogue.parse_selection(features)]
        return readings, [name for reading in readings for name in reading.names]

    def _pack_key(self, reading: _Reading, entity: Mapping[str, object]) -> bytes | None:
        key = reading.format.pack_key(entity)
        if reading.is_aircraft and key is not None and self._excluded.holds(str(entity[KEY])):
            return None
        return key

    @staticmethod
    def _answer(names: list[str], readings: list[_Reading], records: Any, at: int) -> Answer:  # noqa: ANN401 - an iterator over records
        values: list[Any] = []
        kinds = []
        for reading in readings:
            some, their = reading.read(next(records), at)
            values += some
            kinds.append(their)
        return Answer(dict(zip(names, values, strict=True)), kinds)
