"""What a weather report says in the mart, from a file of the provider on: the text and the columns beside it."""

from datetime import datetime

import pytest
from dbt_project import DbtProject
from sample_files import run_ingest

from ontime.settings import Settings

COLUMNS = ("drct", "sknt", "gust", "vsby", "skyc1", "skyc2", "skyl1", "skyl2", "wxcodes")
NOTHING = {"drct": None, "sknt": None, "gust": None, "vsby": None, "sky": (), "wxcodes": None}
RIGHT = {"drct": 180, "sknt": 5, "gust": None, "vsby": 2, "sky": (("OVC", 400),), "wxcodes": "BR"}
RIGHT_VALUES = (180, 5, None, 2, 400, "BR", "LIFR")
# The station, the text after its code and time, the provider's columns, and what is right: the wind's direction, speed
# and gusts, visibility, ceiling, weather and flight category.
CASES = {
    "a blank inside a layer": (
        "CLT",
        "18005KT 4SM BR OVC 003 20/18 A2990",
        {**RIGHT, "vsby": 4, "sky": (("OVC", 300),)},
        (180, 5, None, 4, 300, "BR", "LIFR"),
    ),
    "a blank inside a layer, and no columns": (
        "CLT",
        "24012G20KT 8SM BKN 020CB OVC 100 20/18 A2990",
        NOTHING,
        (240, 12, 20, 8, 2000, None, "MVFR"),
    ),
    "a correction of an automatic report": ("JFK", "AUTO COR 18005KT 2SM BR OVC004 20/18 A2990", RIGHT, RIGHT_VALUES),
    "the same, and no columns": ("JFK", "COR AUTO 18005KT 2SM BR OVC004 20/18 A2990", NOTHING, RIGHT_VALUES),
    "ice pellets of January 1998": (
        "BUF",
        "24010KT 2SM -PE BR OVC010 M01/M02 A2992",
        NOTHING,
        (240, 10, None, 2, 1000, "-PL BR", "IFR"),
    ),
    "a broken layer of unknown height": (
        "GEG",
        "05004KT 10SM BKN/// 01/M01 A3000",
        {**NOTHING, "vsby": 10, "sky": (("BKN", None),)},
        (50, 4, None, 10, None, None, None),
    ),
    "a vertical visibility of unknown height": (
        "GEG",
        "05004KT 10SM VV///",
        NOTHING,
        (50, 4, None, 10, None, None, None),
    ),
    "an unknown height in fog": ("GEG", "05004KT 1/4SM FG VV///", NOTHING, (50, 4, None, 0.25, None, "FG", "LIFR")),
    "an unknown height in the columns alone": (
        "GEG",
        None,
        {**NOTHING, "vsby": 2, "sky": (("FEW", 500), ("OVC", None))},
        (None, None, None, 2, None, None, None),
    ),
    "a few clouds of unknown height": ("GEG", "05004KT 10SM FEW///", NOTHING, (50, 4, None, 10, None, None, "VFR")),
    "a sky that nobody reports": ("GEG", "05004KT 10SM 01/M01 A3000", NOTHING, (50, 4, None, 10, None, None, None)),
    "a sky that the columns report": (
        "GEG",
        "05004KT 10SM 01/M01 A3000",
        {**NOTHING, "sky": (("OVC", 900),)},
        (50, 4, None, 10, 900, None, "IFR"),
    ),
    "words among the groups": ("JFK", "36020KT 10SM TOWER CLOSED CLR 20/18 A2990", RIGHT, RIGHT_VALUES),
    "a garbled layer": ("JFK", "18005KT 2SM BR O VC004 20/18 A2990", RIGHT, RIGHT_VALUES),
    "a garbled layer, and no columns": (
        "JFK",
        "18005KT 8SM FEW250 O VC004 20/18 A2990",
        NOTHING,
        (180, 5, None, 8, None, None, None),
    ),
    "two winds": ("JFK", "18005KT 36015G25KT 2SM BR OVC004", RIGHT, RIGHT_VALUES),
    "a text cut off in its sky": ("JFK", "18005KT 2SM BR OVC", RIGHT, RIGHT_VALUES),
    "no report": ("JFK", "NOTHING TO SEE HERE", RIGHT, RIGHT_VALUES),
    "a variable wind beside a column that has a direction": (
        "JFK",
        "VRB03KT 10SM CLR",
        {**NOTHING, "drct": 10, "sknt": 3},
        (None, 3, None, 10, None, None, "VFR"),
    ),
    "a wind without unit in Alaska": ("PANC", "06014G22 10SM FEW025", NOTHING, (60, 14, 22, 10, None, None, "VFR")),
    "a wind without unit in Puerto Rico": ("TJSJ", "06014 10SM FEW025", NOTHING, (60, 14, None, 10, None, None, "VFR")),
    "a wind without unit in Guam": ("PGUM", "06014 10SM BKN030", NOTHING, (60, 14, None, 10, 3000, None, "MVFR")),
    "weather that the columns have as it was called before November 1998": (
        "BUF",
        None,
        {**NOTHING, "wxcodes": "-SNPE BR"},
        (None, None, None, None, None, "-SNPL BR", None),
    ),
}
AIRPORTS = {"PANC": "ANC", "TJSJ": "SJU", "PGUM": "GUM"}
OTHER_REPORT = "KJFK 041251Z 36020KT 10SM CLR 20/18 A2990"


