"""What can happen to a warehouse: files come in, tables are built, builds die. Each step is a value that is taken."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from raw_rows import AIRPORTS, bts_flight

from ingestion.sources.reference.time_zones import utc_offsets

# around two changes of the month and one of the clock, and one long before
DAYS = tuple(date.fromisoformat(day) for day in ("2012-03-11", "2013-11-02", "2013-11-03", "2013-12-30", "2013-12-31"))
DAYS += tuple(date.fromisoformat(day) for day in ("2014-01-01", "2014-01-02"))
FLOWN = ("JFK", "EWR", "ORD", "LAX")
NOWHERE = "ZZZ"
# the station of that airport, which bears another name
STATION_OF_NOWHERE = "QQQ"
TAILS = ("N1AA", "N2AA", "N3AA", None)
ZONES = ("America/New_York", "America/Chicago", "America/Phoenix")
NUMBERS = range(1, 5)


class Files(Protocol):
    """Where files come in."""

    def load(self, source: str, table: str, rows: list[dict], arrival: "Arrival", month: str | None = None) -> None: ...

    def load_again(self, which: int, arrival: "Arrival") -> None: ...

    def complete(self) -> None: ...


class Warehouse(Protocol):
    """What steps are taken on."""

    files: Files

    def exclude(self, tails: tuple[str, ...]) -> None: ...

    def build(self, models: tuple[str, ...], *options: str) -> None: ...

    def build_until_killed(self, models: tuple[str, ...], statement: int) -> None: ...


@dataclass(frozen=True)
class Arrival:
    """When a load completed: hours after the one before, by a clock that may be days ahead or behind; or never."""

    hours: int = 1
    clock_days: int = 0
    completes: bool = True


@dataclass(frozen=True)
class Flights:
    """A file of flights of some days, as they turned out; of one whole month where `month` is set."""

    days: tuple[int, ...]
    numbers: tuple[int, ...]
    outcome: int
    month: bool = False
    oddity: str | None = None
    arrival: Arrival = Arrival()

    def take(self, warehouse: Warehouse) -> None:
        days = [DAYS[day] for day in self.days]
        if self.month:
            days = [day for day in days if f"{day:%Y-%m}" == f"{days[0]:%Y-%m}"]
        rows = [flight(day, number, self.outcome) for day in days for number in self.numbers]
        if rows and self.oddity:
            rows[-1] |= ODDITIES[self.oddity](rows[-1])
        warehouse.files.load("bts", "flights", rows, self.arrival, f"{days[0]:%Y-%m}" if self.month else None)


@dataclass(frozen=True)
class SampleFlights:
    """Flights as the sample has them: of some of them, BTS may speak, too."""

    day: int
    numbers: tuple[int, ...]
    outcome: int
    arrival: Arrival = Arrival()

    def take(self, warehouse: Warehouse) -> None:
        rows = [sample_flight(flight(DAYS[self.day], number, self.outcome)) for number in self.numbers]
        warehouse.files.load("nycflights13", "flights", rows, self.arrival)


@dataclass(frozen=True)
class Reports:
    """Weather reports of stations on a day."""

    day: int
    outcome: int
    wind_knots: int = 10
    arrival: Arrival = Arrival()

    def take(self, warehouse: Warehouse) -> None:
        chance = random.Random(f"{self.day} {self.outcome}")
        rows = [
            {
                "station": station,
                "valid": f"{DAYS[self.day]:%F} {hour:02d}:51",
                "tmpf": float(chance.choice([30, 31, 50])),
                "mslp": 1000.0 + chance.choice([0, 1, 20]),
                "sknt": float(self.wind_knots),
                "vsby": 10.0,
                "metar": station,
            }
            for station in (*FLOWN, STATION_OF_NOWHERE)
            for hour in range(0, 24, 3)
            if chance.random() < 0.7
        ]
        warehouse.files.load("asos", "observations", rows, self.arrival)


@dataclass(frozen=True)
class SampleWeather:
    """The sample's hours of a day at an airport."""

    day: int
    outcome: int
    wind_mph: float = 10.0
    arrival: Arrival = Arrival()

    def take(self, warehouse: Warehouse) -> None:
        day = DAYS[self.day]
        midnight = datetime(day.year, day.month, day.day)
        rows = [
            {
                "origin": "JFK",
                **{"year": day.year, "month": day.month, "day": day.day, "hour": hour},
                **{"temp": 33.0 + self.outcome, "visib": 2.0, "pressure": 999.0, "wind_speed": self.wind_mph},
                "time_hour": midnight + timedelta(hours=hour),
            }
            for hour in range(0, 24, 2)
        ]
        warehouse.files.load("nycflights13", "weather", rows, self.arrival)


