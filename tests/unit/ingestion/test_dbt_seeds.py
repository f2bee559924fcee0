"""Seeds that dbt would misread are refused with the line, and everything else is read."""

import pytest
from paths import ROOT

from ingestion.dbt_seeds import verify_seeds
from ontime.errors import OntimeError

HEADER = b"tail_number,excluded_on,note\n"
LINE = b"N327AA,2026-02-01,asked to\n"


@pytest.fixture
def refusal(tmp_path):
    """What is said of a list of excluded aircraft; none where it is read."""

    def said(content: bytes) -> str | None:
        folder = tmp_path / "seeds"
        folder.mkdir(exist_ok=True)
        (folder / "_seeds.yml").write_bytes((ROOT / "seeds" / "_seeds.yml").read_bytes())
        (folder / "excluded_aircraft.csv").write_bytes(content)
        try:
            verify_seeds(folder)
        except OntimeError as error:
            return str(error)
        return None

    return said


def test_the_seeds_of_the_project_are_readable():
    verify_seeds(ROOT / "seeds")


@pytest.mark.parametrize(
    "tail_number",
    [
        "n327aa",
        " N327AA",
        "N-327AA",
        "327AA",
        "N 327 AA",
        "N\u00a0327AA",
        "N\u2013327AA",
        "'N327AA'",
        '"N327AA"',
        "C-FTCA",
        "9V-SKA",
    ],
)
def test_a_tail_number_may_be_spelt_in_any_way(refusal, tail_number):
    assert refusal(HEADER + tail_number.encode() + b",,\n") is None


@pytest.mark.parametrize(
    "content",
    [
        HEADER,
        HEADER + LINE.strip(),
        HEADER + LINE + LINE,
        b"\xef\xbb\xbf" + HEADER + LINE,
        HEADER.replace(b"\n", b"\r\n") + LINE,
        HEADER + b'N1AA,,"asked to, in ""writing""\nand on the telephone"\n' + LINE,
    ],
)
def test_a_list_may_be_saved_in_any_way(refusal, content):
    assert refusal(content) is None


@pytest.mark.parametrize(
    ("lines", "number", "found"),
    [
        (LINE + b"\n" + LINE, 3, "nothing stands in it: remove the line"),
        (LINE + b"\n", 3, "nothing stands in it: remove the line"),
        (LINE + b" ,,\n", 3, "nothing stands in it: remove the line"),
        (b",2026-02-01,asked to\n", 2, "'' is no tail number: write one, such as N327AA, or remove the line"),
        (b"null,,\n", 2, "'null' is no tail number"),
        (b"unknown,,\n", 2, "'unknown' is no tail number"),
        (b"-,,\n", 2, "'-' is no tail number"),
        (b"N327AA N328AA,,\n", 2, "'N327AA N328AA' is no tail number"),
        (b"N327*,,\n", 2, "'N327*' is no tail number"),
        ("N327\u0410A,,\n".encode(), 2, "'N327\u0410A' is no tail number"),
        (b"2026-02-01,N327AA,\n", 2, "'2026-02-01' is no tail number"),
        (b"N327AA,yesterday,\n", 2, "'yesterday' is no date: write it as 2026-02-01, or leave it empty"),
        (b"N327AA,2026-02-30,\n", 2, "'2026-02-30' is no date"),
        (b"N327AA,20260201,\n", 2, "'20260201' is no date"),
        (LINE + b"N1AA\n", 3, "it has 1 values for the 3 columns tail_number,excluded_on,note: put quotes around"),
        (b"N327AA,,asked to, in writing\n", 2, "it has 4 values for the 3 columns"),
        (LINE.strip() + LINE, 2, "it has 5 values for the 3 columns"),
        (b"# asked to\n", 2, "it has 1 values for the 3 columns"),
        (b'N1AA,,"over\ntwo"\nN2AA\n', 4, "it has 1 values for the 3 columns"),
        (LINE + b'"N1AA,,\nN2AA,,\n', 3, "it cannot be read (unexpected end of data): write quotes in pairs"),
        (b'"N1"AA,,\n', 2, "it cannot be read ("),
        (LINE + b"N1AA,,caf\xe9\n", 3, "it is not UTF-8: save the file as UTF-8"),
    ],
)
def test_an_unreadable_line_is_named(refusal, lines, number, found):
    assert refusal(HEADER + lines).startswith(f"seeds/excluded_aircraft.csv, line {number}: {found}")


@pytest.mark.parametrize(
    "content", [b"", LINE, b"tail_number;excluded_on;note\nN327AA;;\n", b"tail_number\nN327AA\n", b"\n" + HEADER]
)
def test_a_first_line_that_does_not_name_the_columns_is_refused(refusal, content):
    assert refusal(content) == (
        "seeds/excluded_aircraft.csv, line 1: the first line is not tail_number,excluded_on,note:"
        " begin the file with it"
    )


def test_every_seed_is_read(tmp_path):
    (tmp_path / "_seeds.yml").write_text("seeds: [{name: codes, columns: [{name: code}, {name: meaning}]}]")
    (tmp_path / "codes.csv").write_text("code,meaning\nA,first\n\nB,second\n")
    with pytest.raises(OntimeError, match=r"/codes.csv, line 3: nothing stands in it: remove the line"):
        verify_seeds(tmp_path)
