"""The broker: how to reach it, its topics, and one of one's own for demonstrations and tests."""
