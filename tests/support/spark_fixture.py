"""A real Spark cluster for tests: a master and two workers on the loopback."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pyspark
from dbt_project import DbtProject, environment
from postgres_fixture import free_port
from pyspark import SparkContext
from pyspark.sql import SparkSession

from ontime.settings import Settings

HOST = "127.0.0.1"
WORKERS = 2
MEMORY = "1g"
LAUNCHER = Path(pyspark.__path__[0]) / "bin" / "spark-class"
# many small queries, once each: to compile their code well takes longer than to run it
FEW_RUNS = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC"


@dataclass(frozen=True)
class Cluster:
    """A running cluster.

    Attributes:
        master: Its address, spark://host:port.
        status_url: Where the master tells of itself, as JSON.
    """

    master: str
    status_url: str

    def variables(self, data_dir: Path) -> dict[str, str]:
        """The environment in which `ontime` and dbt use it."""
        return {
            "ONTIME_TARGET": "spark",
            "ONTIME_DATA_DIR": str(data_dir),
            "ONTIME_SPARK_MASTER": self.master,
            "ONTIME_SPARK_MEMORY": MEMORY,
        }

    def settings(self, data_dir: Path) -> Settings:
        """The same as settings of this process."""
        return Settings(target="spark", data_dir=data_dir, spark_master=self.master, spark_memory=MEMORY)

    def project(self, data_dir: Path) -> DbtProject:
        """The project on the cluster."""
        return DbtProject(data_dir, variables=tuple(self.variables(data_dir).items()))

    def status(self) -> dict:
        """What the master tells: its workers, and the applications that ran."""
        with urlopen(self.status_url) as answer:
            return json.load(answer)


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Run a cluster in a folder for as long as the context lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    port, status_port = free_port(), free_port()
    cluster = Cluster(f"spark://{HOST}:{port}", f"http://{HOST}:{status_port}/json/")
    master = ("master.Master", "--host", HOST, "--port", str(port), "--webui-port", str(status_port))
    with ExitStack() as stack, environment(SPARK_LOCAL_IP=HOST, JDK_JAVA_OPTIONS=FEW_RUNS):
        stack.enter_context(_process(folder, "master", master))
        for number in range(WORKERS):
            ports = ("--port", str(free_port()), "--webui-port", str(free_port()))
            size = ("--cores", "1", "--memory", MEMORY, "--work-dir", str(folder / f"work-{number}"))
            worker = ("worker.Worker", "--host", HOST, *ports, *size, cluster.master)
            stack.enter_context(_process(folder, f"worker-{number}", worker))
        _wait(cluster)
        stack.callback(_end_session)
        yield cluster


@contextmanager
def _process(folder: Path, name: str, command: tuple[str, ...]) -> Iterator[None]:
    program, *arguments = command
    variables = os.environ | {
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_HOME": pyspark.__path__[0],
    }
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [LAUNCHER, f"org.apache.spark.deploy.{program}", *arguments],
            env=variables,
            cwd=folder,
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(cluster: Cluster, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if cluster.status()["aliveworkers"] == WORKERS:
                return
        except (URLError, ConnectionError, json.JSONDecodeError):
            pass
        time.sleep(0.3)
    raise TimeoutError(f"{cluster.master} has no {WORKERS} workers")


def _end_session() -> None:
    """End the session of dbt's, and the Java process that it ran in."""
    session = SparkSession.getActiveSession()
    gateway = SparkContext._gateway
    if session is not None:
        session.stop()
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(timeout=60)
        SparkContext._gateway = SparkContext._jvm = None
