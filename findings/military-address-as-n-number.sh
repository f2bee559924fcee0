#!/usr/bin/env bash
# icao-nnumber-converter-us 0.1.0: from a 24-bit aircraft address (ADS-B) to the US registration.
# Expected: A00001 to ADF7C7 are N1 to N99999. Addresses above it, ADF7C8 to AFFFFF, are the US military's and have no
# N-number: None, as the function answers for other countries' addresses.
# Seen: it counts on. AE1234 is "N100556", with six digits, which no registration has; ADF7C8 is "N10", a civil
# registration of another address (A0025A), so the way back does not lead back. A00000 is "N".
# Why it matters: ADS-B is joined with the FAA's registry and with BTS by tail number; a tanker then flies as a light plane.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv icao-nnumber-converter-us==0.1.0

venv/bin/python - <<'PYTHON'
import sys

from icao_nnumber_converter_us import icao_to_n, n_to_icao

known = {"adf7c7": ("N99999", "adf7c7"), "adf7c8": ("N10", "a0025a"), "ae1234": ("N100556", None), "a00000": ("N", "a00000")}
seen = {}
for address in known:
    number = icao_to_n(address)
    seen[address] = (number, n_to_icao(number) if number else None)
    print(f"{address}: {seen[address][0]}, and back: {seen[address][1]}")
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
