"""How fast does `ontime serve` answer? Times of a request for one flight's features, at 1, 8 and 32 clients.

    python benchmarks/serving.py

Serves the online store of the settings, which `ontime features materialize --at 2013-12-30T12:00Z` filled. The server
and the clients share the machine. Any answer but 200 ends it with an error.
"""

import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import numpy as np

SECONDS = 5
AT = "2013-12-30T12:00:00Z"
FLIGHT = {
    "carrier_code": "B6",
    "flight_number": 583,
    "origin_airport_code": "JFK",
    "destination_airport_code": "MCO",
    "scheduled_departure_at": "2013-12-30T14:00:00Z",
}
BODY = json.dumps({"flights": [FLIGHT], "at": AT})


def main() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([Path(sys.executable).parent / "ontime", "serve", "--port", str(port)])
    try:
        _wait(port)
        for clients in (1, 8, 32):
            seconds, took = _ask(port, clients)
            p50, p99 = np.percentile(seconds, [50, 99]) * 1000
            print(f"{clients} clients: p50 {p50:.1f} ms, p99 {p99:.1f} ms, {len(seconds) / took:,.0f} requests/s")
    finally:
        server.terminate()
        server.wait()


def _ask(port: int, clients: int) -> tuple[list[float], float]:
    """Times of all requests, and how long all took."""
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        found = list(pool.map(lambda _: _repeat(port, began + SECONDS), range(clients)))
    return [one for each in found for one in each], time.perf_counter() - began


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(port)


def _repeat(port: int, until: float) -> list[float]:
    connection = HTTPConnection("127.0.0.1", port)
    seconds = []
    while (began := time.perf_counter()) < until:
        connection.request("POST", "/flights/features", BODY, {"content-type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(answer.status)
        seconds.append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    main()
