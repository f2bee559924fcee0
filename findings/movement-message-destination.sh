#!/usr/bin/env bash
# mvt-parser 1.0.0: IATA movement messages (MVT), whose EA element carries the estimated arrival and then the airport.
# Expected: `EA1315 RCH` is an arrival at Riohacha, as `EA1315 FRA` is one at Frankfurt.
# Seen: an airport that begins with the letters of an element is read as that element. RCH: no destination, and a
# "reclearance" of "H", silently; to_mvt() writes the same words, so a round trip hides it. EDI, ADD, ADL and EBB
# (Edinburgh, Addis Ababa, Adelaide, Entebbe): the whole message is refused for an invalid time.
# Why it matters: whole stations are missing from delay statistics, always the same ones.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv mvt-parser==1.0.0

venv/bin/python - <<'PYTHON'
import sys

from mvt_parser import MVTParser
from mvt_parser.exceptions import MVTParseError

known = {"FRA": ("FRA", None), "RCH": (None, "H"), **dict.fromkeys(("EDI", "ADD", "ADL", "EBB"), "refused")}
seen = {}
for airport in known:
    try:
        message = MVTParser().parse(f"MVT\nXX101/12.DABCD.CDG\nAD1150/1200 EA1315 {airport}\nPX120")
        seen[airport] = (message.destination_airport, message.reclearance)
    except MVTParseError:
        seen[airport] = "refused"
    print(f"{airport}: {seen[airport]}")
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
