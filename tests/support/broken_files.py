"""DuckDB files that cannot be opened, for various reasons."""

import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path

import duckdb

HEADER_BYTES = 4096
VERSION = slice(12, 20)
NEWER = 99
HOLD = """
import duckdb, sys, time
with duckdb.connect(sys.argv[1]):
    print("open", flush=True)
    time.sleep(60)
"""


def of_a_newer_duckdb(path: Path) -> None:
    """Make a file what a DuckDB of the future would have written, checksum and all."""
    duckdb.connect(str(path)).close()
    content = bytearray(path.read_bytes())
    content[VERSION] = struct.pack("<Q", NEWER)
    words = (word for (word,) in struct.iter_unpack("<Q", content[8:HEADER_BYTES]))
    content[:8] = struct.pack("<Q", reduce(lambda found, word: found ^ word * 0xBF58476D1CE4E5B9 % 2**64, words, 5381))
    path.write_bytes(content)


@contextmanager
def open_for_writing(path: Path) -> Iterator[int]:
    """Another process that has a file open, and its number."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "open\n"
            yield process.pid
        finally:
            process.kill()
