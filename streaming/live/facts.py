"""The facts that are kept, in their versions, and what a micro-batch changes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from streaming.live.feature_tables import FLIGHT_FACTS, WEATHER_FACTS

if TYPE_CHECKING:
    import duckdb

# a version is of its subject; who brought it, and when it ended, is not what it says
SAYS_NOTHING: Final = frozenset({"superseded_at", "superseded_load_number", "load_number", "loaded_at"})


@dataclass(frozen=True)
class FactTable:
    """A relation of facts.

    Attributes:
        name: The model.
        schema: Where it stands.
        subject: What all versions of a fact share, whatever became of it.
        version: The columns that are one version's.
        happened_at: When the fact happened.
        reach: How long after that it can count.
        kept: How long after that it is kept; what comes later than the difference changes no row any more.
        entity: Columns that are named otherwise in the entities of features.
    """

    name: str
    schema: str
    subject: str
    version: tuple[str, ...]
    happened_at: str
    reach: timedelta
    kept: timedelta
    entity: dict[str, str] = field(default_factory=dict)

    @property
    def view(self) -> str:
        """What the raw tables of a batch make, in SQL."""
        return f"{self.schema}.{self.name}"

    @property
    def stored(self) -> str:
        """The table of those that are kept, in SQL."""
        return f"live.{self.name}"

    @property
    def incoming(self) -> str:
        """All versions of the facts that a batch touches, in SQL."""
        return f"incoming_{self.name}"

    @property
    def touched(self) -> str:
        """The subjects that a batch touches, in SQL."""
        return f"touched_{self.name}"

    @property
    def changed(self) -> str:
        """What the batch changes: versions that go and that come, each with `changed_at`, in SQL."""
        return f"changed_{self.name}"

    @property
    def due(self) -> str:
        """What the views count, in SQL."""
        return f"due_{self.name}"


FLIGHTS: Final = FactTable(
    FLIGHT_FACTS,
    "marts",
    subject="flight_key",
    version=("flight_event_key",),
    happened_at="occurred_at",
    reach=timedelta(days=28),
    kept=timedelta(days=29),
)
WEATHER: Final = FactTable(
    WEATHER_FACTS,
    "intermediate",
    subject="weather_report_key",
    version=("weather_report_key", "version_number"),
    happened_at="observed_at",
    reach=timedelta(days=2),
    kept=timedelta(days=4),
    entity={"origin_airport_code": "airport_code"},
)
FACT_TABLES: Final = (FLIGHTS, WEATHER)


def merge(connection: duckdb.DuckDBPyConnection, facts: FactTable) -> int:
    """Put incoming versions into the place of those that are kept of the same subjects.

    Args:
        connection: In a transaction. The temporary tables `touched` (subjects) and `incoming` (all of their versions)
            are filled; `changed` tells afterwards what differs. `changed_at` is the first instant at which it matters:
            of a version that came or went its `known_at`, of one whose end is another the earlier end.
        facts: Of which facts.

    Returns:
        How many versions came or went.
    """
    ((touched,),) = connection.execute(f"select count(*) from {facts.touched}").fetchall()
    if not touched:
        connection.execute(f"delete from {facts.changed}")
        return 0
    held = connection.execute(f"from {facts.stored} limit 0").description
    said = [name for name, *_ in held if name not in SAYS_NOTHING]
    connection.execute(f"delete from {facts.changed}")
    using = ", ".join(facts.version)
    differs = " or ".join(f"held.{name} is distinct from incoming.{name}" for name in said)
    first_end = "least(coalesce(held.superseded_at, 'infinity'), coalesce(incoming.superseded_at, 'infinity'))"
    connection.execute(
        f"insert into {facts.changed} with"
        f" held as (from {facts.stored} semi join {facts.touched} using ({facts.subject})),"
        f" incoming as (from {facts.incoming}),"
        " differences as ("
        f"   select {using}, case when held.known_at is null then incoming.known_at"
        "     when incoming.known_at is null then held.known_at"
        f"    when {differs} then least(held.known_at, incoming.known_at) else {first_end} end as changed_at"
        f"  from held full join incoming using ({using})"
        f"  where {differs} or held.superseded_at is distinct from incoming.superseded_at)"
        f" select held.*, changed_at, false as comes from held join differences using ({using})"
        " union all by name"
        f" select incoming.*, changed_at, true as comes from incoming join differences using ({using})"
    )
    ((count,),) = connection.execute(f"select count(*) from {facts.changed}").fetchall()
    if count:
        goes = f"(select {using} from {facts.changed} where not comes)"
        connection.execute(f"delete from {facts.stored} where ({using}) in {goes}")
        connection.execute(
            f"insert into {facts.stored} select * exclude (changed_at, comes) from {facts.changed} where comes"
        )
    return int(count)


def first_change(connection: duckdb.DuckDBPyConnection, facts: FactTable) -> datetime | None:
    """The first instant at which what `merge` changed matters; none where nothing changed."""
    ((instant,),) = connection.execute(f"select min(changed_at) from {facts.changed}").fetchall()
    found: datetime | None = instant
    return found


def drop_old(connection: duckdb.DuckDBPyConnection, facts: FactTable, day: datetime) -> None:
    """Drop what can count no more.

    Args:
        connection: In a transaction.
        facts: Of which facts.
        day: The day that is reached (UTC).
    """
    connection.execute(f"delete from {facts.stored} where {facts.happened_at} < ?", [day - facts.kept])
