from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfoNotFoundError

import pytest

from ingestion.sources.reference.time_zones import utc_offsets, zone_names


def stretches(zone: str, year: int) -> list[tuple[datetime, int]]:
    return [
        (row["utc_from"], row["utc_offset_minutes"])
        for row in utc_offsets([zone]).to_pylist()
        if row["utc_from"].year == year
    ]


def test_new_york_changes_its_clocks_twice_a_year():
    assert stretches("America/New_York", 2013) == [
        (datetime(2013, 3, 10, 7), -240),
        (datetime(2013, 11, 3, 6), -300),
    ]


def test_rules_of_their_time_apply():
    assert stretches("America/New_York", 2006) == [
        (datetime(2006, 4, 2, 7), -240),
        (datetime(2006, 10, 29, 6), -300),
    ]
    assert stretches("America/Phoenix", 2013) == []


def test_a_zone_without_gaps():
    rows = utc_offsets(["America/Indiana/Indianapolis"]).to_pylist()
    assert all(row["utc_to"] == following["utc_from"] for row, following in pairwise(rows))
    assert rows[-1]["utc_to"] - rows[0]["utc_from"] > timedelta(days=365 * 50)


def test_every_zone_of_the_database_is_known_by_its_former_names_too():
    names = zone_names()
    assert {"America/Indiana/Indianapolis", "America/Indianapolis", "US/East-Indiana"} <= set(names)
    assert len(names) > 500


def test_an_unknown_zone_is_an_error():
    with pytest.raises(ZoneInfoNotFoundError, match="Mars/Olympus"):
        utc_offsets(["Mars/Olympus"])
