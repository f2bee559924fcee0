#!/usr/bin/env bash
# metar-taf-parser-mivek 1.13.1: sea-level pressure in the remarks of US reports (SLPppp: tens, units and tenths of hPa).
# Expected: by FMH-1 the leading 9 or 10 is left out, so SLP874 beside A2916 (987.5 hPa) is 987.4 hPa.
# Seen: always 10: 1087.4 hPa, more than was ever measured anywhere, in each report of a low below 1000 hPa.
# The package metar 2.0.2 chooses 9 from 550 on, and so reads SLP561 beside A3105 (1051.5 hPa) as 956.1 hPa.
# Why it matters: storms are the weather that delays flights; a pressure feature turns them into fair weather, and the
# other way round in an Alaskan winter. The altimeter group of the same report tells which it is.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv metar-taf-parser-mivek==1.13.1 metar==2.0.2

venv/bin/python - <<'PYTHON'
import sys

from metar.Metar import Metar
from metar_taf_parser.parser.parser import MetarParser

reports = {
    "storm": "KJFK 121651Z 24035KT 10SM OVC014 01/01 A2916 RMK AO2 SLP874",
    "winter": "PAFA 121651Z 00000KT 10SM CLR M40/M43 A3105 RMK AO2 SLP561",
}
seen = {}
for name, report in reports.items():
    remark = MetarParser().parse(report).remark
    mivek = float(remark.split("pressure of ")[1].split()[0])
    seen[name] = (mivek, Metar(report, month=1, year=2024).press_sea_level.value("HPA"))
    print(f"{name}: mivek {seen[name][0]} hPa, metar {seen[name][1]} hPa: {report}")
known = {"storm": (1087.4, 987.4), "winter": (1056.1, 956.1)}
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
