#!/usr/bin/env bash
# avwx-engine 1.9.10: the two lowest US visibilities, M1/4SM (less than a quarter of a mile) and 1/16SM, without a ceiling.
# Expected: a visibility, and the flight category LIFR (below one mile).
# Seen: the group is rewritten to M14KT or 116KT, a wind, and ends among the unread groups; the visibility is None and the
# category IFR. 1/8SM is read as 0.125 and LIFR: the worst fog counts as better than less bad fog.
# A Canadian correction mark before the wind (CCA) likewise costs the wind and the visibility of the report.
# Why it matters: these are the hours in which an airport stops; a mean or minimum of visibility leaves just them out.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv avwx-engine==1.9.10

venv/bin/python - <<'PYTHON'
import logging
import sys
from datetime import date

import avwx.current.metar

logging.disable(logging.CRITICAL)
seen = {}
for groups in ("00000KT M1/4SM FG", "00000KT 1/16SM FG", "00000KT 1/8SM FG", "CCA 24010KT 1/4SM FG"):
    report, _, _ = avwx.current.metar.parse("KJFK", f"KJFK 121651Z {groups} CLR 01/01 A2990", issued=date(2024, 1, 12))
    seen[groups] = (report.visibility and report.visibility.value, report.flight_rules, report.other)
    print(f"{groups}: visibility {seen[groups][0]}, {seen[groups][1]}, unread {seen[groups][2]}")
known = {
    "00000KT M1/4SM FG": (None, "IFR", ["M14KT"]),
    "00000KT 1/16SM FG": (None, "IFR", ["116KT"]),
    "00000KT 1/8SM FG": (0.125, "LIFR", []),
    "CCA 24010KT 1/4SM FG": (None, "IFR", ["CCA", "24010KT", "1/4SM"]),
}
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
