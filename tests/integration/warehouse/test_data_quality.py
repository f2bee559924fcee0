"""Rows that cannot be stop no build and do not vanish: reports.rpt_data_quality counts them."""

from datetime import date

import duckdb
import pytest
from dbt_project import DbtProject
from raw_rows import RawData, bts_flight

pytestmark = pytest.mark.slow

# with all tests of rows: none of them fails for what a row tells
EVERYTHING = ("--exclude-resource-type", "unit_test", "--exclude", "path:models/features+", "path:models/training")
REPORT = ("--select", "+rpt_data_quality", "--exclude-resource-type", "unit_test", "test")
COLUMNS = "source, defect_type, column_name, rule, defect_month, defect_count, example"
CAUSES = {"weather_delay": 0, "nas_delay": 0, "security_delay": 0, "late_aircraft_delay": 0}
LATE = {"arr_delay": 30, "arr_time": "1250"}
UNKNOWN = "is not known of a flight that was neither cancelled nor diverted"

# what a flight of January has, and how the report tells of it: kind, column, rule and example
FLIGHTS = {
    "a time in the air below nothing": (
        {"air_time": -1425},
        ("impossible_value", "air_time_minutes", "is not within 1 to 1200 minutes", "-1425"),
    ),
    "a delay beyond all that are reported": (
        {"arr_delay": 9_999, "arr_time": None, "diverted": 1},
        ("impossible_value", "arrival_delay_minutes", "is not within -720 to 8640 minutes", "9999"),
    ),
    "a number beyond all": (
        {"distance": 99_999_999_999},
        ("impossible_value", "distance_miles", "is not within 1 to 12451 statute miles", "over 999999999"),
    ),
    "a cause below nothing": (
        {**LATE, **CAUSES, "carrier_delay": -1, "weather_delay": 30},
        ("impossible_value", "carrier_delay_minutes", "is not within 0 to 8640 minutes", "-1"),
    ),
    "a reason that nobody knows": (
        {
            "cancellation_code": "Z",
            "cancelled": 1,
            "dep_time": None,
            "dep_delay": None,
            "arr_time": None,
            "arr_delay": None,
        },
        ("impossible_value", "cancellation_code", "is none of A, B, C and D", "Z"),
    ),
    "an aircraft that is none": (
        {"tail_number": "000000"},
        ("impossible_value", "tail_number", "stands for no aircraft", "000000"),
    ),
    "an airport that nobody knows": (
        {"origin": "QQQ"},
        ("unplaced_flight", "airport_code", "airport unknown", "QQQ"),
    ),
    "no departure, and not cancelled": (
        {"dep_time": None, "dep_delay": None, "cancelled": 0},
        ("doubtful_fact", "departed_at", "is not known of a flight that was not cancelled", "{flight}"),
    ),
    "an arrival before the departure": (
        {"dep_delay": 600, "dep_time": "1900", "arr_delay": -20},
        ("doubtful_fact", "arrived_at", UNKNOWN, "{flight}"),
    ),
    "a flight to where it is": (
        {"dest": "JFK"},
        (
            "doubtful_fact",
            "destination_airport_code",
            "is the origin of a flight that was neither cancelled nor diverted",
            "AA {number} JFK-JFK 2024-01-04",
        ),
    ),
    "a reason without a cancellation": (
        {"cancellation_code": "B"},
        ("doubtful_fact", "cancellation_code", "is told of a flight that was not cancelled", "{flight}"),
    ),
    "causes that do not add up": (
        {**LATE, **CAUSES, "carrier_delay": 1},
        ("doubtful_fact", "arrival_delay_minutes", "is not the sum of its causes", "{flight}"),
    ),
    "a carrier that nobody knows": (
        {"iata_code_reporting_airline": "??"},
        ("doubtful_fact", "carrier_code", "is of no carrier on that date", "?? {number} JFK-LAX 2024-01-04"),
    ),
}
REPORTS = [
    {
        "station": "JFK",
        "valid": "2024-02-01 12:00",
        "metar_status": "missing",
        "sknt": 911.0,
        "tmpf": 50.0,
        "dwpf": 60.0,
    },
    {"station": "ZZZ", "valid": "2024-02-01 12:00", "metar_status": "missing", "sknt": 9.0},
]
OF_WEATHER = [
    ("asos", "doubtful_fact", "airport_code", "is of no airport that reference has", "ZZZ 2024-02-01"),
    ("asos", "doubtful_fact", "dew_point_celsius", "is above the temperature", "JFK 2024-02-01"),
    ("asos", "impossible_value", "wind_speed_knots", "is not within 0 to 220 knots", "911"),
]


