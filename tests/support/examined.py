"""What `ontime doctor` finds, in this process."""

from dbt_project import ROOT, environment

from operations.doctor.examination import examine

DBT = {"DBT_PROJECT_DIR": str(ROOT), "DBT_PROFILES_DIR": str(ROOT)}


def examined(**variables: str) -> dict[str, tuple[str, str, str]]:
    """Level, what was found and what to do by check, without the checks that find all well."""
    with environment(**DBT | variables):
        findings = list(examine(lambda _line: None))
    unwell = [finding for finding in findings if finding.level != "ok"]
    assert all(finding.todo for finding in unwell)
    return {finding.check: (finding.level, finding.found, finding.todo) for finding in unwell}
