"""Events through a broker: their schemas, the producer, the sink and the live features."""