class Warehouse:
    def __init__(self, data_dir):
        self.raw = RawData(data_dir)
        self.project = DbtProject(data_dir)

    def load(self):
        defective = [
            bts_flight("2024-01-04", number, **values) for number, (values, _) in enumerate(FLIGHTS.values(), 1)
        ]
        sound = [bts_flight("2024-01-05", number) for number in range(1, 4)]
        self.raw.load("bts", "flights", [*defective, *sound])
        self.raw.load("asos", "observations", REPORTS)

    def build(self, *arguments):
        return self.project.run("build", *(arguments or REPORT))

    def report(self, columns=COLUMNS):
        return self.project.query(f"select {columns} from reports.rpt_data_quality order by all")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    warehouse = Warehouse(tmp_path_factory.mktemp("data_quality"))
    warehouse.load()
    warehouse.build(*EVERYTHING)
    return warehouse


@pytest.mark.parametrize("name", FLIGHTS)
def test_a_flight_that_cannot_be_is_counted_with_its_rule_and_month(warehouse, name):
    number = list(FLIGHTS).index(name) + 1
    kind, column, rule, example = FLIGHTS[name][1]
    example = example.format(flight=f"AA {number} JFK-LAX 2024-01-04", number=number)

    assert ("bts", kind, column, rule, date(2024, 1, 1), 1, example) in warehouse.report()


def test_weather_that_cannot_be_is_counted(warehouse):
    found = [row for row in warehouse.report() if row[0] == "asos"]

    assert [(*row[:4], row[-1]) for row in found] == OF_WEATHER
    assert {row[4] for row in found} == {date(2024, 2, 1)}


def test_no_row_is_told_of_that_is_as_it_should_be(warehouse):
    expected = {(kind, column, rule) for _, (kind, column, rule, _) in FLIGHTS.values()}

    assert {row[1:4] for row in warehouse.report() if row[0] == "bts"} == expected


def test_what_could_not_be_read_is_counted_once_and_names_no_aircraft(tmp_path):
    warehouse = Warehouse(tmp_path)
    for _ in range(2):
        load_id = warehouse.raw.load("bts", "flights", [bts_flight("2024-01-05")], month="2024-01")
        with duckdb.connect(str(warehouse.raw.path)) as connection:
            connection.execute(
                "insert into raw_bts.quarantine values"
                " ('test', 7, 'crs_dep_time is no clock time: 2561', 'AA,N327AA,2561', $load_id),"
                " ('test', 9, 'crs_dep_time is no clock time: 9', 'AA,N327AA,9', $load_id),"
                " ('test', 8, '3 fields, expected 109', 'AA,N327AA,JFK', $load_id)",
                {"load_id": load_id},
            )
            connection.execute(
                "insert into raw_bts.damaged_values values"
                " ('test', 'dep_time', 'is no clock time', 5, '2575', null, $load_id),"
                " ('test', 'tail_number', 'is not UTF-8', 2, 'N327A', null, $load_id)",
                {"load_id": load_id},
            )
        warehouse.build()

        assert warehouse.report() == [
            ("bts", "damaged_value", "dep_time", "is no clock time", date(2024, 1, 1), 5, "2575"),
            ("bts", "damaged_value", "tail_number", "is not UTF-8", date(2024, 1, 1), 2, None),
            ("bts", "rejected_row", None, "3 fields, expected 109", date(2024, 1, 1), 1, "3 fields, expected 109"),
            (
                "bts",
                "rejected_row",
                None,
                "crs_dep_time is no clock time",
                date(2024, 1, 1),
                2,
                "crs_dep_time is no clock time: 2561",
            ),
        ]


def test_what_is_loaded_again_counts_once_and_adds_up_to_a_full_refresh(tmp_path):
    warehouse = Warehouse(tmp_path)
    warehouse.load()
    warehouse.build()
    once = warehouse.report()

    warehouse.load()
    warehouse.raw.load("bts", "flights", [bts_flight("2024-01-05", 9, air_time=0)])
    warehouse.build()

    more = warehouse.report()
    assert [row for row in more if row[2] != "air_time_minutes"] == [
        row for row in once if row[2] != "air_time_minutes"
    ]
    assert [row[5:] for row in more if row[2] == "air_time_minutes"] == [(2, "-1425")]
    warehouse.build(*REPORT, "--full-refresh")
    assert warehouse.report() == more


def test_a_bound_that_changes_counts_anew(tmp_path):
    warehouse = Warehouse(tmp_path)
    warehouse.raw.load("bts", "flights", [bts_flight("2024-01-05", 9, air_time=340)])
    warehouse.build()
    assert warehouse.report() == []

    warehouse.project.execute(
        "update seeds.plausible_values set greatest_value = 300 where column_name = 'air_time_minutes'"
    )
    warehouse.project.run("run", "--select", "+rpt_data_quality")

    assert warehouse.report("column_name, rule, defect_count, example") == [
        ("air_time_minutes", "is not within 1 to 300 minutes", 1, "340")
    ]
