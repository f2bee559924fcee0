import pytest
from pydantic import ValidationError

from ontime.errors import OntimeError
from ontime.settings import Settings


def test_defaults_stand_in_the_data_folder():
    settings = Settings.load()
    assert settings.target == "dev"
    assert (settings.landing_url, settings.working_url) == ("data/landing", "data/dlt")
    assert settings.raw_database.as_posix() == "data/raw.duckdb"
    assert settings.published_database.as_posix() == "data/published/ontime.duckdb"


def test_variables_set_them(monkeypatch):
    monkeypatch.setenv("ONTIME_DATA_DIR", "/elsewhere")
    monkeypatch.setenv("ONTIME_MAX_REJECTED_ROW_SHARE", "0.2")
    settings = Settings.load()
    assert settings.landing_url == "/elsewhere/landing"
    assert settings.max_rejected_row_share == 0.2


def test_a_misspelt_variable_is_an_error(monkeypatch):
    monkeypatch.setenv("ONTIME_LANDING", "x")
    with pytest.raises(OntimeError, match="unknown setting ONTIME_LANDING: the settings are") as error:
        Settings.load()
    assert "\n" not in str(error.value)


def test_a_misspelt_argument_is_an_error():
    with pytest.raises(OntimeError, match="ONTIME_DATADIR"):
        Settings.load(datadir="x")


@pytest.mark.parametrize(("name", "value"), [("MIN_SIZE_SHARE", "1.5"), ("HTTP_ATTEMPTS", "0"), ("THREADS", "many")])
def test_a_value_that_is_not_allowed_is_named(monkeypatch, name, value):
    monkeypatch.setenv(f"ONTIME_{name}", value)
    with pytest.raises(OntimeError, match=f"setting ONTIME_{name}: "):
        Settings.load()


def test_settings_are_frozen():
    with pytest.raises(ValidationError):
        Settings.load().target = "other"  # type: ignore[misc]


def test_secrets_are_not_printed(monkeypatch):
    monkeypatch.setenv("ONTIME_STORAGE_OPTIONS", '{"secret": "hunter2"}')
    settings = Settings.load()
    assert "hunter2" not in repr(settings) + str(settings.model_dump())
    assert settings.fsspec_options() == {"secret": "hunter2"}


@pytest.mark.parametrize("text", ["[1]", "key=hunter2", '"hunter2"'])
def test_storage_options_that_are_no_object_are_an_error_without_the_value(monkeypatch, text):
    monkeypatch.setenv("ONTIME_STORAGE_OPTIONS", text)
    with pytest.raises(OntimeError) as error:
        Settings.load().fsspec_options()
    assert str(error.value) == "setting ONTIME_STORAGE_OPTIONS: expected a JSON object"