@dataclass(frozen=True)
class FlightEvents:
    """Some kinds of events of flights of a day, as the broker took them: files may bring the later ones first."""

    day: int
    numbers: tuple[int, ...]
    outcome: int
    kinds: tuple[int, ...]
    arrival: Arrival = Arrival()

    def take(self, warehouse: Warehouse) -> None:
        rows = [
            events[kind % len(events)]
            for number in self.numbers
            for events in [flight_events(self.day, number, self.outcome)]
            for kind in self.kinds
        ]
        warehouse.files.load("events", "flight_events", rows, self.arrival)


@dataclass(frozen=True)
class StreamedReports:
    """Weather reports of a day as a broker took them, some of them twice or corrected."""

    day: int
    outcome: int
    arrival: Arrival = Arrival()

    def take(self, warehouse: Warehouse) -> None:
        chance = random.Random(f"streamed {self.day} {self.outcome}")
        rows = [
            {
                **record("weather-reports", self.outcome, self.day * 1000 + number),
                "station": chance.choice([*FLOWN, STATION_OF_NOWHERE]),
                "valid": f"{DAYS[self.day]:%F} {chance.choice([3, 6, 7]):02d}:51",
                "taken_at": f"{DAYS[self.day]:%F} {chance.choice([2, 8, 9]):02d}:52",
                "tmpf": float(chance.choice([30, 50])),
                "metar_status": "parsed",
                "metar": "streamed",
            }
            for number in range(12)
        ]
        warehouse.files.load("events", "weather_reports", rows, self.arrival)


@dataclass(frozen=True)
class Again:
    """One of the files that came before comes again, as it was."""

    which: int
    arrival: Arrival = Arrival()

    def take(self, warehouse: Warehouse) -> None:
        warehouse.files.load_again(self.which, self.arrival)


@dataclass(frozen=True)
class Completion:
    """Loads that had not completed do, after others that began later."""

    def take(self, warehouse: Warehouse) -> None:
        warehouse.files.complete()


@dataclass(frozen=True)
class Airports:
    """An edition of the airports: one of them in a zone, or with a station, of its own; and one that was unknown."""

    airport: str
    zone: str
    has_station: bool = True
    knows_nowhere: bool = False
    arrival: Arrival = Arrival()

    def take(self, warehouse: Warehouse) -> None:
        zones = AIRPORTS | {self.airport: self.zone} | ({NOWHERE: ZONES[0]} if self.knows_nowhere else {})
        rows = [
            {"airport_code": code, "iata": code, "icao": f"K{code}", "name": code, "country": "US", "tz": zone}
            for code, zone in zones.items()
        ]
        for row in rows:
            if row["airport_code"] == self.airport and not self.has_station:
                row["icao"] = None
            if row["airport_code"] == NOWHERE:
                row["icao"] = f"K{STATION_OF_NOWHERE}"
        warehouse.files.load("reference", "airports", rows, self.arrival)


@dataclass(frozen=True)
class ClockRules:
    """An edition of the clock rules, in which a zone's clocks are moved from a year on."""

    zone: str
    minutes: int
    from_year: int
    arrival: Arrival = Arrival()

    def take(self, warehouse: Warehouse) -> None:
        rows = utc_offsets([*AIRPORTS.values(), *ZONES]).to_pylist()
        for row in rows:
            if row["time_zone"] == self.zone and row["utc_from"].year >= self.from_year:
                row["utc_offset_minutes"] += self.minutes
        warehouse.files.load("reference", "time_zone_offsets", rows, self.arrival)


@dataclass(frozen=True)
class Exclusions:
    """The list of excluded aircraft, from now on."""

    tails: tuple[str, ...]

    def take(self, warehouse: Warehouse) -> None:
        warehouse.exclude(self.tails)


@dataclass(frozen=True)
class Build:
    """A build of some models and of nothing that they need."""

    models: tuple[str, ...]
    options: tuple[str, ...] = ()

    def take(self, warehouse: Warehouse) -> None:
        warehouse.build(self.models, *self.options)


@dataclass(frozen=True)
class KilledBuild:
    """A build that is killed before one of its statements; where it has fewer of them it ends."""

    models: tuple[str, ...]
    statement: int

    def take(self, warehouse: Warehouse) -> None:
        warehouse.build_until_killed(self.models, self.statement)


