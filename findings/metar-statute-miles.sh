#!/usr/bin/env bash
# aeromet-py 0.1.2, a METAR parser: US visibility in statute miles (group 10SM, by FMH-1 and the WMO's US code form).
# Expected: 10 statute miles are 16,093 m. Seen: 18,520 m, which is 10 nautical miles: every US visibility is 15 % too long.
# Why it matters: 2 3/4 SM is IFR (below 3 miles); turned to metres by the library and compared with 4,828 m (3 miles) it
# passes for MVFR.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv aeromet-py==0.1.2
export PYTHONWARNINGS=ignore::SyntaxWarning  # the library's own

venv/bin/python - <<'PYTHON'
import sys

from aeromet_py import Metar

seen = {}
for group in ("10SM", "2 3/4SM"):
    report = Metar(f"KJFK 121651Z 24010KT {group} BKN035 01/M01 A3012", year=2024, month=1)
    seen[group] = report.prevailing_visibility.in_meters
known = {"10SM": 18520.0, "2 3/4SM": 5093.0}
for group, metres in seen.items():
    print(f"{group}: {metres:,.0f} m")
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
