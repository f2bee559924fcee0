import io
import struct
import zipfile

import pytest

from ingestion.reading.archives import extract_member, zip_member
from ingestion.verification import verify_row_count
from ontime.errors import OntimeError

LIMIT = 1_000_000


def archive(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as output:
        for name, content in members.items():
            output.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return path


def member(path):
    return zip_member(path, path.name, lambda name: name.endswith(".csv"), max_unpacked_bytes=LIMIT)


def test_the_data_member_is_found_and_extracted(tmp_path):
    path = archive(tmp_path / "a.zip", readme="hello", folder__data_csv="x\n1\n")
    assert member(path) == "folder/data.csv"
    extracted = extract_member(path, "folder/data.csv", tmp_path)
    assert extracted == tmp_path / "data.csv"
    assert extracted.read_text() == "x\n1\n"


def test_several_data_members_are_refused(tmp_path):
    with pytest.raises(OntimeError, match=r"expected one data file in the zip, it holds a.csv, b.csv"):
        member(archive(tmp_path / "a.zip", a_csv="x", b_csv="x"))


@pytest.mark.parametrize("name", ["../data.csv", "/etc/data.csv", "a/../../data.csv", "..\\data.csv", "C:/data.csv"])
def test_a_path_outside_the_folder_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as output:
        output.writestr(name, "x")
    with pytest.raises(OntimeError, match="holds a path outside its folder"):
        member(tmp_path / "a.zip")


@pytest.mark.parametrize("kept", [0.2, 0.6, 0.99])
def test_a_truncated_zip_is_refused(tmp_path, kept):
    path = archive(tmp_path / "a.zip", data_csv="".join(f"{i}\n" for i in range(10_000)))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(OntimeError, match="not a whole zip file"):
        member(path)


def test_a_damaged_member_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", data_csv="".join(f"{i}\n" for i in range(10_000)))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(OntimeError, match="not a whole zip file"):
        member(path)


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path):
    with pytest.raises(OntimeError, match="unpacks to more than is allowed by ONTIME_MAX_UNPACKED_BYTES"):
        member(archive(tmp_path / "a.zip", data_csv=b"0" * (LIMIT + 1)))


def test_many_members_count_together(tmp_path):
    with pytest.raises(OntimeError, match="unpacks to more than is allowed"):
        member(archive(tmp_path / "a.zip", data_csv=b"0" * (LIMIT // 2), other=b"0" * (LIMIT // 2 + 1)))


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as output:
        output.writestr("data.csv", b"0" * (LIMIT + 1))
    content = buffer.getvalue().replace(struct.pack("<I", LIMIT + 1), struct.pack("<I", 10))
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(OntimeError, match=r"unpacks to more than|not a whole zip"):
        member(tmp_path / "a.zip")


def test_a_text_file_is_no_zip(tmp_path):
    (tmp_path / "a.zip").write_text("<html>404</html>")
    with pytest.raises(OntimeError, match=r"a.zip: not a whole zip file"):
        member(tmp_path / "a.zip")


@pytest.mark.parametrize(("rows", "last"), [(50, 100), (1, None), (0, 0), (500, 100)])
def test_enough_rows_pass(rows, last):
    verify_row_count("x.csv", rows, last, 0.5, force=False)


def test_too_few_rows_are_refused_unless_forced():
    with pytest.raises(OntimeError, match=r"x.csv: 49 rows, under 50% of the 100 of its last version"):
        verify_row_count("x.csv", 49, 100, 0.5, force=False)
    verify_row_count("x.csv", 49, 100, 0.5, force=True)
