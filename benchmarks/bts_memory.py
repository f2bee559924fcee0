"""Load generated months in the BTS layout through `ontime ingest bts`; print rows a second and peak memory.

    python benchmarks/bts_memory.py [--months 12] [--rows 600000]

Memory is the resident set of the command and all its child processes, sampled every 20 ms.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import duckdb
import psutil

from ingestion.sources.bts.fetch import TABLES

GOAL_BYTES = 1_500_000_000
SAMPLE_SECONDS = 0.02
STATES = "['NY', 'CA', 'TX', 'IL', 'GA', 'CO']"
CITIES = "['New York', 'Los Angeles', 'Dallas', 'Chicago', 'Atlanta', 'Denver']"
CARRIERS = "['AA', 'DL', 'UA', 'WN', 'B6', 'AS', 'NK', 'F9', 'HA', 'OO', 'YX', 'MQ', '9E', 'OH', 'G4']"
FACTS = """
    select i, (hash(i, {month}) >> 1)::bigint as h, date '{first}' + (i * {days} // {rows})::int as day,
        h % 15 as carrier, (h >> 8) % 350 as org, ((h >> 8) + 1 + (h >> 20) % 348) % 350 as dst,
        300 + (h >> 16) % 1080 as departs, 40 + (h >> 24) % 300 as flies,
        ((h >> 32) % 40)::int - 12 + if((h >> 40) % 12 = 0, (h >> 42) % 240, 0)::int as late,
        ((h >> 50) % 30)::int - 15 as gained, (h >> 56) % 60 = 0 as gone
    from range({rows}) as t (i)
"""
CLOCK = "printf('%02d%02d', ({0}) // 60 % 24, ({0}) % 60)"
AIRPORT = "chr((65 + {0} % 26)::int) || chr((65 + {0} // 26)::int) || 'X'"
FLOWN = "if(gone, null, {0})"
MEASURED = "if(gone, null, ({0})::decimal(9, 2))"
CAUSE = "if(gone or late + gained < 15, null, ({0})::decimal(9, 2))"


def values(month: int, year: int) -> dict[str, str]:
    """SQL of the columns that are filled; the others are empty, as most of a real file's are."""
    filled = {
        "Year": str(year),
        "Quarter": str((month + 2) // 3),
        "Month": str(month),
        "DayofMonth": "day(day)",
        "DayOfWeek": "isodow(day)",
        "FlightDate": "day",
        "Reporting_Airline": f"{CARRIERS}[carrier + 1]",
        "DOT_ID_Reporting_Airline": "19800 + carrier",
        "IATA_CODE_Reporting_Airline": f"{CARRIERS}[carrier + 1]",
        "Tail_Number": "printf('N%03dAA', (h >> 12) % 5000)",
        "Flight_Number_Reporting_Airline": "1 + (h >> 5) % 6500",
        "CRSDepTime": CLOCK.format("departs"),
        "DepTime": FLOWN.format(CLOCK.format("departs + late + 1440")),
        "DepDelay": MEASURED.format("late"),
        "DepDelayMinutes": MEASURED.format("greatest(late, 0)"),
        "DepDel15": MEASURED.format("(late >= 15)::int"),
        "DepartureDelayGroups": FLOWN.format("greatest(least(late // 15, 12), -2)"),
        "DepTimeBlk": "printf('%02d00-%02d59', departs // 60, departs // 60)",
        "TaxiOut": MEASURED.format("10 + h % 20"),
        "WheelsOff": FLOWN.format(CLOCK.format("departs + late + 1450 + h % 20")),
        "WheelsOn": FLOWN.format(CLOCK.format("departs + flies + late + gained + 1435")),
        "TaxiIn": MEASURED.format("5"),
        "CRSArrTime": CLOCK.format("departs + flies"),
        "ArrTime": FLOWN.format(CLOCK.format("departs + flies + late + gained + 1440")),
        "ArrDelay": MEASURED.format("late + gained"),
        "ArrDelayMinutes": MEASURED.format("greatest(late + gained, 0)"),
        "ArrDel15": MEASURED.format("(late + gained >= 15)::int"),
        "ArrivalDelayGroups": FLOWN.format("greatest(least((late + gained) // 15, 12), -2)"),
        "ArrTimeBlk": "printf('%02d00-%02d59', (departs + flies) // 60 % 24, (departs + flies) // 60 % 24)",
        "Cancelled": "gone::int::decimal(9, 2)",
        "CancellationCode": "if(gone, 'B', '')",
        "Diverted": "0::decimal(9, 2)",
        "CRSElapsedTime": "flies::decimal(9, 2)",
        "ActualElapsedTime": MEASURED.format("flies + gained"),
        "AirTime": MEASURED.format("flies + gained - 15 - h % 20"),
        "Flights": "1::decimal(9, 2)",
        "Distance": "(flies * 8)::decimal(9, 2)",
        "DistanceGroup": "1 + flies * 8 // 250",
        "CarrierDelay": CAUSE.format("late + gained - (h % 3) * 5"),
        "WeatherDelay": CAUSE.format("0"),
        "NASDelay": CAUSE.format("(h % 3) * 5"),
        "SecurityDelay": CAUSE.format("0"),
        "LateAircraftDelay": CAUSE.format("0"),
        "DivAirportLandings": "0",
    }
    for end, code in (("Origin", "org"), ("Dest", "dst")):
        filled |= {
            f"{end}AirportID": f"10000 + {code}",
            f"{end}AirportSeqID": f"1000000 + {code} * 100 + 2",
            f"{end}CityMarketID": f"30000 + {code}",
            end: AIRPORT.format(code),
            f"{end}CityName": f"{CITIES}[{code} % 6 + 1] || ', ' || {STATES}[{code} % 6 + 1]",
            f"{end}State": f"{STATES}[{code} % 6 + 1]",
            f"{end}StateFips": f"printf('%02d', {code} % 6 + 10)",
            f"{end}StateName": f"{CITIES}[{code} % 6 + 1]",
            f"{end}Wac": f"20 + {code} % 6",
        }
    return filled


def generate(folder: Path, year: int, month: int, rows: int) -> int:
    """Write a month's zip, and return the size of the text in it."""
    columns = TABLES[0].columns
    names = [column.source_name or column.name for column in columns]
    texts = [name for name, column in zip(names, columns, strict=True) if column.data_type == "text"]
    filled = values(month, year)
    select = ", ".join(
        f"({filled.get(name, repr('') if name in texts else 'null')})::varchar as {name}" for name in names
    )
    first = f"{year}-{month:02d}-01"
    facts = FACTS.format(month=month, first=first, days=28, rows=rows)
    text = folder / "month.csv"
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as con:
        con.execute(
            f"copy (select {select}, null as trailing from ({facts})) to '{text}'"
            f" (format csv, header false, force_quote ({', '.join(texts)}))"
        )
    name = f"On_Time_Reporting_Carrier_On_Time_Performance_1987_present_{year}_{month}"
    header = ",".join(f'"{name}"' for name in names) + ",\n"
    with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("readme.html", "<html></html>")
        with archive.open(f"{name}.csv", "w") as member, text.open("rb") as stream:
            member.write(header.encode())
            shutil.copyfileobj(stream, member, 1 << 20)
    size = text.stat().st_size
    text.unlink()
    return size


def measure(command: list[str], environment: dict[str, str]) -> tuple[float, int]:
    """Seconds and peak resident bytes of a command with its children."""
    started, peak = time.monotonic(), 0
    process = subprocess.Popen(command, env=environment)
    root = psutil.Process(process.pid)
    while process.poll() is None:
        total = 0
        try:
            for member in [root, *root.children(recursive=True)]:
                total += member.memory_info().rss
        except psutil.NoSuchProcess:
            pass
        peak = max(peak, total)
        time.sleep(SAMPLE_SECONDS)
    if process.returncode:
        sys.exit(process.returncode)
    return time.monotonic() - started, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--rows", type=int, default=600_000, help="rows a month")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ontime-benchmark-") as folder:
        downloads = Path(folder) / "downloads"
        downloads.mkdir()
        size = 0
        for number in range(options.months):
            size += generate(downloads, 2013 + number // 12, 1 + number % 12, options.rows)
            print(f"generated month {number + 1} of {options.months}", file=sys.stderr)
        environment = os.environ | {"ONTIME_DATA_DIR": str(Path(folder) / "data")}
        command = [str(Path(sys.executable).with_name("ontime")), "ingest", "bts", "--from", str(downloads)]
        seconds, peak = measure(command, environment)
        raw = Path(folder) / "data" / "raw.duckdb"
        with duckdb.connect(str(raw), read_only=True) as con:
            loaded = con.execute("select count(*) from raw_bts.flights").fetchall()[0][0]
        again, _ = measure(command, environment)
    if loaded != options.months * options.rows:
        sys.exit(f"{loaded:,} rows were loaded")
    print(f"months             {options.months} of {options.rows:,} rows, {size / 1e6:,.0f} MB of text")
    print(f"load               {seconds:.1f} s, {loaded / seconds:,.0f} rows/s")
    print(f"peak memory        {peak / 1e6:,.0f} MB, {peak / GOAL_BYTES:.2f} of {GOAL_BYTES / 1e6:,.0f} MB")
    print(f"a run without news {again:.1f} s")


if __name__ == "__main__":
    main()
