import zipfile
from datetime import date

import pytest
from sample_files import flight_lines, query, run_ingest, run_ontime, write_sample

GOOD = flight_lines(1_000)
BAD = {
    "2013,13,1,500,500,0,500,500,NA,UA,1,N14228,EWR,IAH,227,1400,5,0,2013-99-01T10:00:00Z": "time_hour",
    "2013,1,1,500,2561,0,500,500,NA,UA,1,N14228,EWR,IAH,227,1400,5,0,2013-01-01T10:00:00Z": "sched_dep_time",
    "2013,2,30,500,500,0,500,500,NA,UA,1,N14228,EWR,IAH,227,1400,5,0,2013-01-01T10:00:00Z": "are no date: 2013-2-30",
    "9999,1,1,500,500,0,500,500,NA,UA,1,N14228,EWR,IAH,227,1400,5,0,2013-01-01T10:00:00Z": "are not within 1987-01-01",
    "2013,1,1,500,500,0,500,500,NA,NA,1,N14228,EWR,IAH,227,1400,5,0,2013-01-01T10:00:00Z": "carrier",
    "2013,1,1,500": "4 fields, expected 19",
}


def rows(settings, table):
    return query(settings.raw_database, f"select count(*) from raw_nycflights13.{table}")[0][0]


@pytest.mark.parametrize(("line", "reason"), BAD.items())
def test_a_row_that_cannot_be_read_is_put_aside_and_the_rest_loads(loaded, sample, line, reason):
    write_sample(sample, [*GOOD[:500], line, *GOOD[500:]])
    (run,) = run_ingest(loaded, origin=str(sample))
    assert (run.status, run.rows, run.rejected_rows) == ("loaded", 1_000, 1)
    ((file, line_number, why, raw_text),) = query(
        loaded.raw_database, "select file, line_number, reason, raw_text from raw_nycflights13.quarantine"
    )
    assert file.endswith("-flights.csv")
    assert (line_number, raw_text) == (502, line)
    assert reason in why


def test_rows_after_a_bad_one_keep_their_line_numbers(loaded, sample):
    write_sample(sample, [*GOOD[:500], "2013,1,1,500", *GOOD[500:]])
    run_ingest(loaded, origin=str(sample))
    assert query(
        loaded.raw_database,
        "select distinct _source_line - flight from raw_nycflights13.flights"
        " where _dlt_load_id = (select max(_dlt_load_id) from raw_nycflights13.loaded_files) and flight > 500",
    ) == [(2,)]


def test_damage_that_costs_no_row_is_counted_by_file_column_and_rule(loaded, sample):
    lines = [
        "2013,1,1,2575,500,soon,500,late,NA,UA,1,N14228,EWR,IAH,227,1400,5,0,2013-01-01T10:00:00Z",
        "2013,1,1,500,500,later,500,500,NA,UA,1,N14228,EWR,IAH,227,1400,5,0,2013-01-01T10:00:00Z",
    ]
    write_sample(sample, [*GOOD, *lines])
    (sample / "weather.csv").write_text(
        "origin,year,month,day,hour,temp,time_hour\nEWR,2013,1,1,1,cold,2013-01-01 06:00\n"
    )
    (run,) = run_ingest(loaded, origin=str(sample))
    assert (run.status, run.rows, run.rejected_rows, run.damaged_values) == ("loaded", 1_003, 0, 5)
    damaged = "select split_part(file, '-', 2), column_name, rule, value_count, example, month"
    assert query(loaded.raw_database, f"{damaged} from raw_nycflights13.damaged_values order by 1, 2") == [
        ("flights.csv", "dep_delay", "is no whole number", 2, "later", date(2013, 1, 1)),
        ("flights.csv", "dep_time", "is no clock time", 1, "2575", date(2013, 1, 1)),
        ("flights.csv", "sched_arr_time", "is no clock time", 1, "late", date(2013, 1, 1)),
        ("weather.csv", "temp", "is no number", 1, "cold", date(2013, 1, 1)),
    ]
    assert query(
        loaded.raw_database,
        "select count(*) from raw_nycflights13.damaged_values"
        " where _dlt_load_id in (select load_id from raw_nycflights13._dlt_loads where status = 0)",
    ) == [(4,)]
    told = "nycflights13: values that cannot be read, and are null: 5; see raw_nycflights13.damaged_values"
    assert told in run_ontime(loaded.data_dir, "status").stdout


