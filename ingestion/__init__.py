"""Extract and load: sources to landing to the raw schemas of the target engine."""
