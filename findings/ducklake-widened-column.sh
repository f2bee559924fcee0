#!/usr/bin/env bash
# DuckLake (extension 1.5.5 of DuckDB 1.5.5): a column widened from int to bigint answers wrongly after one read.
# Expected: `alter column .. type bigint` is a documented promotion; each later query sees the values that were written.
# Seen: when the table was read before the promotion, and a row written before it is updated after it, the wide value
# 5000000000 sorts as 256 and is not found by `where id > 300`, while an unordered select and max() give it right. No
# error. The statistics of the narrow type are taken for those of the wide one, and the optimizer packs values by them.
# Why it matters: keys grow (a flight key, an event offset); a filter on a lake's table then loses rows without a word.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --quiet uv==0.13.9
venv/bin/uv pip install --quiet --python venv duckdb==1.5.5 duckdb-extension-ducklake==1.5.5

venv/bin/python - <<'PYTHON'
import glob
import sys

import duckdb

lake = duckdb.connect()
[extension] = glob.glob("venv/lib/python*/site-packages/duckdb_extension_ducklake/**/*.duckdb_extension", recursive=True)
lake.execute(f"load '{extension}'")
lake.execute("attach 'ducklake:lake.ducklake' as lake (data_path 'files')")
lake.execute("use lake")
for statement in (
    "create table flights (id int, delay int)",
    "insert into flights values (1, 10), (2, 20)",
    "select id from flights order by id",
    "alter table flights alter column id type bigint",
    "insert into flights values (5000000000, 30)",
    "update flights set delay = 11 where id = 1",
):
    lake.execute(statement).fetchall()

questions = {
    "select id from flights": [1, 2, 5000000000],
    "select id from flights order by id": [1, 2, 256],
    "select id from flights where id > 300": [],
    "select max(id) from flights": [5000000000],
}
changed = []
for question, known in questions.items():
    seen = sorted(row[0] for row in lake.execute(question).fetchall())
    print(f"{question}: {seen}")
    if seen != known:
        changed.append(f"{question} gives {seen}, not {known}")
sys.exit("changed: " + "; ".join(changed) if changed else None)
PYTHON
