"""The Java that Spark runs on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engines.finding import Finding, ok
from ontime.errors import OntimeError

OLDEST: Final = 17
SECONDS: Final = 30
MEND: Final = f"install Java {OLDEST} with make spark, or set JAVA_HOME to one"


def java() -> tuple[str, int]:
    """The `java` that Spark starts, and its version: that of JAVA_HOME, else the first on the path.

    Raises:
        OntimeError: If there is none, it does not run, or it is too old for Spark.
    """
    home = os.environ.get("JAVA_HOME")
    program = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    if program is None:
        raise OntimeError(f"there is no Java {f'in JAVA_HOME ({home})' if home else 'on the path'}", remedy=MEND)
    said = _said(program)
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    if found is None:
        raise OntimeError(f"{program} does not tell its version ({said.partition(chr(10))[0]})", remedy=MEND)
    if int(found[1]) < OLDEST:
        raise OntimeError(f"{program} is Java {found[1]}, and Spark needs {OLDEST} or newer", remedy=MEND)
    return program, int(found[1])


def java_findings() -> Iterator[Finding]:
    """Whether Spark finds a Java that it runs on.

    Raises:
        OntimeError: If it does not.
    """
    program, version = java()
    yield ok("Java", f"{version} at {program}")


def _said(program: str) -> str:
    try:
        done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OntimeError(f"{program} does not run ({error})", remedy=MEND) from None
    return done.stderr + done.stdout
