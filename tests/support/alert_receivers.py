"""Servers on the loopback that take alerts: one for webhooks, one for e-mail."""

import json
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    """What came, at which port, and how the server is to answer."""

    port: int = 0
    texts: list[str] = field(default_factory=list)
    status: int = 200


@contextmanager
def webhook():
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert list(body) == ["text"]
            if received.status == 200:
                received.texts.append(body["text"])
            self.send_response(received.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler), received):
        yield received


@contextmanager
def mail_server():
    """A server of SMTP (RFC 5321) as far as it is needed to take a message."""
    received = Received()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self._say("220 loopback")
            while line := self.rfile.readline().decode().strip():
                verb = line.split()[0].upper()
                if verb == "DATA":
                    self._say("354 go on")
                    received.texts.append(self._read_message())
                self._say("221 bye" if verb == "QUIT" else "250 well")
                if verb == "QUIT":
                    return

        def _read_message(self):
            lines = []
            while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                lines.append(line)
            return "\n".join(lines)

        def _say(self, line):
            self.wfile.write(f"{line}\r\n".encode())

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler), received):
        yield received


@contextmanager
def _serving(server, received):
    received.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
