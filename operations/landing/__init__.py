"""The upkeep of landing."""
