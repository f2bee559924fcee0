"""A server on the loopback that hands out monthly zips as the Bureau's site does."""

import hashlib
import io
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from paths import FIXTURES

FILES = FIXTURES / "bts"
JANUARY_CSV = (FILES / "reporting_carrier_2013_1.csv").read_bytes()
NEWER = "On_Time_Reporting_Carrier_On_Time_Performance_1987_present_{}_{}.zip"
OLDER = "On_Time_On_Time_Performance_{}_{}.zip"


def month_csv(month: int) -> bytes:
    """The fixture's flights, moved to another month of 2013 that has 31 days."""
    head, *rows = JANUARY_CSV.splitlines(keepends=True)
    moved = [row.replace(b"2013,1,1,", b"2013,1,%d," % month, 1) for row in rows]
    return head + b"".join(row.replace(b"2013-01-", b"2013-%02d-" % month) for row in moved)


def zipped(content: bytes, name: str = "On_Time.csv", **others: bytes) -> bytes:
    """A zip of one data file next to the Bureau's readme, with the same bytes each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in {"readme.html": b"<html></html>", name: content, **others}.items():
            archive.writestr(zipfile.ZipInfo(member), data)
    return buffer.getvalue()


@dataclass
class Prezip:
    """What the server holds, how it is to behave, and what it saw.

    `script` holds answers for the coming requests: a status, with headers if in a tuple. A file in `hold` is
    answered once its event is set; `reached` tells that one of them was asked for.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    has_etags: bool = True
    last_modified: str | None = None
    script: list = field(default_factory=list)
    seen: list[tuple[str, int]] = field(default_factory=list)
    hold: dict[str, threading.Event] = field(default_factory=dict)
    reached: threading.Event = field(default_factory=threading.Event)

    @property
    def statuses(self) -> list[int]:
        return [status for _, status in self.seen]

    def answer(self, path: str, headers) -> tuple[int, dict[str, str], bytes]:
        name = path.rpartition("/")[2]
        if name in self.hold:
            self.reached.set()
            self.hold[name].wait(30)
        status, told, body = self._answer(name, headers)
        self.seen.append((name, status))
        return status, told, body

    def _answer(self, name, headers):
        if self.script:
            step = self.script.pop(0)
            status, told = step if isinstance(step, tuple) else (step, {})
            return status, told, b"busy"
        if name not in self.files:
            return 404, {}, b"<html>no such file</html>"
        body = self.files[name]
        told = {"ETag": f'"{hashlib.md5(body).hexdigest()}"'} if self.has_etags else {}
        if self.last_modified:
            told["Last-Modified"] = self.last_modified
        unchanged = told.get("ETag") and headers.get("If-None-Match") == told["ETag"]
        unchanged_since = self.last_modified and headers.get("If-Modified-Since") == self.last_modified
        if unchanged or (unchanged_since and not self.has_etags):
            return 304, told, b""
        return 200, told, body


@contextmanager
def serve(prezip: Prezip):
    """Serve on a free port for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, body = prezip.answer(self.path, self.headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    prezip.url = f"http://127.0.0.1:{server.server_port}/PREZIP/"
    try:
        yield prezip
    finally:
        server.shutdown()
        server.server_close()
