"""A real server of the serving API, in a thread."""

import socket
import threading
import time
from contextlib import contextmanager

import requests
import uvicorn


class Client(requests.Session):
    """Asks a server by the path alone."""

    def __init__(self, address):
        super().__init__()
        self.address = address

    def request(self, method, url, **options):
        return super().request(method, self.address + url, **options)


@contextmanager
def serving(app):
    """A client of an application that is served."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            with Client(f"http://127.0.0.1:{listening.getsockname()[1]}") as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()
