"""Features for rows of one's own."""

from datetime import UTC, datetime, timedelta, timezone

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from paths import ROOT
from sample_files import run_ontime

import feature_store
from feature_store.feast_api.store import apply_registry, open_store
from feature_store.registry.catalogue import load_catalogue
from feature_store.registry.listing import write_listing
from ontime.errors import OntimeError
from publishing.published_file import publish

AT = datetime(2013, 2, 1, 12)
SELECTED = "origin_departures:departures_3h,origin_weather:observed_at"
FOUND = ["origin__departures_3h", "origin_weather__observed_at", "origin_weather__observation_age_minutes"]


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch):
    monkeypatch.chdir(ROOT)


def rows(*instants, codes=None):
    codes = codes or ["JFK"] * len(instants)
    return pa.table({"airport": list(range(len(instants))), "origin_airport_code": codes, "seen_at": list(instants)})


def test_equals_the_training_examples(dev_warehouse):
    with duckdb.connect(str(dev_warehouse.settings.warehouse_database), read_only=True) as connection:
        examples = connection.sql(
            "from training.trn_departure_delay order by hash(flight_key, horizon_minutes) limit 20000"
        ).to_arrow_table()
    own = [name for name in examples.column_names if "__" not in name]
    found = feature_store.retrieve(examples.select(own), at="prediction_at", settings=dev_warehouse.settings)
    assert set(found.column_names) == set(examples.column_names)
    assert found.select(examples.column_names).equals(examples)


def test_reads_instants_in_any_zone_and_form(dev_warehouse):
    tokyo = timezone(timedelta(hours=9))
    naive = rows(AT)
    zoned = naive.set_column(2, "seen_at", pa.array([AT.replace(tzinfo=UTC).astimezone(tokyo)]))
    text = naive.set_column(2, "seen_at", [["2013-02-01T21:00+09:00"]])
    found = [
        feature_store.retrieve(spine, SELECTED, at="seen_at", settings=dev_warehouse.settings).select(FOUND)
        for spine in (naive, zoned, text)
    ]
    assert found[0].column(0)[0].as_py() > 0
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])


def test_a_session_of_tokyo_finds_the_same(dev_warehouse):
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'Asia/Tokyo'")
        spine = connection.sql("select 'JFK' as origin_airport_code, timestamptz '2013-02-01 12:00:00+00' as seen_at")
        found = feature_store.retrieve(spine, SELECTED, settings=dev_warehouse.settings)
        assert isinstance(found, duckdb.DuckDBPyRelation)
        table = found.select(", ".join(FOUND)).to_arrow_table()
    assert table.equals(
        feature_store.retrieve(rows(AT), SELECTED, at="seen_at", settings=dev_warehouse.settings).select(FOUND)
    )


def test_keeps_every_row_in_its_place(dev_warehouse):
    frame = pd.DataFrame(
        {"origin_airport_code": ["LGA", None, "JFK", "LGA", "???"], "seen_at": [AT, AT, None, AT, AT]},
        index=[7, 7, 3, 1, 0],
    )
    found = feature_store.retrieve(frame, SELECTED, at="seen_at", settings=dev_warehouse.settings)
    pd.testing.assert_frame_equal(found[frame.columns], frame)
    assert list(found["origin__departures_3h"].notna()) == [True, False, False, True, False]
    assert found["origin__departures_3h"].iloc[0] == found["origin__departures_3h"].iloc[3]


def test_is_null_past_the_maximum_age(dev_warehouse):
    spine = rows(datetime(2014, 6, 1), datetime(1950, 1, 1))
    found = feature_store.retrieve(spine, SELECTED, at="seen_at", settings=dev_warehouse.settings)
    assert all(found.column(name).null_count == 2 for name in [*FOUND, "origin__known_at"])


@pytest.mark.parametrize(
    ("spine", "refusal"),
    [
        (pa.table({"seen_at": [AT]}), "no column origin_airport_code, a key of origin_departures"),
        (pa.table({"origin_airport_code": [7], "seen_at": [AT]}), "column origin_airport_code: holds int64"),
        (pa.table({"origin_airport_code": ["JFK"], "seen_at": ["yesterday"]}), "'yesterday' is no instant"),
        (pa.table({"origin_airport_code": ["JFK"], "seen_at": [AT.date()]}), "column seen_at: holds date32"),
        ({"origin_airport_code": "JFK"}, "the spine is a dict"),
    ],
)
def test_refuses_rows_that_it_cannot_read(dev_warehouse, spine, refusal):
    with pytest.raises(OntimeError, match=refusal):
        feature_store.retrieve(spine, SELECTED, at="seen_at", settings=dev_warehouse.settings)


def test_the_published_copy_gives_the_same_without_the_project(dev_warehouse, tmp_path, monkeypatch):
    settings = dev_warehouse.settings.model_copy(update={"data_dir": tmp_path})
    settings.warehouse_database.symlink_to(dev_warehouse.settings.warehouse_database)
    settings.raw_database.symlink_to(dev_warehouse.settings.raw_database)
    publish(settings, print, force=True)
    spine = rows(AT, datetime(2014, 6, 1))
    built = feature_store.retrieve(spine, SELECTED, at="seen_at", settings=settings)
    monkeypatch.chdir(tmp_path)
    assert feature_store.retrieve(spine, SELECTED, at="seen_at", settings=settings, source="published").equals(built)


def test_the_command_adds_features_to_a_file(dev_warehouse, tmp_path):
    spine, out = tmp_path / "flights.csv", tmp_path / "found.parquet"
    spine.write_text(
        "origin_airport_code,seen_at\nJFK,2013-02-01T12:00Z\n,2013-02-01 12:00\nJFK,2013-02-01T07:00-05:00\n"
    )
    command = ("features", "get", str(spine), "--at", "seen_at", "--features", SELECTED, "-o", str(out))
    done = run_ontime(dev_warehouse.settings.data_dir, *command)
    assert (done.returncode, done.stderr) == (0, "")
    departures, unknown, again = (row[0] for row in duckdb.sql(f"select {FOUND[0]} from '{out}'").fetchall())
    assert departures == again > 0
    assert unknown is None
    out.unlink()
    spine.write_text("origin_airport_code,seen_at\nJFK,yesterday\n")
    refused = run_ontime(dev_warehouse.settings.data_dir, *command)
    assert refused.returncode == 1
    assert "yesterday" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert not out.exists()


def test_feast_finds_the_same(dev_warehouse, tmp_path, monkeypatch):
    monkeypatch.setenv("ONTIME_DATA_DIR", str(dev_warehouse.settings.data_dir))
    settings = dev_warehouse.settings.model_copy(update={"data_dir": tmp_path})
    apply_registry(settings)
    instants = pd.to_datetime([AT, datetime(2014, 6, 1)], utc=True)
    frame = pd.DataFrame({"origin_airport_code": ["JFK", "JFK"], "event_timestamp": instants})
    found = open_store(settings).get_historical_features(frame, SELECTED.split(","), full_feature_names=True).to_df()
    ours = feature_store.retrieve(pa.Table.from_pandas(frame), SELECTED, settings=dev_warehouse.settings).to_pandas()
    pd.testing.assert_series_equal(
        found["origin_departures__departures_3h"], ours["origin__departures_3h"], check_names=False
    )
    pd.testing.assert_series_equal(
        found["origin_weather__observed_at"], ours["origin_weather__observed_at"], check_names=False
    )
    assert len(found) == len(frame)


def test_the_page_of_features_is_that_of_the_models():
    assert (ROOT / "docs" / "features.md").read_text() == write_listing(load_catalogue())
