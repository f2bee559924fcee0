"""Training sets are made from raw, made again to the byte, and tell what changed."""

import shutil
from datetime import timedelta
from itertools import pairwise

import pytest
from raw_rows import FIRST_LOAD, bts_flight
from training_project import NAME, Project, flights


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    project = Project(folder / "data", copied=folder / "project")
    project.raw.load("bts", "flights", flights(range(1, 29)))
    project.create("--horizon", "2h", "--horizon", "30m", "--horizon", "24h")
    return project


def test_parts_follow_one_another_and_no_label_reaches_into_the_next(project):
    spans = project.query(
        "select parse_filename(filename), count(*), min(prediction_at), max(prediction_at), max(label_known_at)"
        " from read_parquet('{set}/*.parquet', filename = true) group by 1 order by 3"
    )
    assert [name for name, *_ in spans] == ["train.parquet", "validation.parquet", "test.parquet"]
    assert all(count > 0 for _, count, *_ in spans)
    for (*_, known_at), (_, _, following_first, *_) in pairwise(spans):
        assert known_at <= following_first


def test_rows_stand_in_the_order_of_time(project):
    for part in ("train", "validation", "test"):
        instants = [row for (row,) in project.query(f"select prediction_at from '{{set}}/{part}.parquet'")]
        assert instants == sorted(instants)


def test_no_feature_was_known_later_than_the_prediction(project):
    columns = [name for name, *_ in project.query("describe from '{set}/train.parquet'") if name.endswith("__known_at")]
    assert len(columns) == 6
    late = " or ".join(f"{column} > prediction_at" for column in columns)
    assert project.query(f"select count(*) from read_parquet('{{set}}/*.parquet') where {late}") == [(0,)]


def test_the_receipt_says_what_the_set_is_made_of(project):
    receipt = project.receipt
    assert receipt["choices"]["horizons_minutes"] == [30, 120, 1440]
    assert receipt["raw_loads"]["raw_bts"] == ["load-000003"]
    assert (receipt["until_load"], receipt["as_of"]) == (3, None)
    assert {"fct_flight_events", "feat_origin_departures", "trn_departure_delay", "excluded_aircraft"} <= set(
        receipt["definitions"]
    )
    assert receipt["columns"]["is_departure_delayed_15"] == {"type": "BOOLEAN", "null_share": 0.0}
    described = receipt["reference"]["features"]["origin__departures_3h"]
    assert sum(described["counts"]) == receipt["parts"]["train"]["rows"]
    assert sum(part["rows"] for part in receipt["parts"].values()) == sum(
        count for (count,) in project.query("select count(*) from read_parquet('{set}/*.parquet')")
    )


def test_an_existing_set_is_not_overwritten(project):
    before = (project.set / "receipt.json").read_bytes()
    refused = project.run("create", NAME)
    assert refused.returncode == 1
    assert "exists: choose another name, or replace it with --force" in refused.stderr
    assert (project.set / "receipt.json").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create", "early", "--as-of", "2013-12-31"), "no load had completed by 2013-12-31 00:00:00 UTC"),
        (("create", "../outside"), "cannot name a training set"),
        (("verify", "nothing"), "is no training set"),
    ],
)
def test_what_cannot_be_done_is_one_line(project, arguments, message):
    refused = project.run(*arguments)
    assert refused.returncode == 1
    assert message in refused.stderr
    assert len(refused.stderr.strip().splitlines()) <= 2
    assert "Traceback" not in refused.stderr


def test_the_set_is_made_again_to_the_byte_then_tells_what_changed(project):
    later = FIRST_LOAD + timedelta(days=9000)
    corrected = [bts_flight("2013-04-10", 1, dep_delay=300, arr_delay=300)]
    project.raw.load("bts", "flights", [*corrected, *flights(range(29, 31))], later)
    verified = project.run("verify", NAME)
    assert verified.returncode == 0, verified.stderr
    assert "byte for byte" in verified.stdout

    (project.folder / "seeds" / "excluded_aircraft.csv").write_text(
        "tail_number,excluded_on,note\nN1AA,2014-02-01,asked to\n"
    )
    model = project.folder / "models" / "features" / "feat_route_flights.sql"
    model.write_text(model.read_text().replace("select * from features", "select * from features\nwhere true"))
    # a day ahead no row names its aircraft
    by_horizon = dict(
        project.query(
            "select horizon_minutes, count(*) from read_parquet('{set}/*.parquet') where flight_number = 1 group by 1"
        )
    )
    rows = sum(by_horizon.values())
    assert by_horizon.keys() == {30, 120, 1440}
    verified = project.run("verify", NAME)
    assert verified.returncode == 1
    assert "changed definition: excluded_aircraft" in verified.stderr
    assert "changed definition: feat_route_flights" in verified.stderr
    assert "changed definition: fct_flight_events" not in verified.stderr
    assert f"holds {rows:,} rows of excluded aircraft" in verified.stderr


def test_definitions_that_changed_are_told_though_the_set_cannot_be_made_again(project):
    model = project.folder / "models" / "training" / "lbl_departure_delay.sql"
    sound = model.read_text()
    model.write_text(sound.replace("where\n", "where\n        error('no label today') is null and\n", 1))
    verified = project.run("verify", NAME)
    model.write_text(sound)
    assert verified.returncode == 1
    assert "changed definition: lbl_departure_delay" in verified.stderr
    assert f"error: {NAME} could not be made again: dbt could not build trn_departure_delay" in verified.stderr
    assert "no label today" in verified.stderr


def test_what_was_left_out_of_raw_or_of_the_set_since_is_told(project):
    (project.set / "test.parquet").write_bytes(b"scratched")
    project.raw.remove("bts", "load-000003")
    verified = project.run("verify", NAME)
    assert verified.returncode == 1
    assert "changed loads: raw_bts: load load-000003 is gone" in verified.stderr
    assert "damaged: test is not what the receipt says" in verified.stderr
    assert "could not be made again: no example fits" in verified.stderr
    shutil.rmtree(project.set)
