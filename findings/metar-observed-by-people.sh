#!/usr/bin/env bash
# metar 2.0.2: whether a report came from a machine alone (AUTO after the time) or from an observer (nothing there).
# Expected: the two differ, as FMH-1 and ICAO's Annex 3 have it.
# Seen: `mod` is "AUTO" for both, and string() calls a report "automatic report" that no AUTO is in.
# Why it matters: automatic stations cannot see what is away from the sensor (a thunderstorm, a ceiling beyond the
# zenith); who weighs or filters observations by this field treats all alike and never learns it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv metar==2.0.2

venv/bin/python - <<'PYTHON'
import sys

from metar.Metar import Metar

seen = {}
for name, mark in (("automatic", "AUTO "), ("observed", ""), ("corrected", "COR ")):
    seen[name] = Metar(f"KJFK 121651Z {mark}24010KT 10SM FEW250 M01/M17 A3012", month=1, year=2024).mod
    print(f"{name}: {seen[name]}")
known = {"automatic": "AUTO", "observed": "AUTO", "corrected": "COR"}
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
