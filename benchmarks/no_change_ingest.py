"""How long `ontime ingest` takes when nothing is new, from start to exit: under 3 s is wanted."""

import statistics
import tempfile
import time
from pathlib import Path

from running import ontime

RUNS = 5
LIMIT_SECONDS = 3


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ontime-") as folder:
        ontime(Path(folder), "ingest")
        seconds = []
        for _ in range(RUNS):
            started = time.perf_counter()
            output = ontime(Path(folder), "ingest")
            seconds.append(time.perf_counter() - started)
            assert "unchanged" in output, output
    median = statistics.median(seconds)
    print(f"no-change ingest: {median:.2f} s (median of {RUNS}; slowest {max(seconds):.2f} s)")
    print(f"ratio to the limit of {LIMIT_SECONDS} s: {median / LIMIT_SECONDS:.2f}")


if __name__ == "__main__":
    main()
