"""Raw data written as a load would leave it: small, and with the loads' own instants."""

from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.raw.lineage import BOOKKEEPING, INGEST_RUNS, LOADS_TABLE, stored_columns
from ingestion.raw.tables import RawTable
from ingestion.registry import source
from ingestion.sources.reference.time_zones import utc_offsets
from ontime.schemas import OPERATIONS, SOURCES, dataset_name

AIRPORTS = {
    "JFK": "America/New_York",
    "EWR": "America/New_York",
    "LGA": "America/New_York",
    "ORD": "America/Chicago",
    "PHX": "America/Phoenix",
    "LAX": "America/Los_Angeles",
    "HNL": "Pacific/Honolulu",
    "GUM": "Pacific/Guam",
}
FIRST_LOAD = datetime(2014, 1, 1)


class RawData:
    """The raw database of a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "raw.duckdb"
        self.loads = 0
        with duckdb.connect(str(self.path)) as connection:
            for name in SOURCES:
                self._create(connection, name, (*source(name).tables, *BOOKKEEPING))
            self._create(connection, OPERATIONS, (INGEST_RUNS,))
        self.load(
            "reference",
            "airports",
            [
                {"airport_code": code, "iata": code, "icao": f"K{code}", "name": code, "country": "US", "tz": zone}
                for code, zone in AIRPORTS.items()
            ],
        )
        self.load("reference", "time_zone_offsets", utc_offsets(AIRPORTS.values()).to_pylist())

    def load(
        self,
        source_name: str,
        table_name: str,
        rows: list[dict],
        loaded_at: datetime = FIRST_LOAD,
        status: int = 0,
        month: str | None = None,
    ) -> str:
        """Append rows in a load of their own that completed at `loaded_at` (UTC), after all before it; gives its id.

        `month` (`2013-03`) tells that the file is the whole of that month.
        """
        self.loads += 1
        load_id = f"load-{self.loads:06d}"
        table = next(table for table in source(source_name).tables if table.name == table_name)
        values = [
            {**row, "_source_file": "test", "_source_line": line, "_dlt_load_id": load_id}
            for line, row in enumerate(rows, start=2)
        ]
        columns = stored_columns(table)
        batch = pa.table({column.name: [row.get(column.name) for row in values] for column in columns})
        casts = ", ".join(f'cast("{column.name}" as {column.duckdb_type})' for column in columns)
        schema = dataset_name(source_name)
        with duckdb.connect(str(self.path)) as connection:
            connection.register("batch", batch)
            connection.execute(f'insert into {schema}."{table_name}" select {casts} from batch')
            connection.execute(
                f"insert into {schema}.{LOADS_TABLE} values (?, ?, ?, cast(? as timestamp) at time zone 'UTC', 'test')",
                [load_id, source_name, status, loaded_at],
            )
            coverage = None if source_name != "bts" else "month" if month else "part"
            connection.execute(
                f"insert into {schema}.loaded_files by name select 'test' as file, ? as rows, ? as load_number,"
                " ? as coverage, cast(? as date) as period_start, ? as _dlt_load_id",
                [len(rows), self.loads, coverage, f"{month}-01" if month else None, load_id],
            )
        return load_id

    def remove(self, source_name: str, load_id: str) -> None:
        """Remove a load, as if raw had been made again without it."""
        schema = dataset_name(source_name)
        with duckdb.connect(str(self.path)) as connection:
            for table in (*source(source_name).tables, *BOOKKEEPING):
                connection.execute(f'delete from {schema}."{table.name}" where _dlt_load_id = ?', [load_id])
            connection.execute(f"delete from {schema}.{LOADS_TABLE} where load_id = ?", [load_id])

    @staticmethod
    def _create(connection: duckdb.DuckDBPyConnection, source_name: str, tables: tuple[RawTable, ...]) -> None:
        schema = dataset_name(source_name)
        connection.execute(f"create schema {schema}")
        connection.execute(
            f"create table {schema}.{LOADS_TABLE} (load_id varchar, schema_name varchar, status bigint,"
            " inserted_at timestamptz, schema_version_hash varchar)"
        )
        for table in tables:
            columns = ", ".join(f'"{column.name}" {column.duckdb_type}' for column in stored_columns(table))
            connection.execute(f'create table {schema}."{table.name}" ({columns})')


def bts_flight(flight_date: str, number: int = 1, **values: object) -> dict:
    """A flight as BTS reports it: AA from JFK to LAX at 09:00, on time, unless `values` say otherwise."""
    return {
        "flight_date": flight_date,
        "reporting_airline": "AA",
        "iata_code_reporting_airline": "AA",
        "dot_id_reporting_airline": 19805,
        "flight_number_reporting_airline": number,
        "tail_number": f"N{number}AA",
        "origin": "JFK",
        "dest": "LAX",
        "crs_dep_time": "0900",
        "dep_time": "0900",
        "dep_delay": 0,
        "crs_arr_time": "1220",
        "arr_time": "1220",
        "arr_delay": 0,
        "crs_elapsed_time": 380,
        "air_time": 340,
        "cancelled": 0,
        "diverted": 0,
        "distance": 2475,
        **values,
    }
