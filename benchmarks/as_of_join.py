"""The project's as-of join against DuckDB's bare one and against Feast's, on 5 million feature rows.

    python benchmarks/as_of_join.py [--spine-rows 500000] [--without-feast]

350 airports with a row an hour, 4,000 routes with one a day and 6,000 aircraft with 80 each, for a year; the spine's
rows ask for all three. Each way runs in a process of its own, whose peak memory is printed beside its seconds; the
ratios are of one run.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[1]
VIEWS = {
    "origin": ("origin_airport_code",),
    "route": ("origin_airport_code", "destination_airport_code"),
    "aircraft": ("tail_number",),
}
MAXIMUM_AGE_MINUTES = 30 * 1440


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spine-rows", type=int, default=500_000)
    parser.add_argument("--without-feast", action="store_true")
    parser.add_argument("--way", choices=sorted(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(_measured(WAYS[options.way], options.folder)))
        return
    with tempfile.TemporaryDirectory() as folder:
        _make(Path(folder), options.spine_rows)
        measured = {}
        for way in ("bare", "ours", "feast"):
            if way == "feast" and options.without_feast:
                continue
            done = subprocess.run(
                [sys.executable, __file__, "--way", way, "--folder", folder],
                check=False,
                capture_output=True,
                text=True,
            )
            if done.returncode != 0:
                raise SystemExit(done.stdout + done.stderr)
            measured[way] = json.loads(done.stdout.splitlines()[-1])
            print(f"{way}: {measured[way]['seconds']:.1f} s, peak {measured[way]['peak_mb']:,.0f} MB", flush=True)
    seconds = {way: values["seconds"] for way, values in measured.items()}
    print(f"ours / bare: {seconds['ours'] / seconds['bare']:.2f}")
    if "feast" in seconds:
        print(f"feast / ours: {seconds['feast'] / seconds['ours']:.1f}")


def _make(folder: Path, spine_rows: int) -> None:
    """Write the features and the spine as Parquet, and as tables of a DuckDB file."""
    values = ", ".join(f"(random() * 100)::integer as value_{number}" for number in range(8))
    selects = {
        "origin": f"select 'A' || a as origin_airport_code, timestamp '2013-01-01' + to_hours(h) as known_at, {values}"
        " from range(350) as t(a), range(8760) as u(h)",
        "route": "select 'A' || r % 350 as origin_airport_code, 'B' || r as destination_airport_code,"
        f" timestamp '2013-01-01' + to_days(d::integer) as known_at, {values}"
        " from range(4000) as t(r), range(365) as u(d)",
        "aircraft": "select 'N' || t as tail_number,"
        f" timestamp '2013-01-01' + to_minutes(n * 6570 + t) as known_at, {values}"
        " from range(6000) as t(t), range(80) as u(n)",
        "spine": "select row_number() over () as row_id, 'A' || r % 350 as origin_airport_code,"
        " 'B' || r as destination_airport_code, 'N' || t as tail_number,"
        " timestamp '2013-02-01' + to_minutes(m) as instant"
        " from (select floor(random() * 4000)::integer as r, floor(random() * 6000)::integer as t,"
        f" floor(random() * 333 * 1440)::integer as m from range({spine_rows}))",
    }
    with duckdb.connect(str(folder / "features.duckdb")) as connection:
        for name, select in selects.items():
            connection.execute(f"create table {name} as {select}")
            connection.execute(f"copy {name} to '{folder / name}.parquet' (format parquet)")


def _measured(way: Callable[[Path], Callable[[], int]], folder: Path) -> dict[str, float]:
    run = way(folder)
    started = time.monotonic()
    rows = run()
    return {
        "seconds": time.monotonic() - started,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "rows": rows,
    }


def _columns() -> list[str]:
    return [f"value_{number}" for number in range(8)]


def _table(folder: Path, query: str) -> Callable[[], int]:
    def run() -> int:
        with duckdb.connect(str(folder / "features.duckdb")) as connection:
            connection.execute(f"create or replace table joined as {query}")
            return int(connection.sql("select count(*) from joined").fetchall()[0][0])

    return run


def _bare(folder: Path) -> Callable[[], int]:
    columns = "".join(
        f", {view}.{column} as {view}__{column}" for view in VIEWS for column in (*_columns(), "known_at")
    )
    joins = " ".join(
        f"asof left join {view} on "
        + " and ".join(f"spine.{key} = {view}.{key}" for key in keys)
        + f" and spine.instant >= {view}.known_at"
        for view, keys in VIEWS.items()
    )
    return _table(folder, f"select spine.*{columns} from spine {joins}")


def _ours(folder: Path) -> Callable[[], int]:
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - the other ways do without

    duckdb.connect(str(folder / "raw.duckdb")).close()
    os.environ["ONTIME_DATA_DIR"] = str(folder)
    steps = []
    relation = "spine"
    for view, keys in VIEWS.items():
        joined = (
            f"{{{{ as_of_join('{relation}', '{view}', {list(keys)}, 'instant', {_columns()}, prefix='{view}',"
            f" max_age_minutes={MAXIMUM_AGE_MINUTES}) }}}}"
        )
        relation = f"with_{view}"
        steps.append(f"{relation} as ({joined})")
    inline = f"with {', '.join(steps)} select * from {relation}"
    compiled = dbtRunner().invoke(
        [
            "--quiet",
            "--log-level-file=none",
            "compile",
            "--inline",
            inline,
            "--no-introspect",
            f"--project-dir={ROOT}",
            f"--profiles-dir={ROOT}",
            f"--target-path={folder / 'target'}",
        ]
    )
    if compiled.exception:
        raise compiled.exception
    return _table(folder, compiled.result.results[0].node.compiled_code)


def _feast(folder: Path) -> Callable[[], int]:
    import pandas as pd  # noqa: PLC0415 - the other ways do without
    from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType  # noqa: PLC0415 - likewise
    from feast.infra.offline_stores.duckdb import DuckDBOfflineStoreConfig  # noqa: PLC0415 - likewise
    from feast.types import Int32  # noqa: PLC0415 - likewise

    store = FeatureStore(
        config=RepoConfig(
            project="benchmark",
            provider="local",
            registry=str(folder / "registry.db"),
            offline_store=DuckDBOfflineStoreConfig(),
            entity_key_serialization_version=3,
        )
    )
    entities = {
        key: Entity(name=key, join_keys=[key], value_type=ValueType.STRING)
        for key in dict.fromkeys(key for keys in VIEWS.values() for key in keys)
    }
    views = [
        FeatureView(
            name=view,
            entities=[entities[key] for key in keys],
            ttl=timedelta(minutes=MAXIMUM_AGE_MINUTES),
            schema=[Field(name=column, dtype=Int32) for column in _columns()],
            source=FileSource(path=str(folder / f"{view}.parquet"), timestamp_field="known_at"),
        )
        for view, keys in VIEWS.items()
    ]
    store.apply([*entities.values(), *views])
    spine = pd.read_parquet(folder / "spine.parquet").rename(columns={"instant": "event_timestamp"})
    spine["event_timestamp"] = spine["event_timestamp"].dt.tz_localize("UTC")
    features = [f"{view}:{column}" for view in VIEWS for column in _columns()]

    def run() -> int:
        job = store.get_historical_features(entity_df=spine, features=features, full_feature_names=True)
        return int(job.to_arrow().num_rows)

    return run


WAYS = {"bare": _bare, "ours": _ours, "feast": _feast}

if __name__ == "__main__":
    main()
