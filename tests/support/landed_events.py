"""A period of a built warehouse as events in landing, as a sink would have landed them."""

from datetime import datetime

import duckdb
import pyarrow as pa

from ingestion.landing import Landing
from ingestion.sources.events.columns import CONSUMED
from ingestion.sources.events.landed import land_batch
from ontime.settings import Settings
from streaming.events.examining import examine
from streaming.replay.encoding import encode_period

PARTITIONS = 3


def records_of(warehouse, start: datetime, end: datetime) -> pa.Table:
    """The events of a period as a consumer has them, in the order in which they were known."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        events = encode_period(connection, start, end).read_all()
    with duckdb.connect() as connection:
        connection.register("events", events)
        numbered = connection.execute(
            "select topic, 1::bigint as topic_generation, topic_partition,"
            " row_number() over (partition by topic, topic_partition order by place) - 1 as topic_offset,"
            " known_at as taken_at, key::blob as key, document::blob as value"
            f" from (select *, (hash(key) % {PARTITIONS})::bigint as topic_partition, row_number() over () as place"
            " from events) order by place"
        ).to_arrow_table()
    return numbered.cast(CONSUMED)


def land(settings: Settings, records: pa.Table) -> None:
    """Land them as one batch."""
    land_batch(Landing(settings), examine(records))
