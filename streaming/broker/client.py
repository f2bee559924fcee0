"""How clients of the broker are set up."""

from __future__ import annotations

from typing import Any, Final

from ontime.errors import NotYetError
from ontime.settings import Settings
from streaming.broker.demo import DemoBroker

# members of the group are not managed by the broker: it only shows how far the sink has come
GROUP: Final = "ontime-sink"
FETCHED_KILOBYTES: Final = 16_384
LONGEST_MESSAGE_BYTES: Final = 4_000_000


def bootstrap_servers(settings: Settings) -> str:
    """Where the brokers are.

    Raises:
        NotYetError: If none is named, and the data folder has none of its own.
    """
    address = settings.kafka_bootstrap_servers or DemoBroker.of(settings).address
    if address is None:
        raise NotYetError(
            "there is no broker yet", remedy="run ontime broker start, or set ONTIME_KAFKA_BOOTSTRAP_SERVERS"
        )
    return address


def client_options(settings: Settings) -> dict[str, Any]:
    """The options of librdkafka that all clients share.

    Raises:
        NotYetError: If there is no broker.
    """
    password = settings.kafka_sasl_password
    options = {
        "bootstrap.servers": bootstrap_servers(settings),
        "client.id": "ontime",
        "security.protocol": settings.kafka_security_protocol,
        "sasl.mechanism": settings.kafka_sasl_mechanism,
        "sasl.username": settings.kafka_sasl_username,
        "sasl.password": password.get_secret_value() if password else None,
        "ssl.ca.location": settings.kafka_ssl_ca and str(settings.kafka_ssl_ca),
        "ssl.certificate.location": settings.kafka_ssl_certificate and str(settings.kafka_ssl_certificate),
        "ssl.key.location": settings.kafka_ssl_key and str(settings.kafka_ssl_key),
        # a broker that starts again is found soon
        "reconnect.backoff.max.ms": 500,
        "topic.metadata.refresh.interval.ms": 10_000,
        "log_level": 2,
    }
    return {name: value for name, value in options.items() if value is not None} | settings.librdkafka_options()


def producer_options(settings: Settings) -> dict[str, Any]:
    """Those of a producer: each record is kept by all copies before it counts, and records stay in order."""
    own = settings.kafka_bootstrap_servers is None
    idempotence = settings.kafka_idempotence and not own
    options = {
        "acks": "all",
        "enable.idempotence": idempotence,
        # without idempotence a batch that is sent again could land behind its successor
        "max.in.flight.requests.per.connection": 5 if idempotence else 1,
        # Java's clients put a key into the same partition
        "partitioner": "murmur2_random",
        "compression.type": "lz4",
        "linger.ms": 20,
        "message.max.bytes": LONGEST_MESSAGE_BYTES,
        "message.timeout.ms": 300_000,
    }
    return options | client_options(settings)


def consumer_options(settings: Settings) -> dict[str, Any]:
    """Those of a consumer that is told where to read, and tells when it is at an end; it holds little in memory."""
    options = {
        "group.id": GROUP,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
        "queued.max.messages.kbytes": FETCHED_KILOBYTES,
        "fetch.wait.max.ms": 200,
    }
    return options | client_options(settings)
