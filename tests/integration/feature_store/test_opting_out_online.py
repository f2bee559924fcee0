"""An aircraft that is excluded leaves the online store, whichever it is, when dbt next builds anything."""

import shutil
from dataclasses import replace

import msgpack
import pytest
from dbt_common.exceptions import DbtBaseException
from dbt_project import ROOT, DbtProject
from online_fixture import running_redis
from raw_rows import RawData, bts_flight

from feature_store.online.excluded import SEED
from feature_store.online.redis_store import RedisStore
from feature_store.online.sqlite_store import SqliteStore

NOTHING_BUT_A_SEED = ("seed", "--select", "cancellation_codes")
TABLE = "feat_aircraft_rotation"
# other rows enough for pages of the file to be split
TAILS = [f"N{number}ZZ" for number in range(1, 3000)]
OPTED_OUT = "N1234ZZ"
ROWS = {msgpack.packb([tail]): msgpack.packb([tail, "x" * 40]) for tail in TAILS}


@pytest.fixture(scope="module")
def project_dir(tmp_path_factory):
    copy = tmp_path_factory.mktemp("project")
    for name in ("models", "macros", "seeds", "snapshots", "tests/dbt/data", "tests/dbt/generic"):
        shutil.copytree(ROOT / name, copy / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture
def project(tmp_path, project_dir):
    RawData(tmp_path).load("bts", "flights", [bts_flight("2013-05-01", 1)])
    return DbtProject(tmp_path, project_dir)


@pytest.fixture(params=["sqlite", "redis"])
def online(request, project):
    """The project with an online store."""
    if request.param == "sqlite":
        yield project, SqliteStore(project.data_dir / "online.sqlite")
        return
    with running_redis(project.data_dir / "redis") as url:
        yield replace(project, variables=(("ONTIME_ONLINE_URL", url),)), RedisStore(url)


def exclude(project: DbtProject, tail_number: str) -> None:
    (project.project_dir / SEED).write_text(f"tail_number,excluded_on,note\n{tail_number},2026-11-29,asked to\n")


def test_the_whole_store_is_without_it_after_the_next_build(online):
    project, store = online
    relations = (f"{TABLE}@now", f"{TABLE}@before", "feat_of_old@1")
    for relation in relations:
        store.write(relation, ROWS.items())
    # a carrier's code may read like a tail number
    store.write("feat_carrier_departures@now", [(msgpack.packb(["1234ZZ"]), b"a carrier")])
    exclude(project, "n-1234zz")
    project.run(*NOTHING_BUT_A_SEED)
    assert [len(dict(store.scan(relation))) for relation in relations] == [len(TAILS) - 1] * 3
    assert not [
        key
        for relation in store.relations() - {"feat_carrier_departures@now"}
        for key, record in store.scan(relation)
        if b"1234ZZ" in key + record
    ]
    assert dict(store.scan("feat_carrier_departures@now"))
    assert not [path for path in project.data_dir.glob("online.sqlite*") if OPTED_OUT.encode() in path.read_bytes()]


def test_a_store_that_does_not_answer_is_warned_of_and_stops_no_build(project):
    without_a_server = replace(project, variables=(("ONTIME_ONLINE_URL", "redis://127.0.0.1:1/0"),))
    exclude(project, OPTED_OUT)
    without_a_server.run(*NOTHING_BUT_A_SEED)
    with pytest.raises(
        DbtBaseException, match="excluded aircraft stay in the online store until it can be used: redis:"
    ):
        without_a_server.run("--warn-error", *NOTHING_BUT_A_SEED)
