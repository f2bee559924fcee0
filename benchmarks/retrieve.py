"""`retrieve` of all tables of features against hand-written as-of joins and against Feast's DuckDB store.

    python benchmarks/retrieve.py [--data-dir data] [--rows 500000] [--without-feast]

The spine is of a built warehouse's own examples. All ways run in one process, one after the other; the best of two runs
counts, of Feast there is one. The hand-written joins are one statement over the spine as a table, without
maximum ages and without an order; Feast reads the tables from Parquet files, whose writing is not counted.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa

from feature_store import retrieve
from feature_store.registry.catalogue import Catalogue, load_catalogue
from ontime.settings import Settings

AT = "event_timestamp"
KEYS = "tail_number, carrier_code, origin_airport_code, destination_airport_code"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--without-feast", action="store_true")
    options = parser.parse_args()
    settings = Settings(data_dir=options.data_dir, memory_limit="2GB")
    catalogue = load_catalogue()
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        spine = connection.execute(
            f"select {KEYS}, prediction_at as {AT} from training.trn_departure_delay"
            f" order by hash(flight_key, horizon_minutes) limit {options.rows}"
        ).to_arrow_table()
    print(f"{len(spine):,} rows, {len(catalogue.tables)} tables")
    by_hand = _seconds("by hand", lambda: _join_by_hand(settings, catalogue, spine))
    ours = _seconds("retrieve", lambda: retrieve(spine, at=AT, settings=settings))
    print(f"retrieve / by hand: {ours / by_hand:.2f}")
    if not options.without_feast:
        with tempfile.TemporaryDirectory() as folder:
            feast = _seconds("Feast", _feast(settings, catalogue, spine, Path(folder)), runs=1)
        print(f"Feast / retrieve: {feast / ours:.1f}")


def _seconds(way: str, run: Callable[[], object], runs: int = 2) -> float:
    taken = []
    for _ in range(runs):
        started = time.monotonic()
        run()
        taken.append(time.monotonic() - started)
    print(f"{way}: {min(taken):.2f} s", flush=True)
    return min(taken)


def _join_by_hand(settings: Settings, catalogue: Catalogue, spine: pa.Table) -> pa.Table:  # noqa: ARG001 - DuckDB finds the spine by its name
    config = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    with duckdb.connect(str(settings.warehouse_database), read_only=True, config=config) as connection:
        connection.execute("create temp table spine as from spine")
        columns, joins = ["spine.*"], []
        for table in catalogue.tables:
            names = [*(feature.name for feature in table.features), "known_at"]
            columns += [f"{table.short_name}.{name} as {table.retrieved_name(name)}" for name in names]
            equal = " and ".join(f"spine.{name} = {table.short_name}.{name}" for name in table.key_names)
            joins.append(
                f"asof left join {table.relation} as {table.short_name}"
                f" on {equal} and spine.{AT} >= {table.short_name}.known_at"
            )
        return connection.execute(f"select {', '.join(columns)} from spine {' '.join(joins)}").to_arrow_table()


def _feast(settings: Settings, catalogue: Catalogue, spine: pa.Table, folder: Path) -> Callable[[], object]:
    os.environ["FEAST_USAGE"] = "False"
    from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType  # noqa: PLC0415 - the other ways do without

    from feature_store.feast_api.objects import feast_type  # noqa: PLC0415 - likewise

    entities = {
        name: Entity(name=name, join_keys=[name], value_type=ValueType.STRING)
        for name in sorted({name for table in catalogue.tables for name in table.key_names})
    }
    views = []
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in catalogue.tables:
            path = folder / f"{table.name}.parquet"
            connection.execute(
                f"copy (select * replace (known_at::timestamptz as known_at) from {table.relation}) to '{path}'"
            )
            views.append(
                FeatureView(
                    name=table.short_name,
                    entities=[entities[name] for name in table.key_names],
                    ttl=table.maximum_age,
                    schema=[Field(name=feature.name, dtype=feast_type(table, feature)) for feature in table.features],
                    source=FileSource(path=str(path), timestamp_field="known_at"),
                )
            )
    store = FeatureStore(
        config=RepoConfig(
            project="benchmark",
            provider="local",
            registry=str(folder / "registry.db"),
            offline_store={"type": "duckdb"},
            online_store=None,
            entity_key_serialization_version=3,
        )
    )
    store.apply([*entities.values(), *views])
    frame = spine.to_pandas()
    frame[AT] = frame[AT].dt.tz_localize("UTC")
    references = [f"{table.short_name}:{feature.name}" for table in catalogue.tables for feature in table.features]
    return lambda: store.get_historical_features(frame, references, full_feature_names=True).to_arrow()


if __name__ == "__main__":
    main()