def test_a_column_that_is_damaged_all_over_refuses_the_file(loaded, sample):
    write_sample(sample, [line.replace(",N14228,EWR,IAH,227,", ",N14228,EWR,IAH,long,") for line in GOOD])
    (run,) = run_ingest(loaded, origin=str(sample))
    assert (run.status, run.rows) == ("failed", 0)
    assert "flights.csv: refused, 1,000 of 1,000 values of air_time cannot be read" in run.error
    (run,) = run_ingest(loaded.model_copy(update={"max_damaged_value_share": 1}), origin=str(sample))
    assert (run.status, run.rows, run.damaged_values) == ("loaded", 1_000, 1_000)


def test_2400_is_a_clock_time(loaded, sample):
    write_sample(sample, [*GOOD, GOOD[0].replace("500,500", "2400,500", 1)])
    (run,) = run_ingest(loaded, origin=str(sample))
    assert (run.rows, run.rejected_rows) == (1_001, 0)


def test_a_file_with_too_many_bad_rows_is_refused_whole(loaded, sample):
    before = rows(loaded, "flights"), rows(loaded, "quarantine"), rows(loaded, "loaded_files")
    write_sample(sample, [*GOOD, *["2013,1,1,500"] * 11])
    (run,) = run_ingest(loaded, origin=str(sample))
    assert run.status == "failed"
    assert run.error == (
        "flights.csv: refused, 11 of 1,011 rows cannot be read (more than 1.0% allowed by"
        " ONTIME_MAX_REJECTED_ROW_SHARE), the first is line 1,002: 4 fields, expected 19"
    )
    assert before == (rows(loaded, "flights"), rows(loaded, "quarantine"), rows(loaded, "loaded_files"))


def test_the_share_of_bad_rows_is_a_setting(loaded, sample):
    write_sample(sample, [*GOOD, *["2013,1,1,500"] * 11])
    (run,) = run_ingest(loaded.model_copy(update={"max_rejected_row_share": 0.02}), origin=str(sample))
    assert (run.status, run.rows, run.rejected_rows) == ("loaded", 1_000, 11)


def test_one_refused_file_does_not_keep_the_others_out(settings, sample):
    (sample / "planes.csv").write_text("tailnum\n")
    (sample / "weather.csv").write_text("origin,year\nEWR,2013\n")
    (run,) = run_ingest(settings, origin=str(sample))
    assert (run.status, run.rows) == ("failed", 402)
    assert run.error == "weather.csv: refused, it lacks the columns month, day, hour, time_hour"


def test_a_file_that_shrank_is_refused_unless_forced(loaded, sample):
    write_sample(sample, flight_lines(199))
    (run,) = run_ingest(loaded, origin=str(sample))
    assert run.status == "failed"
    assert "flights.csv: 199 rows, under 50% of the 400 of its last version" in run.error
    assert rows(loaded, "flights") == 400
    (run,) = run_ingest(loaded, origin=str(sample), force=True)
    assert (run.status, run.rows) == ("loaded", 199)


def test_a_damaged_or_dangerous_zip_is_refused_and_loads_nothing(loaded, sample, tmp_path):
    def refused(name):
        (run,) = run_ingest(loaded.model_copy(update={"max_unpacked_bytes": 1_000_000}), origin=str(sample))
        assert run.status == "failed", name
        assert rows(loaded, "flights") == 400
        return run.error

    (sample / "flights.csv").unlink()
    archive = sample / "flights.csv.zip"
    archive.write_bytes(b"")
    assert refused("empty") == "flights.csv.zip: the file is empty"
    archive.write_bytes(b"<html>moved</html>" * 100)
    assert "flights.csv.zip: not a whole zip file" in refused("a page")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as output:
        output.writestr("readme.html", "nothing here")
    assert refused("no member") == "flights.csv.zip: expected one data file in the zip, it holds readme.html"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as output:
        output.writestr("flights.csv", "\n".join(GOOD))
        output.writestr("../../escaped.csv", "x")
    assert refused("slip") == "flights.csv.zip: holds a path outside its folder (../../escaped.csv)"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as output:
        output.writestr("flights.csv", b"0" * 2_000_000)
    assert "unpacks to more than is allowed by ONTIME_MAX_UNPACKED_BYTES" in refused("bomb")
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    assert "flights.csv.zip: not a whole zip file" in refused("truncated")
    assert not list(tmp_path.rglob("escaped.csv"))
