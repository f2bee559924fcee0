"""The whole project on a Spark cluster of a master and two workers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from macro_text import compiled
from pyspark.sql import SparkSession
from pyspark.sql.functions import expr
from sample_files import run_ontime

from engines.spark.destination import raw_folder, spark_folder, warehouse_folder
from engines.targets import open_warehouse
from operations.status.state import read_status
from publishing.published_file import publish

pytestmark = pytest.mark.slow
TOTALS = (
    "select (select count(*) from marts.fct_flights),"
    " (select sum(flight_count) from reports.rpt_carrier_on_time_monthly)"
)


def files(settings):
    """The files of the built tables, with when they were written."""
    return {path: path.stat().st_mtime_ns for path in warehouse_folder(settings).glob("[mft]*.db/*/*/*.parquet")}


def test_models_seeds_and_histories_are_built(spark_warehouse):
    assert len(spark_warehouse.results) > 55
    assert set(spark_warehouse.results.values()) <= {"success", "no-op"}
    assert spark_warehouse.results["snap_aircraft"] == "success"
    with open_warehouse(spark_warehouse.settings, print) as connection:
        ((flights, totalled),) = connection.execute(TOTALS).fetchall()
    assert flights == totalled > 20_000
    assert read_status(spark_warehouse.settings, print).built_at is not None


def test_the_macros_and_a_report_pass_their_tests(spark_warehouse):
    """The rows of all other tables are those of DuckDB, which pass all tests."""
    selected = ("--select", "test_type:singular", "rpt_carrier_on_time_monthly", "--exclude-resource-type", "unit_test")
    found = spark_warehouse.project.run("test", *selected)
    assert len(found) > 20
    assert set(found.values()) == {"pass", "success"}  # of tests, and of hooks


def test_both_workers_did_the_work(spark_cluster, spark_warehouse):
    status = spark_cluster.status()
    (application,) = status["activeapps"]
    assert application["name"] == "ontime"
    assert [worker["coresused"] for worker in status["workers"]] == [1, 1]


def test_a_build_without_new_loads_writes_no_file(spark_warehouse):
    before = files(spark_warehouse.settings)
    models = (
        "fct_flights",
        "feat_carrier_departures",
        "lbl_departure_delay",
        "trn_departure_delay",
        "trn_cancellation",
    )
    spark_warehouse.project.run("run", "--select", *models)
    assert files(spark_warehouse.settings) == before
    assert len(before) > 30


def test_increments_replace_the_months_that_changed_and_no_other(spark_warehouse):
    before = files(spark_warehouse.settings)
    backfill = ("--vars", "{backfill_start: 2013-02-08, backfill_end: 2013-02-09}")
    models = ("fct_flights", "lbl_departure_delay", "feat_origin_departures")
    spark_warehouse.project.run("run", "--select", *models, *backfill)
    after = files(spark_warehouse.settings)
    changed = {path.parts[-3:-1] for path in after if before.get(path) != after[path]}
    assert changed == {
        ("fct_flights", "flight_month=2013-02-01"),
        ("lbl_departure_delay", "flight_month=2013-02-01"),
        *(("feat_origin_departures", f"known_month=2013-{month}-01") for month in ("02", "03", "04")),
    }


def test_a_month_that_loses_its_last_row_goes(spark_warehouse):
    session = SparkSession.builder.getOrCreate()
    december = {"known_at": "timestamp_ntz'2013-12-05 12:00:00'", "known_month": "date'2013-12-01'"}
    later_rows = {
        "features.feat_origin_departures": december,
        "training.lbl_departure_delay": {"flight_date": "date'2013-12-05'", "flight_month": "date'2013-12-01'"},
    }
    months = {table: session.sql(f"show partitions {table}").collect() for table in later_rows}
    for table, columns in later_rows.items():
        rows = session.table(table).limit(2)
        rows.withColumns({name: expr(value) for name, value in columns.items()}).write.insertInto(table)
        assert len(session.sql(f"show partitions {table}").collect()) == len(months[table]) + 1
    backfill = ("--vars", "{backfill_start: 2013-03-10, backfill_end: 2013-12-31}")
    spark_warehouse.project.run("run", "--select", "feat_origin_departures", "lbl_departure_delay", *backfill)
    assert {table: session.sql(f"show partitions {table}").collect() for table in later_rows} == months


def test_models_that_end_at_the_same_time_are_all_remembered(spark_warehouse):
    session = SparkSession.builder.getOrCreate()
    row = "1, 1, 'a', '', '', '', ''"
    statement = compiled(
        spark_warehouse.project,
        f"{{{{ insert_partition(governance('model_builds'), 'model_name', 'inline_query', \"{row}\", '') }}}}",
    )
    models = [f"model_{number}" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda model: session.sql(statement.replace("inline_query", model)), models))
    remembered = [model for (model,) in session.sql("select model_name from governance.model_builds").collect()]
    assert {*remembered} >= {*models, "fct_flights", "trn_departure_delay"}
    assert len(remembered) == len({*remembered})


def test_after_that_every_table_is_that_of_duckdb(spark_warehouse, dev_warehouse, tmp_path):
    dev_warehouse.project.manifest().writable_manifest().write(str(tmp_path / "manifest.json"))
    variables = {"ONTIME_SPARK_DIR": str(spark_folder(spark_warehouse.settings)), "DBT_TARGET_PATH": str(tmp_path)}
    done = run_ontime(dev_warehouse.settings.data_dir, "parity", "--targets", "dev,spark", env=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "All 29 tables are equal on dev, spark."


def test_files_of_a_load_that_was_cut_off_are_not_read(spark_warehouse):
    torn = raw_folder(spark_warehouse.settings) / "raw_nycflights13" / "flights" / "1700000000.5.torn.parquet"
    torn.write_bytes(b"PAR1 and no more")
    try:
        found = spark_warehouse.project.run("test", "--select", "stg_nycflights13__flights,test_type:generic")
    finally:
        torn.unlink()
    assert set(found.values()) == {"pass", "success"}  # of tests, and of hooks


def test_the_published_copy_is_made_of_sparks_files(spark_warehouse):
    published = publish(spark_warehouse.settings, print, force=True)
    assert published.tables["marts.fct_flights"] > 20_000
    assert published.tables["features.feat_route_flights"] > 30_000