def line(station, valid, values, text):
    covers, heights = zip(*(*values["sky"], (None, None), (None, None)), strict=True)
    cells = [
        values["drct"],
        values["sknt"],
        values["gust"],
        values["vsby"],
        *covers[:2],
        *heights[:2],
        values["wxcodes"],
    ]
    return ",".join("M" if cell is None else str(cell) for cell in (station, valid, *cells, text))


@pytest.fixture(scope="module")
def observations(tmp_path_factory):
    """The mart's rows by airport and instant, after a load and a build."""
    folder = tmp_path_factory.mktemp("weather_values")
    answers, settings = folder / "answers", Settings(data_dir=folder / "data")
    answers.mkdir()
    lines = [",".join(("station", "valid", *COLUMNS, "metar"))]
    for day, (station, groups, values, _) in enumerate(CASES.values(), 1):
        code = station if len(station) == 4 else f"K{station}"
        text = None if groups is None else f"{code} {day:02}1251Z {groups}"
        lines.append(line(station, f"1998-01-{day:02} 12:51", values, text))
    lines.append(line("JFK", "1998-02-05 12:51", RIGHT, OTHER_REPORT))
    (answers / "answer.csv").write_text("\n".join(lines) + "\n")
    assert [run.status for run in run_ingest(settings, "reference")] == ["loaded"]
    assert [run.status for run in run_ingest(settings, "asos", origin=str(answers))] == ["loaded"]
    project = DbtProject(settings.data_dir)
    project.run("seed")
    project.run("run", "--select", "+fct_weather_observations")
    return {
        (row[0], row[1]): row[2:]
        for row in project.query(
            "select airport_code, observed_at, wind_direction_degrees, wind_speed_knots, wind_gust_knots,"
            " visibility_miles::double, ceiling_ft, present_weather, flight_category"
            " from marts.fct_weather_observations"
        )
    }


@pytest.mark.parametrize("case", CASES)
def test_a_report_says_in_the_mart_what_is_right(observations, case):
    station, _, _, expected = CASES[case]
    day = 1 + list(CASES).index(case)

    assert observations[AIRPORTS.get(station, station), datetime(1998, 1, day, 12, 51)] == expected


def test_a_text_of_another_time_does_not_count(observations):
    assert observations["JFK", datetime(1998, 2, 5, 12, 51)] == RIGHT_VALUES
