"""A build keeps the examples of the questions, and of as many of the newest months, as the project says."""

import pytest
from dbt_project import DbtProject
from raw_rows import RawData, bts_flight

MONTHS = ("2013-01", "2013-02", "2013-03", "2013-04")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    RawData(folder).load("bts", "flights", [bts_flight(f"{month}-{day}", 1) for month in MONTHS for day in (10, 20)])
    DbtProject(folder, kept_questions=(("cancellation", 2),)).run(
        "build", "--select", "+trn_cancellation", "--exclude-resource-type", "test", "unit_test"
    )
    return folder


def months(project: DbtProject) -> list[str]:
    found = project.query("select distinct strftime(flight_month, '%Y-%m') from training.trn_cancellation order by 1")
    return [month for (month,) in found]


@pytest.mark.slow
def test_as_many_of_the_newest_months_are_kept_as_the_project_says(data_dir):
    assert months(DbtProject(data_dir)) == ["2013-03", "2013-04"]
    more = DbtProject(data_dir, kept_questions=(("cancellation", "all"),))
    more.run("build", "--select", "trn_cancellation")
    assert months(more) == [*MONTHS]
    fewer = DbtProject(data_dir, kept_questions=(("cancellation", 1),))
    fewer.run("build", "--select", "trn_cancellation")
    assert months(fewer) == ["2013-04"]


@pytest.mark.slow
def test_what_is_not_kept_is_not_built(data_dir):
    manifest = DbtProject(data_dir).manifest()
    kept = {
        node.name for node in manifest.nodes.values() if node.fqn[1] == "training" and node.resource_type == "model"
    }
    assert kept == {"lbl_departure_delay", "trn_departure_delay"}
    tables = DbtProject(data_dir).query("select table_name from duckdb_tables() where schema_name = 'training'")
    assert tables == [("lbl_cancellation",), ("trn_cancellation",)]


@pytest.mark.slow
def test_a_number_of_months_that_is_none_is_refused(data_dir):
    project = DbtProject(data_dir, kept_questions=(("cancellation", 0),))
    with pytest.raises(Exception, match="cancellation: 0 is no number of months: write 'all', or 1 or more"):
        project.manifest().nodes  # noqa: B018 - to parse it
