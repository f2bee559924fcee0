"""Whether targets hold the same rows."""
