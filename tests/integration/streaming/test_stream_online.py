"""Events that a broker has become features that are served: the same as a build of them gives, at the same instants."""

import shutil
import signal
import time
from datetime import UTC, datetime

import pyarrow.compute as pc
import pytest
from broker_fixture import running_broker
from landed_events import records_of
from sample_files import run_ontime, start_ontime

from streaming.broker.delivery import Delivery
from streaming.live.status import read_live_state, state_file

# from the first flight of all on, so that the build knows nothing that the stream does not
PERIOD = datetime(2013, 1, 1), datetime(2013, 1, 4)
NOON = datetime(2013, 1, 3, 17)
COMPARED = "1,404 entities are served as they are known.\n"


@pytest.fixture
def settings(dev_warehouse, empty_stream, tmp_path):
    """Settings of a data folder with the warehouse of the first quarter, raw, and a stream that nothing has come to."""
    folder = tmp_path / "data"
    folder.mkdir()
    settings = dev_warehouse.settings.model_copy(update={"data_dir": folder})
    for name in ("ontime.duckdb", "raw.duckdb"):
        (folder / name).symlink_to(dev_warehouse.settings.data_dir / name)
    shutil.copy(empty_stream.stream_file, folder / "stream.duckdb")
    return settings


def send_events(broker, warehouse):
    """Send what happened up to the noon; gives the instant of the newest."""
    records = records_of(warehouse, *PERIOD)
    records = records.filter(pc.less_equal(records["taken_at"], NOON))
    delivery = Delivery(broker.settings)
    for record in records.sort_by("taken_at").to_pylist():
        stamp = int(record["taken_at"].replace(tzinfo=UTC).timestamp() * 1000)
        delivery.send(record["topic"], record["key"], record["value"], timestamp=stamp)
    delivery.wait()
    return pc.max(records["taken_at"]).as_py()


def wait_until_computed(settings, instant, stream):
    deadline = time.monotonic() + 200
    while (state := read_live_state(state_file(settings))) is None or state.computed_until != instant:
        assert time.monotonic() < deadline, state
        assert stream.poll() is None, stream.communicate()
        time.sleep(0.1)


@pytest.mark.slow
def test_what_is_served_of_a_stream_is_what_a_build_gives(settings, tmp_path):
    with running_broker(tmp_path / "broker") as broker:
        own = broker.variables() | {"ONTIME_STREAM_HOLD_BACK_SECONDS": "0"}
        newest = send_events(broker, settings.warehouse_database)
        at = f"{newest.isoformat(timespec='seconds')}Z"
        stream = start_ontime(settings.data_dir, "stream", "--online", "--every", "0.2", env=own)
        try:
            wait_until_computed(settings, newest, stream)
            # first of what the stream alone has written, then of what a filling beside it leaves
            for command in ("parity", "materialize", "parity"):
                done = run_ontime(settings.data_dir, "features", command, "--at", at)
                assert done.returncode == 0, done.stderr
                assert command == "materialize" or done.stdout == COMPARED
        finally:
            stream.send_signal(signal.SIGTERM)
            _, errors = stream.communicate(timeout=60)
    assert stream.returncode == 0, errors
