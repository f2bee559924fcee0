"""Whether events are lost, doubled or left behind where the sink, the producer and the broker are killed.

    python benchmarks/stream_faults.py [--runs 20] [--events 300000] [--seed 1]

Each run plays events as fast as can be through a broker, with `ontime replay` and `ontime sink` in processes of their
own, and kills one of the three with SIGKILL at random moments; whoever was killed is started again at once. At the end
landing and raw are compared with what was to be sent. Prints a table of the runs by what was killed.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from running import ROOT
from streamed_events import EVENTS_PER_SECOND, STARTED_AT, flight_events

from ingestion.sources.events.columns import FLIGHT_EVENTS
from ontime.settings import Settings
from streaming.broker.demo import DemoBroker
from streaming.broker.topics import make_topics
from streaming.replay.disorder import Disorder
from streaming.replay.encoding import ENCODED
from streaming.replay.plan import Plan, Wanted

ONTIME = Path(sys.executable).parent / "ontime"
VICTIMS = ("sink", "replay", "broker")
FIRST_DAY = STARTED_AT.replace(tzinfo=None)
MOST_KILLS = 6


@dataclass
class Run:
    """What became of the events of a run."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    left_behind: int = 0
    sent_twice: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    events = _table(options.events)
    runs = []
    for seed in range(options.seed, options.seed + options.runs):
        with tempfile.TemporaryDirectory(prefix="ontime-") as folder:
            runs.append(_Stream(Path(folder), events, seed).run())
        print(runs[-1], flush=True)
    print(f"{len(runs)} runs of {options.events:,} events")
    print("| killed | times | runs | lost | doubled | left behind | sent twice by the producer |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for victim in VICTIMS:
        hit = [run for run in runs if run.kills[victim]]
        sums = [sum(getattr(run, name) for run in hit) for name in ("lost", "doubled", "left_behind", "sent_twice")]
        kills = sum(run.kills[victim] for run in hit)
        print(f"| {victim} | {kills} | {len(hit)} | {' | '.join(f'{number:,}' for number in sums)} |")


class _Stream:
    """A broker, a producer and a sink, in a folder of their own."""

    def __init__(self, folder: Path, events: pa.Table, seed: int) -> None:
        self._settings, self._events, self._result = Settings(data_dir=folder), events, Run(seed)
        self._broker, self._random = DemoBroker.of(self._settings), random.Random(seed)
        last_day = FIRST_DAY + timedelta(days=int(len(events) / EVENTS_PER_SECOND / 86_400))
        self._days = ("--start", f"{FIRST_DAY:%Y-%m-%d}", "--end", f"{last_day:%Y-%m-%d}")
        self._wanted = Wanted(FIRST_DAY, last_day + timedelta(days=1), Disorder())

    def run(self) -> Run:
        self._broker.start()
        try:
            make_topics(self._settings)
            with duckdb.connect() as connection:
                Plan(self._settings, self._wanted).write(self._events.to_batches(), connection)
            self._play()
            self._command("sink", "--until-end", "--load")
        finally:
            self._broker.stop()
        self._compare()
        return self._result

    def _play(self) -> None:
        processes = {"sink": self._start("sink"), "replay": self._start("replay")}
        try:
            while processes["replay"].poll() is None:
                try:
                    processes["replay"].wait(self._random.uniform(0.5, 5))
                except subprocess.TimeoutExpired:
                    if self._result.kills.total() < MOST_KILLS:
                        self._kill(self._random.choice(VICTIMS), processes)
            assert processes["replay"].returncode == 0, (self._settings.data_dir / "replay.log").read_text()[-2000:]
        finally:
            for process in processes.values():
                process.kill()
                process.wait()

    def _kill(self, victim: str, processes: dict[str, subprocess.Popen[bytes]]) -> None:
        self._result.kills[victim] += 1
        if victim == "broker":
            os.kill(self._broker.process_id() or 0, signal.SIGKILL)
            while self._broker.process_id() is not None:
                time.sleep(0.01)
            self._broker.start()
            return
        processes[victim].kill()
        processes[victim].wait()
        processes[victim] = self._start(victim)

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        arguments = {
            "sink": ("sink", "--batch-records", "5000", "--batch-seconds", "0.5"),
            "replay": ("replay", *self._days, "--speed", "max"),
        }[name]
        log = (self._settings.data_dir / f"{name}.log").open("ab")
        return subprocess.Popen([ONTIME, *arguments], cwd=ROOT, env=self._environment(), stdout=log, stderr=log)

    def _command(self, *arguments: str) -> None:
        subprocess.run([ONTIME, *arguments], cwd=ROOT, env=self._environment(), capture_output=True, check=True)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ONTIME_")}
        return kept | {"ONTIME_DATA_DIR": str(self._settings.data_dir)}

    def _compare(self) -> None:
        """Lost and doubled of what raw holds; left behind are files in landing that nobody will ever read."""
        landing = self._settings.data_dir / "landing" / "events"
        with duckdb.connect(str(self._settings.raw_database), read_only=True) as raw:
            query = (
                "count(*), count(distinct (topic_generation, topic_partition, topic_offset)), count(distinct document)"
            )
            rows, places, documents = raw.execute(f"select {query} from raw_events.flight_events").fetchall()[0]
            (dead,) = raw.execute("select count(*) from raw_events.dead_letters").fetchall()[0]
        self._result.lost = len(self._events) - documents
        self._result.doubled = rows - places + dead
        self._result.sent_twice = places - documents
        known = {path.with_name(path.name.removesuffix(".manifest.json")) for path in landing.rglob("*.manifest.json")}
        files = {path for path in landing.rglob("*") if path.is_file() and not path.name.endswith(".manifest.json")}
        self._result.left_behind = len(files - known)


def _table(count: int) -> pa.Table:
    instants, keys, documents = zip(*flight_events(count), strict=True)
    naive = [instant.replace(tzinfo=None) for instant in instants]
    return pa.table([naive, [FLIGHT_EVENTS] * count, keys, documents], schema=ENCODED)


if __name__ == "__main__":
    main()
