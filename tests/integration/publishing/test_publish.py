import multiprocessing
import time

import duckdb
import pytest
from sample_files import run_ontime
from small_disk import assert_told_in_one_line, small_disk

from ontime.errors import OntimeError
from ontime.settings import Settings
from publishing.published_file import keep_manifest, publish


def build(settings, flights):
    """A warehouse as dbt leaves it, with this many flights."""
    settings.data_dir.mkdir(exist_ok=True)
    settings.warehouse_database.unlink(missing_ok=True)
    with duckdb.connect(str(settings.warehouse_database)) as connection:
        for schema in ("staging", "marts", "reports"):
            connection.execute(f"create schema {schema}")
        connection.execute(f"create table marts.fct_flights as select * from range({flights}) as flights(flight_key)")
        connection.execute("comment on table marts.fct_flights is 'One row per flight''s leg'")
        connection.execute("comment on column marts.fct_flights.flight_key is 'The key'")
        connection.execute("create view reports.rpt_flights as select count(*) as flights from marts.fct_flights")
        connection.execute("create table staging.stg_flights as select 1 as x")


def read(path, sql):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_published_file_holds_the_public_schemas_what_tells_of_features_and_no_other(settings):
    build(settings, 3)
    done = publish(settings, print)
    assert done.tables == {"marts.fct_flights": 3, "reports.rpt_flights": 1}
    assert read(
        settings.published_database, "select schema_name || '.' || table_name from duckdb_tables() order by 1"
    ) == [
        ("governance.feature_columns",),
        ("governance.feature_tables",),
        ("marts.fct_flights",),
        ("reports.rpt_flights",),
    ]
    assert read(settings.published_database, "from reports.rpt_flights") == [(3,)]


def test_what_dbt_had_read_is_kept_where_it_read_anything(tmp_path, monkeypatch):
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    keep_manifest(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "manifest.json").write_text("{}")
    keep_manifest(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"target", "manifest.json"}


def test_comments_are_published(settings):
    build(settings, 3)
    publish(settings, print)
    assert read(settings.published_database, "select comment from duckdb_tables() where comment is not null") == [
        ("One row per flight's leg",)
    ]
    assert read(settings.published_database, "select comment from duckdb_columns() where comment is not null") == [
        ("The key",)
    ]


def _keep_reading(path, opened, replaced, answers):
    with duckdb.connect(path, read_only=True) as connection:
        answers.put(connection.execute("select count(*) from marts.fct_flights").fetchone()[0])
        opened.set()
        replaced.wait(60)
        answers.put(connection.execute("select sum(flight_key) from marts.fct_flights").fetchone()[0])


def test_a_reader_of_the_old_file_is_not_disturbed(settings):
    build(settings, 100_000)
    publish(settings, print)
    context = multiprocessing.get_context("spawn")
    opened, replaced, answers = context.Event(), context.Event(), context.Queue()
    process = context.Process(target=_keep_reading, args=(str(settings.published_database), opened, replaced, answers))
    process.start()
    assert opened.wait(60)
    build(settings, 5)
    publish(settings, print)
    assert read(settings.published_database, "select count(*) from marts.fct_flights") == [(5,)]
    replaced.set()
    process.join()
    assert process.exitcode == 0
    assert [answers.get(), answers.get()] == [100_000, sum(range(100_000))]


def test_a_failure_leaves_the_old_file_whole(settings):
    build(settings, 3)
    publish(settings, print)
    folder = settings.published_database.parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    build(settings, 4)
    with duckdb.connect(str(settings.warehouse_database)) as connection:
        connection.execute("create view reports.rpt_broken as select error('no such thing') as x")
    with pytest.raises(OntimeError, match=r"nothing was published: .*no such thing"):
        publish(settings, print)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_a_cut_off_publish_left_is_no_obstacle(settings):
    build(settings, 3)
    settings.published_database.parent.mkdir()
    settings.published_database.with_name("ontime.duckdb.new").write_bytes(b"half a database")
    assert publish(settings, print).tables["marts.fct_flights"] == 3


def test_a_table_that_lost_its_rows_is_not_published_unless_allowed(settings):
    build(settings, 3)
    publish(settings, print)
    before = settings.published_database.read_bytes()
    build(settings, 0)
    with pytest.raises(
        OntimeError, match=r"marts\.fct_flights has 3 rows in the published copy and none now: .*--allow"
    ):
        publish(settings, print, force=True)
    assert settings.published_database.read_bytes() == before
    done = run_ontime(settings.data_dir, "publish", "--allow-empty")
    assert done.returncode == 0, done.stderr
    assert read(settings.published_database, "select count(*) from marts.fct_flights") == [(0,)]
    # it had none before either
    assert publish(settings, print).tables["marts.fct_flights"] == 0


def test_a_table_that_is_gone_is_not_taken_from_readers_unless_allowed(settings):
    build(settings, 3)
    with duckdb.connect(str(settings.warehouse_database)) as connection:
        connection.execute("create table marts.dim_words as select 'word' as word")
    publish(settings, print)
    build(settings, 3)
    with pytest.raises(OntimeError, match=r"marts\.dim_words has 1 rows in the published copy and none now"):
        publish(settings, print)
    assert "marts.dim_words" not in publish(settings, print, allow_empty=True).tables


def test_a_published_file_that_cannot_be_read_is_replaced(settings):
    build(settings, 3)
    settings.published_database.parent.mkdir()
    settings.published_database.write_bytes(b"scratched" * 1000)
    assert publish(settings, print).tables["marts.fct_flights"] == 3


def test_nothing_built_is_one_clear_line(settings):
    done = run_ontime(settings.data_dir, "publish")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"error: {settings.warehouse_database} does not exist: build it first with dbt build"
    ]


def _hold(path, opened, seconds):
    with duckdb.connect(path):
        opened.set()
        time.sleep(seconds)


def test_a_publish_waits_for_the_end_of_a_build(settings):
    build(settings, 3)
    context = multiprocessing.get_context("spawn")
    opened = context.Event()
    process = context.Process(target=_hold, args=(str(settings.warehouse_database), opened, 1.5))
    process.start()
    assert opened.wait(60)
    lines = []
    publish(settings, lines.append)
    process.join()
    assert f"waiting: {settings.warehouse_database} is in use by process {process.pid}" in lines


def test_a_full_disk_leaves_what_was_published(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        settings = Settings(data_dir=disk.folder / "data")
        build(settings, 3)
        publish(settings, print)
        published = settings.published_database
        before = published.read_bytes()
        with duckdb.connect(str(settings.warehouse_database)) as connection:
            connection.execute("create table marts.dim_words as select md5(range::varchar) as word from range(100_000)")
        disk.leave(500_000)
        done = run_ontime(settings.data_dir, "publish")
        assert_told_in_one_line(done, rf"{published}\.new(\.wal)?")
        assert published.read_bytes() == before
        assert [path.name for path in published.parent.glob("*.new*")] == []
        disk.make_room()
        assert publish(settings, print).tables["marts.dim_words"] == 100_000
