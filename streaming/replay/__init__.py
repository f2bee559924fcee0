"""A loaded period as events."""
