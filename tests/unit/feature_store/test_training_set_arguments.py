"""What no training set can hold is refused before anything is built, with what is allowed."""

import pytest
from typer.testing import CliRunner

from feature_store.questions import load_question
from feature_store.questions.horizons import span
from feature_store.training_sets.choices import Choices, check, read_groups, read_horizon, read_instant
from ontime.cli import app


def told(*arguments: str) -> str:
    """The one line that `ontime training-set` refuses with."""
    done = CliRunner().invoke(app, ["training-set", *arguments])
    assert done.exit_code == 1, done.output
    (line,) = done.stderr.strip().splitlines()[-1:]
    return line


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A data folder without anything: whoever begins to build says so."""
    monkeypatch.setenv("ONTIME_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a'b",), "cannot name a training set: use letters, digits, dots, dashes and underscores"),
        (("a[1]",), "cannot name a training set"),
        (("a b",), "cannot name a training set"),
        (("../outside",), "cannot name a training set"),
        (("/tmp/outside",), "cannot name a training set"),
        ((".hidden",), "cannot name a training set"),
        (("..",), "cannot name a training set"),
        (("a\n",), "cannot name a training set"),
        (("é",), "cannot name a training set"),
        (("n" * 101,), "cannot name a training set"),
        (("x", "--horizon", "6h"), "--horizon 6h: there are no such examples: choose from 24h, 2h, 30m"),
        (("x", "--horizon", "2h", "--horizon", "45m"), "--horizon 45m: there are no such examples"),
        (("x", "--horizon", "departure"), "--horizon departure: there are no such examples: choose from 24h, 2h, 30m"),
        (("x", "--question", "cancellation", "--horizon", "30m"), "there are no such examples: choose from 24h, 2h"),
        (("x", "--question", "cancelation"), "there is no question 'cancelation': perhaps cancellation; choose from"),
        (("x", "--question", "../cancellation"), "there is no question '../cancellation'"),
        (("x", "--horizon", "soon"), "--horizon 'soon' is no time span: write for example 30m, 2h or 1d"),
        (
            ("x", "--features", "orign"),
            "--features 'orign': there is no such group: perhaps origin; choose from origin,",
        ),
        (
            ("x", "--features", "origin,a'b"),
            """--features "a'b": there is no such group: choose from origin, carrier""",
        ),
        (("x", "--features", " , "), "--features names no group"),
        (
            ("x", "--start", "spring"),
            "--start 'spring' is not a month, a day or an instant: write 2013-03,",
        ),
        (("x", "--as-of", "0001-01-01T00:00+14:00"), "is not a month, a day or an instant"),
        (("x", "--start", "2013-03-02", "--end", "2013-03-01"), "is not before --end"),
        (("x", "--start", "2013-04", "--end", "2013-03"), "is not before --end"),
        (("x", "--start", "2013-03-01", "--as-of", "2013-02-01"), "is not before --as-of"),
    ],
)
def test_create_refuses_at_once(empty, arguments, said):
    assert said in told("create", *arguments)
    assert not empty.exists()


@pytest.mark.parametrize("name", ["a'b", "a[1]", "../../elsewhere/set", ".", "..", ""])
@pytest.mark.parametrize("command", ["verify", "remove"])
def test_no_name_leads_elsewhere(empty, command, name):
    elsewhere = empty.parent / "elsewhere" / "set"
    elsewhere.mkdir(parents=True)
    (elsewhere / "receipt.json").write_text("{}")
    assert "cannot name a training set" in told(command, name)
    assert (elsewhere / "receipt.json").exists()


def test_a_folder_that_no_set_can_be_called_is_named_in_the_list(empty):
    folder = empty / "training_sets" / "a'b"
    folder.mkdir(parents=True)
    (folder / "receipt.json").write_text("{}")
    assert """"a'b" cannot name a training set""" in told("list")


def test_what_can_be_asked_for_is_allowed():
    question = load_question("departure_delay")
    instants = (read_instant("--start", "2013-03-01"), read_instant("--end", "2013-03-01T01:00+00:30", is_end=True))
    assert str(instants[1]) == "2013-03-01 00:30:00"
    choices = Choices(
        horizons_minutes=(read_horizon("1d"), read_horizon("24h"), read_horizon("30m")),
        start=instants[0],
        end=instants[1],
        features=read_groups("route, route,origin_weather"),
    )
    assert choices.features == ("route", "origin_weather")
    check(choices, None, question)
    assert [span(minutes) for minutes in question.horizons_minutes] == ["24h", "2h", "30m"]
