"""The topics, and making them on any broker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from ingestion.sources.events.columns import TOPICS
from ontime.errors import OntimeError
from ontime.settings import Settings
from streaming.broker.client import bootstrap_servers, client_options

DEAD_LETTERS: Final = "dead-letters"
ALL_TOPICS: Final = (*TOPICS, DEAD_LETTERS)
MAKE_SECONDS: Final = 30
ASK_SECONDS: Final = 5


def make_topics(settings: Settings, names: tuple[str, ...] = ALL_TOPICS) -> list[str]:
    """Make the topics that do not exist yet, and return them; those that do are left as they are.

    Raises:
        OntimeError: If one cannot be made.
    """
    admin = AdminClient(client_options(settings))
    topics = [NewTopic(name, settings.kafka_partitions, settings.kafka_replication_factor) for name in names]
    made = []
    for name, future in admin.create_topics(topics, request_timeout=MAKE_SECONDS).items():
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


@dataclass(frozen=True)
class Topic:
    """A topic as the broker has it.

    Attributes:
        topic_id: Another one where a topic of that name was made again.
        partitions: How many it has; they only ever become more.
    """

    topic_id: str
    partitions: int


def find_topics(settings: Settings, names: tuple[str, ...] = TOPICS) -> dict[str, Topic] | None:
    """The topics that exist, by name; None while no broker answers.

    A client that learns that a topic was made again crashes the process before long: the one that asks is always new.
    """
    found: dict[str, Topic] = {}
    admin = AdminClient(client_options(settings))
    asked = admin.describe_topics(TopicCollection(list(names)), request_timeout=ASK_SECONDS)
    for name, future in asked.items():
        try:
            topic = future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                return None
        else:
            found[name] = Topic(str(topic.topic_id), len(topic.partitions))
    return found