Load = Flights | SampleFlights | Reports | SampleWeather | FlightEvents | StreamedReports | Again | Completion
Step = Load | Airports | ClockRules | Exclusions | Build | KilledBuild


def flight(day: date, number: int, outcome: int) -> dict:
    """A flight as BTS reports it. What is scheduled follows from day and number, the rest from the outcome, too."""
    schedule = random.Random(f"{day} {number}")
    chance = random.Random(f"{day} {number} {outcome}")
    origin, destination = schedule.sample(FLOWN, 2)
    delay = chance.choice([-5, 0, 15, 200])
    operated = {"dep_delay": delay, "arr_delay": delay - 7, "arr_time": "1220"}
    nothing = {"dep_delay": None, "dep_time": None, "arr_delay": None, "arr_time": None}
    return bts_flight(
        f"{day}",
        number,
        reporting_airline=schedule.choice(["AA", "UA"]),
        iata_code_reporting_airline=None,
        tail_number=chance.choice(TAILS),
        origin=origin,
        dest=destination,
        crs_dep_time=f"{schedule.choice([0, 1, 9, 22]):02d}{schedule.choice([0, 30]):02d}",
        **(nothing | {"cancelled": 1} if chance.random() < 0.2 else operated),
    )


def sample_flight(row: dict) -> dict:
    """The same flight as the sample has it."""
    day = date.fromisoformat(row["flight_date"])
    clocks = {"sched_dep_time": row["crs_dep_time"], "sched_arr_time": row["crs_arr_time"]}
    return {
        **{"year": day.year, "month": day.month, "day": day.day, "time_hour": datetime(day.year, day.month, day.day)},
        **{"carrier": row["reporting_airline"], "flight": row["flight_number_reporting_airline"]},
        **{"origin": row["origin"], "dest": row["dest"], "tailnum": row["tail_number"], **clocks},
        **{"dep_time": row["dep_time"], "arr_time": row["arr_time"], "dep_delay": row["dep_delay"]},
        **{"arr_delay": row["arr_delay"], "air_time": row["air_time"], "distance": row["distance"]},
    }


def record(topic: str, partition: int, offset: int) -> dict:
    """Where a record stands in a topic."""
    return {"topic": topic, "topic_generation": 1, "topic_partition": partition, "topic_offset": offset}


def flight_events(day: int, number: int, outcome: int) -> list[dict]:
    """The events of a flight that ends so; when the broker took each follows from the outcome, in any order."""
    row = flight(DAYS[day], number, outcome)
    chance = random.Random(f"events {day} {number} {outcome}")
    hours = [chance.choice([-30, 1, 9, 10, 10, 11, 15, 60]) for _ in range(6)]
    begins = datetime(DAYS[day].year, DAYS[day].month, DAYS[day].day, 14)
    departed_at, arrived_at = (begins + timedelta(minutes=chance.choice([0, 7, 400])) for _ in range(2))
    told = [
        {"event_type": "scheduled", "scheduled_arrival_clock": row["crs_arr_time"], "distance_miles": 2475},
        {"event_type": "aircraft_assigned", "tail_number": row["tail_number"]},
        {"event_type": "departed", "occurred_at": departed_at},
        {"event_type": "arrived", "occurred_at": arrived_at + timedelta(hours=5), "air_time_minutes": 300},
        {"event_type": chance.choice(["cancelled", "diverted"]), "is_withdrawn": chance.random() < 0.5},
        {"event_type": "departed", "occurred_at": departed_at, "is_withdrawn": chance.random() < 0.5},
    ]
    return [
        {
            **record("flight-events", outcome, (day * 10 + number) * 10 + place),
            **{"taken_at": begins + timedelta(hours=hours[place]), "flight_date": row["flight_date"]},
            **{"carrier_code": row["reporting_airline"], "flight_number": row["flight_number_reporting_airline"]},
            **{"origin_airport_code": row["origin"], "destination_airport_code": row["dest"]},
            "scheduled_departure_clock": row["crs_dep_time"],
            **event,
        }
        for place, event in enumerate(told)
    ]


ODDITIES: dict[str, Callable[[dict], dict]] = {
    "unknown origin": lambda row: {"origin": NOWHERE},
    "unknown destination": lambda row: {"dest": NOWHERE},
    "negative air time": lambda row: {"air_time": -1425},
    "negative elapsed time": lambda row: {"crs_elapsed_time": -157},
    "endless delay": lambda row: {"dep_delay": 99999, "arr_delay": 99999},
    "no aircraft": lambda row: {"tail_number": "000000"},
}
