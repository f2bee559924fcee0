"""The upkeep of the lake."""
