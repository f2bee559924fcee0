import pytest

from ontime.errors import NotYetError, OntimeError
from ontime.redaction import without_secrets
from ontime.settings import Settings
from streaming.broker.client import client_options, consumer_options, producer_options

SERVERS = {"kafka_bootstrap_servers": "kafka.example:9092"}


def test_without_a_broker_it_is_said_how_to_get_one(tmp_path):
    with pytest.raises(NotYetError, match="ontime broker start"):
        client_options(Settings(data_dir=tmp_path))


def test_a_producer_of_a_cluster_is_idempotent_and_that_of_the_own_broker_never(tmp_path):
    assert producer_options(Settings(**SERVERS))["enable.idempotence"] is True
    assert producer_options(Settings(kafka_idempotence=False, **SERVERS))["enable.idempotence"] is False
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "layout.json").write_text('{"port": 19092, "storage_ports": {}, "secret": "x"}')
    own = producer_options(Settings(data_dir=tmp_path))
    assert (own["bootstrap.servers"], own["enable.idempotence"]) == ("127.0.0.1:19092", False)


def test_keys_are_partitioned_as_java_clients_do_it():
    assert producer_options(Settings(**SERVERS))["partitioner"] == "murmur2_random"


def test_a_login_is_handed_on_and_shown_nowhere(monkeypatch):
    monkeypatch.setenv("ONTIME_KAFKA_SASL_PASSWORD", "very-secret")
    monkeypatch.setenv("ONTIME_KAFKA_OPTIONS", '{"ssl.key.password": "also-secret"}')
    settings = Settings.load(
        kafka_security_protocol="SASL_SSL", kafka_sasl_mechanism="SCRAM-SHA-512", kafka_sasl_username="ana", **SERVERS
    )
    options = client_options(settings)
    assert (options["sasl.username"], options["sasl.password"]) == ("ana", "very-secret")
    assert options["ssl.key.password"] == "also-secret"
    for shown in (repr(settings), without_secrets("very-secret also-secret")):
        assert "very-secret" not in shown
        assert "also-secret" not in shown


def test_options_of_the_library_go_before_all_others():
    settings = Settings(kafka_options='{"session.timeout.ms": 2000, "fetch.wait.max.ms": 5}', **SERVERS)
    options = consumer_options(settings)
    assert (options["session.timeout.ms"], options["fetch.wait.max.ms"]) == (2000, 5)


def test_options_that_are_no_object_are_refused(monkeypatch):
    monkeypatch.setenv("ONTIME_KAFKA_OPTIONS", "[]")
    with pytest.raises(OntimeError, match=r"ONTIME_KAFKA_OPTIONS: .*expected a JSON object"):
        Settings.load()
