"""The commands as users run them, from files to raw tables."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from paths import FIXTURES

ONTIME = Path(sys.executable).with_name("ontime")
PRIVATE_WORDS = ("QQPERSON", "QQFAMILY", "PRIVATE LANE", "SECRET PARTNER", "EXAMPLE AIRWAYS INC", "000001234")


def ingest(data_dir, *arguments, **settings):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONTIME_")}
    environment |= {"ONTIME_DATA_DIR": str(data_dir)} | settings
    return subprocess.run(
        [ONTIME, "ingest", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def texts_of(database):
    """Every value of every table, as text."""
    with duckdb.connect(str(database), read_only=True) as con:
        tables = con.execute("select table_schema, table_name from information_schema.tables").fetchall()
        for schema, name in tables:
            yield from (
                f"{schema}.{name}: {row}" for row in con.execute(f'select * from "{schema}"."{name}"').fetchall()
            )


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    folder = tmp_path_factory.mktemp("registry")
    done = ingest(
        folder,
        "reference",
        "--from",
        str(FIXTURES / "reference"),
        ONTIME_MAX_REJECTED_ROW_SHARE="1",
        ONTIME_DEBUG="true",
    )
    assert done.returncode == 0, done.stderr
    return folder, done


def test_the_registry_s_aircraft_are_loaded_and_its_odd_lines_quarantined(registry):
    folder, _ = registry

    with duckdb.connect(str(folder / "raw.duckdb"), read_only=True) as con:
        aircraft = con.execute(
            "select tail_number, registry from raw_reference.aircraft order by tail_number"
        ).fetchall()
        quarantined = con.execute(
            "select line_number from raw_reference.quarantine where file like '%registry%' order by all"
        ).fetchall()
        damaged = con.execute(
            "select column_name, rule, value_count, example, month from raw_reference.damaged_values"
        ).fetchall()
        zones = con.execute("select count(distinct time_zone) from raw_reference.time_zone_offsets").fetchone()
        orphans = con.execute(
            "select count(*) from raw_reference.airports where tz is not null "
            "and tz not in (select time_zone from raw_reference.time_zone_offsets)"
        ).fetchone()

    tails = ["N101ZZ", "N5ZZ", "N66ZZ", "N77ZZ", "N9"]
    assert aircraft == [(tail, "faa") for tail in tails]
    assert damaged == [("year_manufactured", "is no whole number", 1, "19X1", None)]
    assert quarantined == [(6,), (7,)]
    assert zones[0] > 300
    assert orphans == (0,)


def test_no_owner_reaches_a_table_a_kept_file_or_a_log(registry):
    folder, done = registry

    texts = [*texts_of(folder / "raw.duckdb"), done.stdout, done.stderr]
    texts += [
        path.read_bytes().decode("latin-1")
        for path in folder.rglob("*")
        if path.is_file() and path.name != "raw.duckdb" and "airports" not in path.name
    ]

    assert any("N101ZZ" in text for text in texts)
    assert {word for word in PRIVATE_WORDS for text in texts if word in text.upper()} == set()


def test_reference_files_that_are_unchanged_are_not_loaded_again(registry):
    folder, _ = registry

    def loads():
        with duckdb.connect(str(folder / "raw.duckdb"), read_only=True) as con:
            return con.execute(
                "select (select count(*) from raw_reference.airports) + (select count(*) from raw_reference.aircraft)"
            ).fetchone()

    before = loads()
    done = ingest(folder, "reference", "--from", str(FIXTURES / "reference"), ONTIME_MAX_REJECTED_ROW_SHARE="1")

    assert (done.returncode, "unchanged" in done.stdout) == (0, True)
    assert loads() == before


def test_a_folder_of_weather_reports_is_loaded_with_what_its_texts_say(registry):
    folder, _ = registry

    done = ingest(folder, "asos", "--from", str(FIXTURES / "asos"))

    assert done.returncode == 0, done.stderr
    with duckdb.connect(str(folder / "raw.duckdb"), read_only=True) as con:
        statuses = con.execute(
            "select metar_status, count(*), count(metar) from raw_asos.observations group by all order by all"
        ).fetchall()
        period = con.execute("select period_start, period_end, rows from raw_asos.loaded_files").fetchone()

    assert statuses == [("missing", 1, 0), ("parsed", 3, 3), ("partial", 1, 1)]
    assert (str(period[0]), str(period[1]), period[2]) == ("2013-02-08", "2013-02-08", 5)
