"""Who is told of a problem, when, and how often."""

import pytest
from alert_receivers import mail_server, webhook
from sample_files import run_ontime

from operations.alerts.alerts import open_alerts, tell
from orchestration.daily import run_daily, run_step
from orchestration.steps import Step

SECRET = "T0K3N-T0K3N"
BUILD = {"daily run: build": "fct_flights failed"}
WELL = {"daily run: build": None}


@pytest.fixture
def hook():
    with webhook() as received:
        yield received


@pytest.fixture
def mail():
    with mail_server() as received:
        yield received


@pytest.fixture
def alerted(settings, hook, mail, monkeypatch):
    """Settings with both channels."""
    settings.data_dir.mkdir()
    url = f"http://127.0.0.1:{hook.port}/services/{SECRET}"
    monkeypatch.setenv("ONTIME_ALERT_WEBHOOK_URL", url)
    return settings.load(
        data_dir=settings.data_dir,
        alert_email_to="ops@example.org",
        smtp_host="127.0.0.1",
        smtp_port=mail.port,
        smtp_security="none",
    )


def test_both_channels_are_told_once_of_a_problem_and_once_of_its_end(alerted, hook, mail):
    for seen in (BUILD, BUILD, BUILD | {"daily run: docs": "no room"}, WELL, WELL):
        assert tell(alerted, seen) == []
    assert [text.partition(" (since ")[0] for text in hook.texts] == [
        "Problem: daily run: build: fct_flights failed",
        "Problem: daily run: docs: no room",
        "Well again: daily run: build",
    ]
    assert len(mail.texts) == 3
    assert "Subject: ontime (dev on " in mail.texts[0]
    assert "To: ops@example.org" in mail.texts[0]
    assert "Problem: daily run: build: fct_flights failed" in mail.texts[0]
    assert list(open_alerts(alerted)) == ["daily run: docs"]


def test_a_problem_that_comes_again_is_told_again(alerted, hook):
    for seen in (BUILD, WELL, BUILD):
        tell(alerted, seen)
    assert [text.partition(":")[0] for text in hook.texts] == ["Problem", "Well again", "Problem"]


def test_a_channel_that_could_not_be_told_is_told_later_and_no_other_twice(alerted, hook, mail):
    hook.status = 503
    assert tell(alerted, BUILD) == ["alerts: webhook: answered 503"]
    hook.status = 200
    assert tell(alerted, BUILD) == []
    assert (len(hook.texts), len(mail.texts)) == (1, 1)


def test_a_problem_that_a_channel_never_heard_of_ends_in_silence(alerted, hook, mail):
    hook.status = 503
    tell(alerted, BUILD)
    hook.status = 200
    assert tell(alerted, WELL) == []
    assert (len(hook.texts), len(mail.texts)) == (0, 2)
    assert open_alerts(alerted) == {}


def test_what_cannot_be_told_is_a_line_without_the_secret(alerted, hook):
    gone = alerted.model_copy(update={"smtp_port": 1})
    hook.status = 302
    faults = tell(gone, {"daily run: build": f"no answer of https://host/?key={SECRET}"})
    assert faults == [
        "alerts: webhook: answered 302",
        "alerts: e-mail by 127.0.0.1:1: cannot be sent ([Errno 111] Connection refused)",
    ]
    assert SECRET not in (alerted.data_dir / "alerts.json").read_text() + "".join(faults)


def test_without_channels_nothing_is_written(settings):
    assert tell(settings, BUILD) == []
    assert not settings.data_dir.exists()


def test_a_run_that_fails_tells_of_it_and_one_whose_alert_fails_says_so_in_a_line(alerted, hook, monkeypatch):
    monkeypatch.setenv("ONTIME_DATA_DIR", str(alerted.data_dir))
    step, lines = Step("status", "fails where nothing is loaded", "ontime status"), []
    assert not run_step(alerted, step, lines.append).is_well
    assert hook.texts[0].startswith("Problem: daily run: status: ")
    assert not [line for line in lines if line.startswith("alerts: ")]
    (alerted.data_dir / "alerts.json").unlink()
    hook.status = 500
    assert not run_step(alerted, step, lines.append).is_well
    assert [line for line in lines if line.startswith("alerts: ")] == ["alerts: webhook: answered 500"]


def test_what_was_wrong_with_a_step_that_is_no_more_is_over(alerted, hook, monkeypatch):
    monkeypatch.setenv("ONTIME_DATA_DIR", str(alerted.data_dir))
    tell(alerted, {"daily run: ingest_asos": "no answer", "sink": "lags"})
    done = run_daily(alerted, [Step("version", "tells its version", "ontime --version")], print, restart=False)
    assert done.is_well
    assert hook.texts[1].startswith("Well again: daily run: ingest_asos")
    assert list(open_alerts(alerted)) == ["sink"]


def test_a_trial_is_sent_to_all_and_the_exit_status_tells_whether_it_came(tmp_path, hook):
    env = {"ONTIME_ALERT_WEBHOOK_URL": f"http://127.0.0.1:{hook.port}/{SECRET}"}
    assert "webhook: sent" in run_ontime(tmp_path, "alerts", "test", env=env).stdout
    hook.status = 404
    done = run_ontime(tmp_path, "alerts", "test", env=env)
    assert (done.returncode, done.stderr) == (1, "error: webhook: answered 404\n")
