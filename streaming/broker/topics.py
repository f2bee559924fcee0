"""The topics, and making them on any broker."""

from __future__ import annotations

from typing import Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from ontime.errors import OntimeError
from ontime.settings import Settings
from streaming.broker.client import bootstrap_servers, client_options

FLIGHT_EVENTS: Final = "flight-events"
WEATHER_REPORTS: Final = "weather-reports"
DEAD_LETTERS: Final = "dead-letters"
# those that the sink reads
CONSUMED: Final = (FLIGHT_EVENTS, WEATHER_REPORTS)
TOPICS: Final = (*CONSUMED, DEAD_LETTERS)
TIMEOUT_SECONDS: Final = 30


def make_topics(settings: Settings, names: tuple[str, ...] = TOPICS) -> list[str]:
    """Make the topics that do not exist yet, and return them; those that do are left as they are.

    Raises:
        OntimeError: If one cannot be made.
    """
    admin = AdminClient(client_options(settings))
    topics = [NewTopic(name, settings.kafka_partitions, settings.kafka_replication_factor) for name in names]
    made = []
    for name, future in admin.create_topics(topics, request_timeout=TIMEOUT_SECONDS).items():
        try:
            future.result()
        except KafkaException as error:
            reason = error.args[0]
            if reason.code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise OntimeError(
                    f"the topic {name} cannot be made: {reason.str()}", where=bootstrap_servers(settings)
                ) from None
        else:
            made.append(name)
    return made
