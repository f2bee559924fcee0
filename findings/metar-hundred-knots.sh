#!/usr/bin/env bash
# avwx-engine 1.9.10 and metar-taf-parser-mivek 1.13.1: wind of 100 knots and more, for which the code form has three digits.
# Expected: 270120G150KT is 120 knots with gusts of 150, as the package metar 2.0.2 reads it.
# Seen: avwx-engine takes steady and gust together for one number: 1200 knots, gusts of 15; of 27075G105KT it makes 755 and
# 10. mivek drops the third digit and the gust, 12 knots, but reads the second group. Neither says that something was left over.
# Why it matters: mountain stations and hurricanes report this; the strongest winds become the weakest, or a maximum that
# rules each aggregate.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv avwx-engine==1.9.10 metar-taf-parser-mivek==1.13.1 metar==2.0.2

venv/bin/python - <<'PYTHON'
import logging
import sys
from datetime import date

import avwx.current.metar
from metar.Metar import Metar
from metar_taf_parser.parser.parser import MetarParser

logging.disable(logging.CRITICAL)
seen = {}
for group in ("270120G150KT", "27075G105KT"):
    report = f"KMWN 121650Z {group} 10SM OVC004 M01/M01 A2990"
    wind, _, _ = avwx.current.metar.parse("KMWN", report, issued=date(2024, 1, 12))
    mivek = MetarParser().parse(report).wind
    metar = Metar(report, month=1, year=2024)
    seen[group] = {
        "avwx": (wind.wind_speed.value, wind.wind_gust.value),
        "mivek": (mivek.speed, mivek.gust),
        "metar": (int(metar.wind_speed.value("KT")), int(metar.wind_gust.value("KT"))),
    }
    print(f"{group}: {seen[group]}")
known = {
    "270120G150KT": {"avwx": (1200, 15), "mivek": (12, None), "metar": (120, 150)},
    "27075G105KT": {"avwx": (755, 10), "mivek": (75, 105), "metar": (75, 105)},
}
sys.exit(None if seen == known else f"changed: was {known}")
PYTHON
