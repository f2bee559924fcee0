import pytest

from engines.spark.java import java
from ontime.errors import OntimeError

SEVENTEEN = 'openjdk version "17.0.15" 2025-04-15'


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a `java` that tells of a version first on the path, and no other there."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    def make(said, folder=tmp_path / "bin"):
        folder.mkdir(exist_ok=True, parents=True)
        program = folder / "java"
        program.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
        program.chmod(0o755)
        return str(program)

    return make


def test_the_first_on_the_path_is_taken(install):
    program = install(SEVENTEEN)
    assert java() == (program, 17)


def test_java_home_goes_before_the_path(install, tmp_path, monkeypatch):
    install(SEVENTEEN)
    newer = install('openjdk version "21" 2023-09-19', tmp_path / "home" / "bin")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert java() == (newer, 21)


@pytest.mark.parametrize(
    ("said", "version"), [('openjdk version "11.0.22" 2024-01-16', 11), ('java version "1.8.0_392"', 8)]
)
def test_an_older_one_is_refused(install, said, version):
    program = install(said)
    with pytest.raises(
        OntimeError, match=rf"{program} is Java {version}, and Spark needs 17 or newer: install Java 17"
    ):
        java()


def test_none_at_all_says_how_to_get_one(install):
    with pytest.raises(OntimeError, match="there is no Java on the path: install Java 17 with make spark"):
        java()


def test_what_tells_no_version_is_refused(install):
    install("cannot find the library libjvm.so")
    with pytest.raises(OntimeError, match=r"does not tell its version \(cannot find the library libjvm.so\)"):
        java()


def test_what_does_not_run_is_refused(install, tmp_path):
    program = install(SEVENTEEN)
    (tmp_path / "bin" / "java").write_bytes(b"\x7fELF scratched")
    with pytest.raises(OntimeError, match=f"{program} does not run"):
        java()
