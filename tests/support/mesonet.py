"""A server on the loopback that answers as the Iowa Environmental Mesonet does."""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from paths import FIXTURES

HEADER = (FIXTURES / "asos" / "JFK-2013-02.csv").read_text().splitlines()[0]
REPORT = (
    "{station},{valid:%Y-%m-%d %H:%M},-73.7639,40.6386,4.00,34.00,32.00,92.30,80.00,17.00,0.0001,30.00,"
    "1015.90,1.50,27.00,BKN,OVC,   ,   ,700.00,1400.00,M,M,-SN BR,M,M,M,M,M,M,24.31,"
    "K{station} {valid:%d%H%M}Z 08017G27KT 1 1/2SM -SN BR BKN007 OVC014 01/00 A3000 RMK AO2,M"
)


@dataclass
class Mesonet:
    """What the server saw, and how it is to behave.

    `script` holds answers for the coming requests: a status, a status with headers, or a body for a 200.
    """

    url: str = ""
    reports: tuple[str, ...] = ("00:51", "12:51")
    without_reports: frozenset[str] = frozenset()
    delay_seconds: float = 0.0
    script: list = field(default_factory=list)
    requests: list[dict[str, list[str]]] = field(default_factory=list)
    started: list[float] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    @property
    def station_months(self) -> list[tuple[str, str]]:
        """Station and month of each request."""
        return [(query["station"][0], query["sts"][0][:7]) for query in self.requests]

    def answer(self, path: str) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(path)
        query = parse_qs(parts.query)
        self.requests.append(query)
        if parts.path != "/cgi-bin/request/asos.py":
            return 404, {}, "no such page"
        if self.script:
            step = self.script.pop(0)
            if isinstance(step, str):
                return 200, {}, step
            status, headers = step if isinstance(step, tuple) else (step, {})
            body = "ERROR: server over capacity" if status == 503 else "ERROR: something is wrong"
            return status, headers, body
        return 200, {}, self._reports(query)

    def _reports(self, query) -> str:
        station = query["station"][0]
        start, end = (datetime.fromisoformat(query[name][0].replace("Z", "")) for name in ("sts", "ets"))
        lines = [HEADER]
        day = start
        while day < end and station not in self.without_reports:
            for clock in self.reports:
                valid = datetime.fromisoformat(f"{day:%Y-%m-%d} {clock}")
                lines.append(REPORT.format(station=station, valid=valid))
            day += timedelta(days=7)
        return "\n".join(lines) + "\n"


@contextmanager
def serve(mesonet: Mesonet):
    """Serve until the context ends; `mesonet.url` then has the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            mesonet.started.append(time.monotonic())
            mesonet.at_once += 1
            mesonet.most_at_once = max(mesonet.most_at_once, mesonet.at_once)
            time.sleep(mesonet.delay_seconds)
            status, headers, body = mesonet.answer(self.path)
            mesonet.at_once -= 1
            content = body.encode()
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client was killed

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    mesonet.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield mesonet
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
