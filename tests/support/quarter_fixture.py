"""The sample's first quarter, loaded and built in the same steps on any engine, with corrections that came later."""

from dataclasses import dataclass, replace
from pathlib import Path

from dbt_project import DbtProject
from paths import FIXTURES
from prezip import JANUARY_CSV, month_csv
from sample_files import run_ingest, write_first_quarter

from ontime.settings import Settings

REFERENCE = FIXTURES / "reference"
REPORTS_FILE = "JFK-2013-02.csv"
REPORTS = (FIXTURES / "asos" / REPORTS_FILE).read_bytes()
# a flight left 20 minutes late and not 5 minutes early, and a report was half a degree too cold
RESTATED_FLIGHT = (b'"0855",-5.00,0.00,0.00,-1', b'"0920",20.00,20.00,1.00,1')
CORRECTED_REPORT = (b",34.00,32.00,", b",35.10,32.00,")
# an aircraft of the sample that the registry tells more of
RENAMED_AIRCRAFT = ("101ZZ", "14228")
# months of another source that hold some of the flights, reports, a registry, and corrections of both
LATER = ("bts", "asos", "reference", "bts_restated", "asos_corrected")
# of each the newest, once more
REPEATED = ("reference", "bts_restated", "asos_corrected")
# one of each label, of all but the first one month: it shows what an engine makes of them
KEPT_QUESTIONS = (("departure_delay", "all"), ("arrival_delayed_15", 1), ("cancellation", 1))
# snapshots see an aircraft change if they are taken before it did
FROM_THE_REGISTRY_ON = LATER[2:]


@dataclass(frozen=True)
class Quarter:
    """days of the first quarter on one target.

    Attributes:
        settings: For `ontime` in this process.
        project: The project on the target.
        results: dbt's status of each node of the first build.
    """

    settings: Settings
    project: DbtProject
    results: dict[str, str]


def build_quarter(
    settings: Settings,
    project: DbtProject,
    *options: str,
    after_the_build: tuple[str, ...] = LATER,
    built_again: tuple[str, ...] = (),
    loaded_twice: bool = False,
) -> Quarter:
    """Load the quarter and what came later, and build it, with increments for what comes after the first build.

    The rows do not depend on which loads that are.

    Args:
        settings: Of the target.
        project: On the same target.
        options: More options of the first build.
        after_the_build: Those of the later loads that come after it.
        built_again: dbt's selection of what they change.
        loaded_twice: Load the newest of all again before the second build, which changes nothing.
    """
    project = replace(project, kept_questions=KEPT_QUESTIONS)
    # first what histories are of: a snapshot, taken once after both loads, sees no aircraft change its source
    _ingest(settings, "reference")
    _ingest(settings, "nycflights13", write_first_quarter(settings.data_dir / "sample"))
    later = write_later(settings.data_dir / "later")
    for name in LATER[: -len(after_the_build)]:
        _ingest(settings, name.partition("_")[0], later / name)
    results = project.run("build", *options)
    for name in after_the_build:
        _ingest(settings, name.partition("_")[0], later / name)
    if loaded_twice:
        _ingest(settings, "nycflights13", settings.data_dir / "sample", full_refresh=True)
        for name in REPEATED:
            _ingest(settings, name.partition("_")[0], later / name, full_refresh=True)
    project.run("build", "--exclude-resource-type", "test", "unit_test", *built_again)
    return Quarter(settings, project, results)


def _ingest(settings: Settings, source: str, folder: Path | None = None, **request: bool) -> None:
    (run,) = run_ingest(settings, source, origin=str(folder) if folder else None, **request)
    assert run.status == "loaded", run.error


def write_later(folder: Path) -> Path:
    """A folder for each of the later loads."""
    master = (REFERENCE / "MASTER.txt").read_text(encoding="utf-8").splitlines()[:2]
    files = {
        "bts/january.csv": JANUARY_CSV,
        "bts/march.csv": month_csv(3),
        f"asos/{REPORTS_FILE}": REPORTS,
        "reference/MASTER.txt": "\n".join([*master, ""]).replace(*RENAMED_AIRCRAFT).encode(),
        "reference/ACFTREF.txt": (REFERENCE / "ACFTREF.txt").read_bytes(),
        "bts_restated/march.csv": month_csv(3).replace(*RESTATED_FLIGHT),
        f"asos_corrected/{REPORTS_FILE}": REPORTS.replace(*CORRECTED_REPORT),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
